"""Throughput of SimCLR training steps in PyTorch on one thread; prints one JSON object.

  python3 simclr.py '{"dim": 128, "depth": 4, "heads": 4, "patch": 4, "image": 32, "projection": [128, 64], "batch": 32}' STEPS

A step: a ViT on both views of each picture, the mean of the patch tokens, a projection head with GELU between its layers,
NT-Xent at temperature 0.2, backward, AdamW, and the read-back of the loss. The views are random values: making them is no part of it.
"""
import json
import statistics
import sys
import time

from onethread import machine, torch
import torch.nn as nn
import torch.nn.functional as F

TEMPERATURE = 0.2
WARM_UP = 2


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.fc1, self.fc2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = (q * (d // self.heads) ** -0.5 @ k.transpose(-2, -1)).softmax(-1)
        x = x + self.proj((a @ v).transpose(1, 2).reshape(b, t, d))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class SimClr(nn.Module):
    def __init__(self, dim, depth, heads, patch, image, projection, **_):
        super().__init__()
        self.embed = nn.Linear(patch * patch, dim)
        self.cls = nn.Parameter(torch.randn(1, 1, dim) * 0.02)
        self.register_buffer("pos", torch.randn(1, 1 + (image // patch) ** 2, dim))
        self.blocks = nn.Sequential(*(Block(dim, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        widths = [dim, *projection]
        layers = [layer for i, o in zip(widths, widths[1:]) for layer in (nn.GELU(), nn.Linear(i, o))]
        self.head = nn.Sequential(*layers[1:])

    def forward(self, patches):
        x = torch.cat([self.cls.expand(len(patches), -1, -1), self.embed(patches)], 1) + self.pos
        return self.head(self.norm(self.blocks(x))[:, 1:].mean(1))


def nt_xent(z):
    unit = F.normalize(z, dim=1)
    logits = (unit @ unit.T / TEMPERATURE).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(z) // 2))


def main():
    sizes, steps = json.loads(sys.argv[1]), int(sys.argv[2])
    model = SimClr(**sizes)
    decay = [p for p in model.parameters() if p.dim() > 1 and p.shape[0] > 1]
    rest = [p for p in model.parameters() if not (p.dim() > 1 and p.shape[0] > 1)]
    groups = [{"params": decay, "weight_decay": 0.05}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95))
    batch, patch = sizes["batch"], sizes["patch"]
    views = torch.randn(2 * batch, (sizes["image"] // patch) ** 2, patch * patch)
    seconds = []
    for _ in range(WARM_UP + steps):
        began = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = nt_xent(model(views))
        loss.backward()
        optimizer.step()
        loss.item()
        seconds.append(time.perf_counter() - began)
    rate = batch / statistics.median(seconds[WARM_UP:])
    print(json.dumps({**machine(), "samples_per_s": rate, "params": sum(p.numel() for p in model.parameters())}))


main()
