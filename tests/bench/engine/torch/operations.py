"""Times PyTorch's operations on one thread: the twins of tests/bench/stand/operations.ts.

  python3 operations.py '{"GELU": {"kind": "gelu", "sizes": [1088, 512]}}' SAMPLES

Prints one JSON object: torch, blas, operations: {name: {forwardMs: [...], bothMs: [...]}}; `both` is forward and backward.
A sample is the mean over as many calls as fill 20 ms.
"""
import json
import sys
import time

from onethread import machine, torch
import torch.nn.functional as F

SAMPLE_S = 0.02
WARM_S = 0.1


def attention(qkv, batch, tokens, heads, channels):
    """The attention of MAE's reference step: [B, T, 3 D] -> [B, T, D]."""
    q, k, v = qkv.reshape(batch, tokens, 3, heads, channels).permute(2, 0, 3, 1, 4)
    a = (q * channels ** -0.5 @ k.transpose(-2, -1)).softmax(-1)
    return (a @ v).transpose(1, 2).reshape(batch, tokens, heads * channels)


def differentiable(kind, sizes):
    """Inputs and the function of them."""
    new = lambda *shape: torch.randn(*shape, requires_grad=True)  # noqa: E731
    if kind in ("linear", "linearGelu"):
        rows, inputs, outputs = sizes
        after = F.gelu if kind == "linearGelu" else lambda y: y
        return (new(rows, inputs), new(outputs, inputs), new(outputs)), lambda x, w, b: after(F.linear(x, w, b))
    if kind == "layerNorm":
        width = sizes[-1]
        return (new(*sizes), new(width), new(width)), lambda x, w, b: F.layer_norm(x, (width,), w, b, 1e-6)
    if kind == "attention":
        batch, tokens, heads, channels = sizes
        return (new(batch, tokens, 3 * heads * channels),), lambda qkv: attention(qkv, *sizes)
    if kind == "gelu":
        return (new(*sizes),), F.gelu
    if kind == "add":
        return (new(*sizes), new(*sizes)), torch.add
    if kind == "ntXent":
        return (new(*sizes),), nt_xent
    if kind == "gatherRows":
        rows, width, picked = sizes
        index = torch.randint(rows, (picked,))
        return (new(rows, width),), lambda x: x[index]
    raise SystemExit("operations.py: expected a kind of operations.ts, received " + kind)


def nt_xent(z, temperature=0.2):
    unit = F.normalize(z, dim=1)
    logits = unit @ unit.T / temperature
    logits = logits.masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    half = len(z) // 2
    return F.cross_entropy(logits, torch.arange(len(z)).roll(half))


def adamw_call(size):
    p = torch.randn(size, requires_grad=True)
    p.grad = torch.randn(size)
    return torch.optim.AdamW([p], lr=1e-3, betas=(0.9, 0.95), weight_decay=0.05).step


def samples_of(call, count):
    def sample(calls):
        began = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - began) / calls

    began, fastest = time.perf_counter(), sample(1)
    while time.perf_counter() - began < WARM_S:
        fastest = min(fastest, sample(1))
    calls = min(2000, max(1, int(SAMPLE_S / fastest)))
    return [1e3 * sample(calls) for _ in range(count)]


def measure(spec, count):
    kind, sizes = spec["kind"], spec["sizes"]
    if kind == "adamw":
        return {"forwardMs": samples_of(adamw_call(*sizes), count)}
    inputs, of = differentiable(kind, sizes)
    dy = torch.randn_like(of(*inputs))
    return {
        "forwardMs": samples_of(lambda: of(*inputs), count),
        "bothMs": samples_of(lambda: torch.autograd.grad(of(*inputs), inputs, dy), count),
    }


def main():
    specs, count = json.loads(sys.argv[1]), int(sys.argv[2])
    print(json.dumps({**machine(), "operations": {name: measure(spec, count) for name, spec in specs.items()}}))


main()
