"""A plate seen in a place: perspective, light and what lies behind, differentiable in the plate's paint."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ..errors import DatasetError
from ..world import draws
from ..world.scenery import PAINTERS, View
from .poses import BACKGROUNDS, Poses, sample_poses

MIN_SIZE = 8
_FOCAL = 2.5  # in half sides of the picture: a field of view of 44 degrees
_FAR = 1e4  # half sides: off the plate, wherever that is
_SMALLEST_LEVEL = 8  # texels a side of the coarsest copy of a plate


def view(
    texture: Tensor,
    alpha: Tensor,
    poses: Poses,
    size: int = 48,
    *,
    behind: Tensor | None = None,
) -> Tensor:
    """Pictures of a plate on its post, one for each pose; differentiable in `texture`.

    A homography takes each pixel to its place on the plate, and the plate is read there bilinearly
    from a copy of it that is about as coarse as the picture (a mip map: L. Williams, Pyramidal
    parametrics, SIGGRAPH 1983), so that far signs shimmer no more than in a camera.

    Args:
        texture: (3, S, S) float in [0, 1], the paint.
        alpha: (1, S, S) in [0, 1], the plate's outline. Paint outside it is never seen.
        poses: N of them.
        size: side of the pictures in pixels.
        behind: (N, 3, size, size) from `scenery(poses, size)`, where it is at hand already.

    Returns:
        (N, 3, size, size) float32 in [0, 1], on the texture's device.

    Raises:
        DatasetError: (a ValueError) shapes that don't fit together, or a size that shows nothing.
    """
    _check(texture, alpha, poses, size, behind)
    device = texture.device
    if behind is None:
        behind = scenery(poses, size, device)
    plate_axes = _plate(poses)  # (N, 3, 3)
    u, v = (part.to(texture.dtype) for part in _on_the_plate(plate_axes, size, device))  # (N, H, W)
    seen = _read(
        torch.cat([texture * alpha, alpha]),
        u,
        v,
        _texels_a_pixel(poses, plate_axes, texture.shape[-1], size),
    )
    paint, cover = seen[:, :3], seen[:, 3:]
    shade = _shade(poses, plate_axes, u, v)  # (N, 1, size, size)
    post = _post(u, v, poses, size)  # (N, 1, size, size)
    world = torch.lerp(behind, (shade * _STEEL).expand_as(behind), post.expand_as(behind))
    world = world * (1 - cover) + paint * shade
    return _camera(world, poses)


def scenery(poses: Poses, size: int, device: torch.device | str | None = None) -> Tensor:
    """The places behind the signs, unlit: (N, 3, size, size) float32 in [0, 1]."""
    target = torch.device(device or "cpu")
    place = (torch.arange(size, device=target) + 0.5) * (2 / size) - 1
    rgb = torch.empty(len(poses), 3, size, size, device=target)
    with torch.no_grad():
        for kind in poses.background.unique().tolist():
            rows = (poses.background == kind).nonzero()[:, 0]
            there = View(poses.key[rows], place[None, None, :], place[None, :, None])
            rgb[rows.to(target)] = PAINTERS[BACKGROUNDS[kind]](there).clamp_(0, 1)
    return rgb


def viewer(
    alpha: Tensor, *, size: int = 48, places: int = 128, seed: int = 0, **ranges: Any
) -> Callable[[Tensor, int, torch.Generator | None], Tensor]:
    """Random views for an attack: a function (texture, n, generator) -> (n, 3, size, size).

    Each call draws new poses; the places behind are painted once and dealt out at random, because
    painting them takes longer than all the rest of a view.

    Args:
        alpha: (1, S, S), the plate's outline.
        places: how many to paint.
        seed: of the places, and of the poses where no generator is given.
        **ranges: as for `sample_poses`.
    """
    drawn = sample_poses(places, seed, **ranges)
    painted = scenery(drawn, size)
    own = torch.Generator().manual_seed(seed)

    def views(texture: Tensor, n: int, generator: torch.Generator | None = None) -> Tensor:
        poses = sample_poses(n, own if generator is None else generator, **ranges)
        place = draws.choice(poses.key, "place", places)
        behind = painted[place].to(texture.device)
        return view(texture, alpha.to(texture.device), poses, size, behind=behind)

    return views


def _check(texture: Tensor, alpha: Tensor, poses: Poses, size: int, behind: Tensor | None) -> None:
    side = texture.shape[-1]
    if texture.shape != (3, side, side) or alpha.shape != (1, side, side):
        raise DatasetError(
            f"texture {tuple(texture.shape)} and alpha {tuple(alpha.shape)} must be (3, S, S) and (1, S, S), "
            "as plate() gives them"
        )
    if not isinstance(size, Integral) or isinstance(size, bool) or size < MIN_SIZE:
        raise DatasetError(f"size = {size!r}: give a whole number of at least {MIN_SIZE} pixels")
    if behind is not None and behind.shape != (len(poses), 3, size, size):
        raise DatasetError(
            f"behind {tuple(behind.shape)} must be {(len(poses), 3, size, size)}, as scenery(poses, {size}) gives it"
        )


def _plate(poses: Poses) -> Tensor:
    """(N, 3, 3): rows are the plate's two half axes and its centre, in the camera's frame.

    The camera looks along z, x points right, y down; the plate's half side is 1.
    """
    cy, sy = poses.yaw.cos(), poses.yaw.sin()
    cp, sp = poses.pitch.cos(), poses.pitch.sin()
    cr, sr = poses.roll.cos(), poses.roll.sin()
    across = torch.stack([cy, torch.zeros_like(cy), sy], 1)  # (N, 3)
    down = torch.stack([sy * sp, cp, -cy * sp], 1)
    right = across * cr[:, None] + down * sr[:, None]
    under = down * cr[:, None] - across * sr[:, None]
    z = _FOCAL * poses.distance
    centre = torch.cat([poses.shift * poses.distance[:, None], z[:, None]], 1)
    return torch.stack([right, under, centre], 1)


def _on_the_plate(plate: Tensor, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Each pixel's place (u, v) on the plate's plane, [-1, 1] within the plate: (N, size, size) each.

    The ray t r through a pixel meets the plane where centre + u right + v under = t r. Cramer's rule
    gives u = r . (under x centre) / (r . n) and v = r . (centre x right) / (r . n), n = right x under.
    """
    right, under, centre = plate.to(device).unbind(1)
    normal = torch.linalg.cross(right, under)
    place = (torch.arange(size, device=device) + 0.5) * (2 / size) - 1

    def along_the_rays(vector: Tensor) -> Tensor:
        x, y, z = vector[:, :, None, None].unbind(1)
        return (x * place[None, None, :] + y * place[None, :, None]) / _FOCAL + z

    facing = along_the_rays(normal)
    ahead = facing > 1e-3  # a ray beyond the plane's horizon never meets it
    facing = torch.where(ahead, facing, 1.0)
    u = along_the_rays(torch.linalg.cross(under, centre)) / facing
    v = along_the_rays(torch.linalg.cross(centre, right)) / facing
    return torch.where(ahead, u, _FAR), torch.where(ahead, v, _FAR)


