"""What both scripts beside it share: PyTorch on one thread. Run by itself it prints which libraries that is. Import it before torch."""
import json
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import torch  # noqa: E402  (the thread variables must be set first)

torch.set_num_threads(1)
torch.manual_seed(0)


def blas():
    """File names of the BLAS library that this process really loaded; none where the system does not tell."""
    torch.ones(8, 8) @ torch.ones(8, 8)
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps if "blas" in line or "mkl_" in line}
    except OSError:
        return []
    return sorted(os.path.basename(os.path.realpath(path)) for path in paths if path.startswith("/"))


def machine():
    return {"torch": torch.__version__, "blas": blas()}


if __name__ == "__main__":
    print(json.dumps(machine()))
