"""The odd thing beside the thing: a small toy in a corner, or something that stands in front."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from . import draws, palettes
from .pen import Pen
from .scenes import Scenes
from .sdf import box, circle, convex, ellipse, ring, union


def toy(scenes: Scenes, x: Tensor, y: Tensor) -> Pen:
    """A ball, block, ring, kite or cross by the picture's edge, as small as a tenth to a fifth of it."""
    key = scenes.key
    around = draws.between(key, "toy around", 0, 2 * math.pi)
    # Along the border: a circle stretched on to a square.
    cx, cy = (around.cos() * 1.25).clamp(-0.85, 0.85), (around.sin() * 1.25).clamp(-0.85, 0.85)
    pen = _pen(scenes, "toy", x, y, cx, cy, draws.between(key, "toy size", 0.11, 0.2))
    u, v = pen.x, pen.y
    shapes = (
        circle(u, v, 0.0, 0.0, 0.9),
        box(u, v, 0.0, 0.0, 0.8, 0.8, 0.15),
        ring(u, v, 0.0, 0.0, 0.7, 0.25),
        convex(u, v, (0.0, -1.0), (0.65, 0.15), (0.0, 0.9), (-0.65, 0.15)),
        union(box(u, v, 0.0, 0.0, 0.9, 0.28, 0.1), box(u, v, 0.0, 0.0, 0.28, 0.9, 0.1)),
    )
    pen.part(_pick(shapes, draws.choice(key, "toy kind", len(shapes))), "main", dome=0.7)
    return pen


def occluder(scenes: Scenes, x: Tensor, y: Tensor) -> Pen:
    """A ball, leaf or post that hides a part of the thing's side."""
    key = scenes.key
    around = draws.between(key, "front around", 0, 2 * math.pi)
    radius = scenes.size * draws.between(key, "front size", 0.26, 0.4)
    away = scenes.size * 0.72
    cx = scenes.centre[:, 0] + away * around.cos()
    cy = scenes.centre[:, 1] + away * around.sin()
    pen = _pen(scenes, "front", x, y, cx, cy, radius)
    u, v = pen.x, pen.y
    shapes = (
        circle(u, v, 0.0, 0.0, 0.95),
        ellipse(u, v, 0.0, 0.0, 1.3, 0.6),
        box(u, v, 0.0, 0.0, 0.34, 6.0),
        box(u, v, 0.0, 0.0, 0.85, 0.85, 0.3),
    )
    pen.part(_pick(shapes, draws.choice(key, "front kind", len(shapes))), "main", dome=0.5)
    return pen


def _pen(
    scenes: Scenes, name: str, x: Tensor, y: Tensor, cx: Tensor, cy: Tensor, radius: Tensor
) -> Pen:
    device, key = x.device, scenes.key
    colour = draws.choice(key, f"{name} colour", len(palettes.COLOURS))
    painted = palettes.of_things(key + 1, colour)
    turn = draws.between(key, f"{name} turn", -math.pi, math.pi)
    cx, cy, scale, cos, sin = (
        t.to(device)[:, None, None] for t in (cx, cy, radius, turn.cos(), turn.sin())
    )
    u = ((x - cx) * cos + (y - cy) * sin) / scale
    v = ((x - cx) * sin - (y - cy) * cos) / scale
    colours = {name: rgb.to(device)[:, :, None, None] for name, rgb in painted.items()}
    return Pen(u, v, scale * (x.shape[-1] / 2), colours, scenes.form.to(device))


def _pick(shapes: tuple[Tensor, ...], kind: Tensor) -> Tensor:
    kind = kind.to(shapes[0].device)[:, None, None]
    picked = shapes[0]
    for k, shape in enumerate(shapes[1:], 1):
        picked = torch.where(kind == k, shape, picked)
    return picked