def _texels_a_pixel(poses: Poses, plate: Tensor, side: int, size: int) -> Tensor:
    """How many texels lie along a pixel at the plate's centre: (N,), the mean of its two directions."""
    right, under, centre = plate.unbind(1)
    normal = torch.linalg.cross(right, under)
    facing = (normal * centre).sum(1) / centre.norm(dim=1)
    return side * poses.distance / (size * facing.clamp(min=0.05).sqrt())


def _read(picture: Tensor, u: Tensor, v: Tensor, coarseness: Tensor) -> Tensor:
    """The picture (C, S, S) at the places (u, v), from copies as coarse as asked: (N, C, size, size)."""
    side = picture.shape[-1]
    levels = [picture]
    while levels[-1].shape[-1] // 2 >= _SMALLEST_LEVEL:
        levels.append(F.adaptive_avg_pool2d(picture, side >> len(levels)))
    level = coarseness.log2().clamp(0, len(levels) - 1).to(picture)
    grid = torch.stack([u, v], -1)  # (N, size, size, 2)
    n, size = u.shape[:2]
    seen = picture.new_zeros(n, len(picture), size, size)
    for k, copy in enumerate(levels):
        weight = (1 - (level - k).abs()).clamp(min=0)
        rows = weight.nonzero()[:, 0]
        if len(rows):
            # One long strip instead of a batch: the copy's gradient is summed where it lies.
            strip = grid[rows].reshape(1, -1, size, 2)
            read = F.grid_sample(copy[None], strip, align_corners=False)[0]
            part = read.view(len(picture), len(rows), size, size).transpose(0, 1)
            seen = seen.index_add(0, rows, part * weight[rows, None, None, None])
    return seen


_STEEL = 0.55  # how light the post is
_POST = 0.055  # half its width


def _post(u: Tensor, v: Tensor, poses: Poses, size: int) -> Tensor:
    """How much of each pixel the post covers: (N, 1, size, size)."""
    pixels = (size / (2 * poses.distance)).to(u.device)[:, None, None]  # in one unit of the plate
    beside = (0.5 - (u.abs() - _POST) * pixels).clamp(0, 1)
    below = (0.5 + (v + 0.4) * pixels).clamp(0, 1)
    return (beside * below)[:, None]


def _shade(poses: Poses, plate: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """How light white paint looks on the plate: (N, 1, size, size), about 1 when it faces the light."""
    right, under, _ = plate.unbind(1)
    normal = -torch.linalg.cross(right, under)  # towards the camera
    lx, ly = poses.light.cos(), -poses.light.sin()
    towards = torch.stack([lx, ly, torch.full_like(lx, -1.5)], 1)
    towards = towards / towards.norm(dim=1, keepdim=True)
    facing = (normal * towards).sum(1).clamp(min=0)
    even = (0.5 + 0.6 * facing).to(u.device)[:, None, None]
    across = (
        u.clamp(-1, 1) * lx.to(u.device)[:, None, None]
        + v.clamp(-1, 1) * ly.to(u.device)[:, None, None]
    )
    return (even + 0.08 * across)[:, None]


def _camera(rgb: Tensor, poses: Poses) -> Tensor:
    """The light's strength and tint, and the camera's grain."""
    device, size = rgb.device, rgb.shape[-1]
    tint = 0.09 * poses.warmth
    gain = torch.stack([1 + tint, torch.ones_like(tint), 1 - tint], 1) * poses.exposure[:, None]
    grain = draws.between(poses.key, "sign grain", 0.002, 0.01).to(device)
    speckle = draws.lattice(poses.key.to(device), "sign speckle", size, size)
    seen = rgb * gain.to(device)[:, :, None, None] + (speckle * grain[:, None, None])[:, None]
    return seen.clamp(0, 1)
