"""Times PyTorch's operations on one thread: the twins of tests/bench/stand/operations.ts.

Prints one line of JSON on what it runs on, then answers each line of JSON on stdin, such as
{"kind": "gelu", "sizes": [1088, 512], "direction": "both", "samples": 3}, with a line of milliseconds, one for each sample; `both` is
forward and backward. A sample is the mean over as many calls as fill 20 ms. Ends with its stdin.
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
    if kind == "crossEntropy":
        rows, classes = sizes
        targets = torch.randint(classes, (rows,))
        return (new(rows, classes),), lambda logits: F.cross_entropy(logits, targets)
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


def sampler_of(call):
    """Warms up; the function that takes some samples."""
    def sample(calls):
        began = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - began) / calls

    began, fastest = time.perf_counter(), sample(1)
    while time.perf_counter() - began < WARM_S:
        fastest = min(fastest, sample(1))
    calls = min(2000, max(1, int(SAMPLE_S / fastest)))
    return lambda count: [1e3 * sample(calls) for _ in range(count)]


def call_of(kind, sizes, direction):
    if kind == "adamw":
        return adamw_call(*sizes)
    inputs, of = differentiable(kind, sizes)
    if direction == "forward":
        return lambda: of(*inputs)
    dy = torch.randn_like(of(*inputs))
    return lambda: torch.autograd.grad(of(*inputs), inputs, dy)


def main():
    print(json.dumps(machine()), flush=True)
    samplers = {}
    for line in sys.stdin:
        request = json.loads(line)
        name = (request["kind"], tuple(request["sizes"]), request["direction"])
        if name not in samplers:
            samplers[name] = sampler_of(call_of(*name))
        print(json.dumps(samplers[name](request["samples"])), flush=True)


main()
