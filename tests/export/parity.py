"""Loads exported folders with a second implementation and compares with their parity.json.

usage: python3 tests/export/parity.py OUT [REFERENCE]
OUT holds mae/ and encoder/; REFERENCE is the folder with gen/vitmae_ref.py (default ../shared/reference).
Needs torch. Prints a line per tensor; exits 1 when one differs by more than 1e-4 * max(1, max|value|).
"""
import json
import struct
import sys
from pathlib import Path

import torch
import torch.nn.functional as F


def load_safetensors(path):
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + length])
    assert raw[8:9] == b"{" and (8 + length) % 8 == 0, "header"
    assert header.pop("__metadata__") == {"format": "pt"}
    data, end, out = raw[8 + length:], 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        assert set(entry) == {"dtype", "shape", "data_offsets"} and entry["dtype"] == "F32", name
        assert entry["data_offsets"][0] == end, name
        end = entry["data_offsets"][1]
        values = torch.frombuffer(bytearray(data[entry["data_offsets"][0]:end]), dtype=torch.float32)
        out[name] = values.reshape(entry["shape"]).double()
    assert end == len(data), "size"
    return out


def tensor(of):
    return torch.tensor(of["data"], dtype=torch.float64).reshape(of["shape"])


def encoder_forward(ref, w, c, pixels):
    """ViTModel without its pooler: nothing hidden."""
    p, eps, d = c["patch_size"], c["layer_norm_eps"], c["hidden_size"]
    name = "embeddings.patch_embeddings.projection."
    x = F.conv2d(pixels, w[name + "weight"], w[name + "bias"], stride=p).flatten(2).transpose(1, 2)
    x = torch.cat([w["embeddings.cls_token"].expand(len(x), -1, -1), x], 1) + w["embeddings.position_embeddings"]
    for i in range(c["num_hidden_layers"]):
        x = ref.block(w, f"encoder.layer.{i}.", x, c["num_attention_heads"], eps)
    return F.layer_norm(x, (d,), w["layernorm.weight"], w["layernorm.bias"], eps)


def results(ref, folder):
    c = json.loads((folder / "config.json").read_text())
    parity = json.loads((folder / "parity.json").read_text())
    w = load_safetensors(folder / "model.safetensors")
    pixels, expected = tensor(parity["pixel_values"]), parity["expected"]
    assert len(pixels) >= 2 and not torch.equal(pixels[0], pixels[1])
    if c["model_type"] == "vit":
        assert not any("decoder" in name or "pooler" in name or name.startswith("vit.") for name in w)
        got = {"last_hidden_state": encoder_forward(ref, w, c, pixels)}
    else:
        assert {name: tuple(t.shape) for name, t in w.items()} == ref.mae_shapes(c), "names and shapes"
        assert list(w) == list(ref.mae_shapes(c)), "order"
        got = ref.mae_forward(w, c, pixels.permute(0, 2, 3, 1), tensor(parity["noise"]))
        got["last_hidden_state"] = got["latent"]
    for name, value in expected.items():
        want = tensor(value) if isinstance(value, dict) else torch.tensor(value, dtype=torch.float64)
        assert got[name].shape == want.shape, name
        yield name, (got[name] - want).abs().max().item(), 1e-4 * max(1.0, want.abs().max().item())


def main():
    here = Path(__file__).resolve()
    reference = Path(sys.argv[2]) if len(sys.argv) > 2 else here.parents[3] / "shared" / "reference"
    sys.path.insert(0, str(reference / "gen"))
    import vitmae_ref as ref

    failed = False
    for kind in ("mae", "encoder"):
        for name, difference, limit in results(ref, Path(sys.argv[1]) / kind):
            failed |= not difference <= limit
            print(f"{kind:8} {name:18} difference {difference:.2e}  limit {limit:.2e}")
    sys.exit(1 if failed else 0)


main()
