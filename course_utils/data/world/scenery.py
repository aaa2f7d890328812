"""Ten places that a thing may be seen in, each painted from far to near."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from . import draws, noise, palettes

Colour = str | Tensor


class View:
    """A batch of pictures of one place while it is painted.

    Args:
        key: (N,) int64 on the CPU.
        x, y: (1, 1, W) and (1, H, 1) coordinates in [-1, 1], y down, on the device to paint on.
    """

    def __init__(self, key: Tensor, x: Tensor, y: Tensor) -> None:
        self.key, self.x, self.y = key, x, y
        self.device, self.size = x.device, x.shape[-1]
        self._key_there = key.to(self.device)
        self.rgb = torch.zeros(len(key), 3, self.size, self.size, device=self.device)

    def draw(self, name: str, low: float, high: float) -> Tensor:
        """A number for each picture: (N, 1, 1)."""
        return draws.between(self.key, name, low, high).to(self.device)[:, None, None]

    def noise(self, name: str, *cells: int) -> Tensor:
        """(N, H, W), roughly in [-1, 1]."""
        return noise.fractal(self._key_there, name, self.size, cells)

    def cells(self, name: str, rows: int, columns: int) -> Tensor:
        """A random number in [-1, 1] for each cell of a grid laid on the picture: (N, H, W)."""
        values = draws.lattice(self._key_there, name, rows, columns)
        down = (torch.arange(self.size, device=self.device) * rows) // self.size
        along = (torch.arange(self.size, device=self.device) * columns) // self.size
        return values[:, down][:, :, along]

    def dots(self, name: str, count: int, share: float) -> Tensor:
        """Distance to a point in each of count x count cells, far where a cell has none: (N, H, W)."""
        u, v = _wrap((self.x + 1) * (count / 2)) - 0.5, _wrap((self.y + 1) * (count / 2)) - 0.5
        du = u - 0.3 * self.cells(f"{name} x", count, count)
        dv = v - 0.3 * self.cells(f"{name} y", count, count)
        absent = self.cells(name, count, count) > share * 2 - 1
        return (du.square() + dv.square()).sqrt() * (2 / count) + absent * 9.0

    def fill(self, colour: Colour) -> None:
        self.rgb = _tone(colour, self.device).expand_as(self.rgb).clone()

    def fade(self, top: Colour, bottom: Colour, low: float | Tensor = 1.0) -> None:
        """The whole picture from `top` to `bottom`, reached at y = low."""
        t = ((self.y + 1) / (low + 1)).clamp(0, 1)[:, None]
        upper, lower = _tone(top, self.device), _tone(bottom, self.device)
        self.rgb = (upper + (lower - upper) * t).expand_as(self.rgb).clone()

    def paint(
        self, distance: Tensor, colour: Colour, strength: float | Tensor = 1.0, soft: float = 0.0
    ) -> None:
        """Paints where distance (broadcast to (N, H, W), in the picture's units) is negative."""
        width = 2 / self.size + soft
        cover = (0.5 - distance / width).clamp(0, 1) * strength
        self.rgb = torch.lerp(
            self.rgb,
            _tone(colour, self.device).expand_as(self.rgb),
            cover[:, None].expand_as(self.rgb),
        )

    def vary(self, amount: float, *cells: int, name: str = "mottle") -> None:
        """Lighter and darker by noise, so that nothing is quite flat."""
        self.rgb = self.rgb * (1 + amount * self.noise(name, *(cells or (6, 12, 24))))[:, None]


def _wrap(t: Tensor) -> Tensor:
    """Repeats with period 1: in [0, 1), for negative t too."""
    return t - t.floor()


def _tone(colour: Colour, device: torch.device) -> Tensor:
    """(1, 3, 1, 1) from "#rrggbb"; a tensor stays as it is."""
    if isinstance(colour, Tensor):
        return colour
    return palettes.hexes((colour,)).to(device)[:, :, None, None]


def _ridge(view: View, name: str, level: Tensor, height: float, waves: float) -> Tensor:
    """Distance below a rolling line: negative under it."""
    phase = view.draw(f"{name} phase", 0.0, 6.28)
    swell = torch.sin(view.x * waves + phase) + 0.5 * torch.sin(view.x * waves * 2.3 + 2 * phase)
    return level + height * swell - view.y


def desert(view: View) -> Tensor:
    horizon = view.draw("horizon", -0.25, 0.25)
    view.fade("#8fc1dd", "#fbe3bd", horizon)
    sun = (view.x - view.draw("sun", -0.8, 0.8)).square() + (view.y - horizon + 0.45).square()
    view.paint(sun.sqrt() - 0.16, "#fff3c4", soft=0.1)
    view.paint(_ridge(view, "far", horizon, 0.06, 3.0), "#e0a96d")
    near = _ridge(view, "near", horizon + 0.35, 0.12, 2.0)
    view.paint(near, "#eec284")
    ripples = torch.sin((view.y + 0.15 * view.noise("ripple", 4, 8)) * 42)
    view.paint(near.clamp(min=-0.2) + 0.1 - 0.05 * ripples, "#d79b58", 0.4, soft=0.05)
    view.vary(0.05)
    return view.rgb


def meadow(view: View) -> Tensor:
    horizon = view.draw("horizon", -0.3, 0.2)
    view.fade("#7fbbe8", "#dff0f7", horizon)
    view.paint(0.35 - view.noise("clouds", 3, 6, 12), "#ffffff", 0.8, soft=0.7)
    view.paint(_ridge(view, "far", horizon, 0.08, 2.5), "#8fbf78")
    view.paint(_ridge(view, "near", horizon + 0.3, 0.09, 1.8), "#6fab55")
    blades = view.cells("grass", 12, 48)
    view.paint(_ridge(view, "near", horizon + 0.34, 0.09, 1.8) + 0.06 * blades, "#5c9a48", 0.6)
    low = (horizon + 0.4 - view.y) * 9
    for name, colour in (("daisy", "#fff6e8"), ("poppy", "#e2574c"), ("crocus", "#b48ad6")):
        view.paint(torch.maximum(view.dots(name, 12, 0.22) - 0.035, low), colour)
    view.vary(0.05)
    return view.rgb


def street(view: View) -> Tensor:
    kerb = view.draw("kerb", 0.15, 0.5)
    view.fade("#a9cfe6", "#f3e3d3", kerb)
    for layer, (tall, columns, light) in enumerate(((0.75, 7, 1.0), (0.35, 5, 0.8))):
        roofs = kerb - tall + 0.3 * view.cells(f"roof {layer}", 1, columns)
        shade = 0.7 + 0.2 * view.cells(f"wall {layer}", 1, columns)
        wall = _tone("#c8a48f", view.device) * (shade * light)[:, None]
        facade = torch.maximum(roofs - view.y, view.y - kerb)
        view.paint(facade, wall)
        u, v = _wrap((view.x + 1) * columns * 1.5) - 0.5, _wrap(view.y * 6) - 0.5
        lit = view.cells(f"lit {layer}", 12, columns * 3) > 0.2
        window = torch.maximum(torch.maximum(u.abs() - 0.22, v.abs() - 0.28) * 0.15, facade + 0.07)
        view.paint(
            window,
            torch.where(lit[:, None], _tone("#ffe29a", view.device), _tone("#5f7386", view.device)),
        )
    view.paint(kerb - view.y, "#b9b4ad")
    view.paint(kerb + 0.16 - view.y, "#62656c")
    dashes = torch.maximum(
        (_wrap(view.x * 2.2 + view.draw("dash", 0, 1)) - 0.5).abs() - 0.28,
        (view.y - kerb - 0.42).abs() - 0.03,
    )
    view.paint(dashes, "#f2efe4")
    view.vary(0.05)
    return view.rgb


def sea(view: View) -> Tensor:
    horizon = view.draw("horizon", -0.35, 0.15)
    view.fade("#9fd3ee", "#fdeee0", horizon)
    view.paint(0.4 - view.noise("clouds", 3, 6, 12), "#ffffff", 0.8, soft=0.6)
    depth = ((view.y - horizon) / (1 - horizon)).clamp(0, 1)[:, None]
    near, far = _tone("#1f6f99", view.device), _tone("#5db4cd", view.device)
    view.paint(horizon - view.y, far + (near - far) * depth)
    swell = torch.sin((view.y - horizon).clamp(min=0).sqrt() * 40 + 2.5 * view.noise("swell", 3, 6))
    under = (horizon + 0.03 - view.y) * 4
    view.paint(torch.maximum(0.82 - swell, under) * 0.2, "#c9ecf2", 0.55, soft=0.05)
    view.vary(0.04)
    return view.rgb


def reef(view: View) -> Tensor:
    view.fade("#6fd0d8", "#0f4f7c")
    shafts = torch.sin((view.x * 5 + view.y * 1.5) + 2 * view.noise("shafts", 3))
    view.paint(0.5 - shafts, "#d5f6f2", 0.25 * (1 - (view.y + 1) / 2), soft=0.8)
    floor = view.draw("floor", 0.55, 0.8)
    for k, colour in enumerate(("#2f8f6f", "#b5527a", "#3c9d58", "#d9803f", "#2c7f77")):
        foot = view.draw(f"weed {k}", -0.95, 0.95)
        top = view.draw(f"weed top {k}", -0.2, 0.4)
        sway = 0.07 * torch.sin(view.y * 7 + 9 * foot)
        width = 0.07 * ((view.y - top) / 0.5).clamp(0, 1)
        view.paint(torch.maximum((view.x - foot - sway).abs() - width, top - view.y), colour, 0.85)
    view.paint(_ridge(view, "sand", floor, 0.05, 3.0), "#e6d3a1", 0.9)
    bubble = (view.dots("bubble", 7, 0.25) - 0.045).abs() - 0.014
    view.paint(bubble, "#e8fbfb", 0.8)
    view.vary(0.05)
    return view.rgb


def forest(view: View) -> Tensor:
    view.fade("#d7e8b5", "#4d7a53", 0.6)
    view.paint(0.1 - view.noise("leaves", 5, 10, 20), "#7fae6a", 0.6, soft=0.5)
    for k in range(7):
        near = k / 6
        place = view.draw(f"trunk {k}", -1.05, 1.05)
        bark = _tone("#8d9a6f", view.device) * (1 - near) + _tone("#4a3628", view.device) * near
        lean = view.draw(f"lean {k}", -0.06, 0.06)
        wide = 0.03 + 0.06 * near
        trunk = (view.x - place - lean * view.y).abs() - wide * (1.1 + 0.3 * view.y)
        view.paint(torch.maximum(trunk, view.y - 0.35 - 0.4 * near), bark)
    view.paint(
        _ridge(view, "moss", view.draw("floor", 0.45, 0.65), 0.05, 4.0)
        + 0.06 * view.cells("fern", 10, 40),
        "#3f6b3c",
    )
    view.paint(torch.maximum(view.dots("leaf", 14, 0.2) - 0.03, 0.6 - view.y), "#c98d3f")
    view.vary(0.08)
    return view.rgb


def room(view: View) -> Tensor:
    walls = ("#e7cfc4", "#c9d8d2", "#e9dcb5", "#cbcbe2")
    papers = palettes.hexes(walls)[draws.choice(view.key, "wall", len(walls))]
    paper = papers.to(view.device)[:, :, None, None]
    view.fill(paper)
    bands = torch.sin(view.x * view.draw("bands", 14, 26))
    view.paint(-bands * 0.05, paper * 0.93, soft=0.03)
    cx, cy = view.draw("frame x", -0.6, 0.6), view.draw("frame y", -0.65, -0.35)
    frame = torch.maximum((view.x - cx).abs() - 0.3, (view.y - cy).abs() - 0.24)
    view.paint(frame, "#8a5a3c")
    view.paint(frame + 0.05, "#bfe0ee")
    view.paint(
        torch.maximum(frame + 0.05, _ridge(view, "picture", cy + 0.08, 0.05, 7.0)), "#86b56c"
    )
    floor = view.draw("floor", 0.35, 0.65)
    view.paint(floor - view.y, "#b98a5e")
    planks = view.cells("plank", 1, 6)
    board = _tone("#a87a50", view.device) * (1 + 0.12 * planks)[:, None]
    view.paint(floor + 0.02 - view.y, board)
    gaps = (_wrap(view.x * 3) - 0.5).abs() - 0.47
    view.paint(torch.maximum(-gaps - 0.02, floor - view.y) * 0.3, "#7d5838", 0.6)
    view.paint((view.y - floor + 0.04).abs() - 0.055, "#f6f1e6")
    view.vary(0.04)
    return view.rgb


def rain(view: View) -> Tensor:
    ground = view.draw("ground", 0.4, 0.7)
    view.fade("#6d7f93", "#b4bfc8", ground)
    view.paint(0.05 - view.noise("clouds", 3, 6, 12), "#55657a", 0.7, soft=0.7)
    view.paint(ground - view.y, "#6f7b80")
    puddle = view.noise("puddle", 4, 8)
    view.paint(
        torch.maximum(0.15 - puddle, (ground + 0.06 - view.y) * 6) * 0.3, "#a9bccb", 0.8, soft=0.05
    )
    slant = view.x + 0.25 * view.y
    for k in range(3):
        lanes = 11 + 4 * k
        u = _wrap(slant * lanes / 2) - 0.5
        drop = _wrap(view.y * 2.2 + 3 * view.cells(f"lane {k}", 1, lanes)) - 0.45
        view.paint(torch.maximum(u.abs() * (2 / lanes) - 0.012, drop * 0.3), "#e6eff6", 0.65)
    view.vary(0.04)
    return view.rgb


def clouds(view: View) -> Tensor:
    view.fade("#4f9fdc", "#cfeaf8")
    billow = view.noise("billow", 2, 4, 8, 16) - 0.15
    view.paint(0.05 - billow, "#dfeaf2", 0.95, soft=0.25)
    view.paint(0.35 - billow, "#ffffff", 0.95, soft=0.35)
    sun = (view.x - view.draw("sun", -0.9, 0.9)).square() + (view.y + 0.85).square()
    view.paint(sun.sqrt() - 0.22, "#fff2b8", 0.9, soft=0.25)
    view.vary(0.03)
    return view.rgb


def night(view: View) -> Tensor:
    view.fade("#141a3d", "#4a4a86")
    view.paint(0.3 - view.noise("haze", 3, 6), "#5b5596", 0.35, soft=0.9)
    view.paint(view.dots("star", 11, 0.35) - 0.022, "#fff7d6", 0.95)
    view.paint(view.dots("far star", 17, 0.3) - 0.012, "#cfd8ff", 0.8)
    cx, cy = view.draw("moon x", -0.75, 0.75), view.draw("moon y", -0.8, -0.5)
    moon = ((view.x - cx).square() + (view.y - cy).square()).sqrt() - 0.2
    bite = ((view.x - cx - 0.1).square() + (view.y - cy + 0.05).square()).sqrt() - 0.18
    view.paint(moon, "#8f8cc4", 0.5, soft=0.5)
    view.paint(torch.maximum(moon, -bite), "#fdf3c8")
    view.paint(_ridge(view, "hills", view.draw("hills", 0.5, 0.8), 0.08, 2.5), "#10142e")
    view.vary(0.05)
    return view.rgb


PAINTERS: dict[str, Callable[[View], Tensor]] = {
    "desert": desert, "meadow": meadow, "street": street, "sea": sea, "reef": reef,
    "forest": forest, "room": room, "rain": rain, "clouds": clouds, "night": night,
}  # fmt: skip
