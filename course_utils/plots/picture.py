"""The figure that every plot of the course returns: it carries its own alt text and shows itself once."""

from __future__ import annotations

import base64
import functools
import html
import io
import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

# Okabe and Ito's colours, which people with any of the common colour-vision deficiencies can tell
# apart. Their orange and sky are too light for a line on paper: fill something that has an edge.
BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE = "#56B4E9", "#CC79A7"
# Three dark ones in the place of those that are too light: everything in the palette stands out
# from paper by 3 to 1.
BROWN, PINE, NAVY = "#7B3100", "#335D55", "#33335D"
PALETTE = (BLUE, VERMILLION, GREEN, PURPLE, BROWN, PINE, NAVY, "#000000")
# GREY is for what is neither one nor the other, FAINT for what is only there to compare with.
GREY, FAINT = "#757575", "#929292"
INK = "#222222"
PAPER = "#FFFFFF"
# What tells neighbouring bars apart besides their colour.
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "ooo", "+++")

DPI = 100

STYLE = {
    "font.size": 11.0,
    "axes.titlesize": 12.0,
    "axes.labelsize": 11.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#666666",
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2.2,
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "hatch.color": PAPER,
    "hatch.linewidth": 1.2,
}


class Picture(Figure):
    """A matplotlib figure with alt text, on opaque paper so that it reads in a dark theme too.

    It isn't registered with pyplot: nothing shows it twice, and nothing has to close it.
    A notebook shows it when it is a cell's last value, or by ``display(picture)``.
    """

    alt: str = ""

    def png(self) -> bytes:
        """The picture as a PNG file; its alt text is in the file's Description."""
        with io.BytesIO() as file:
            metadata = {"Description": self.alt, "Software": None}
            self.savefig(file, format="png", dpi=DPI, facecolor=PAPER, metadata=metadata)
            return file.getvalue()

    def html(self) -> str:
        """An ``<img>`` that holds the picture and its alt text, never wider than the page."""
        return _img(self.png(), self.alt, width=round(self.get_figwidth() * DPI))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # JupyterLab gives an image/png output no alt attribute whatever its metadata says,
        # so the picture goes out as HTML, which every notebook front end shows.
        return {"text/html": self.html(), "text/plain": f"[picture] {self.alt}"}


def _img(png: bytes, alt: str, width: int) -> str:
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}" '
        f'style="width:{width}px;max-width:100%;height:auto;background:{PAPER}">'
    )


def show(figure: Figure, *, alt: str) -> None:
    """Displays any matplotlib figure once, with alt text, and closes it.

    Args:
        figure: a figure, pyplot's or the course's.
        alt: what a person who can't see the picture should know.

    Raises:
        ValueError: alt is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty: say in a sentence what the figure shows")
    import matplotlib.pyplot as plt
    from IPython.display import HTML, display

    with io.BytesIO() as file:
        figure.savefig(file, format="png", dpi=DPI, facecolor=PAPER, bbox_inches="tight")
        display(HTML(_img(file.getvalue(), alt, width=round(figure.get_figwidth() * DPI))))
    plt.close(figure)


def folded(picture: Picture, summary: str) -> Any:
    """The picture behind a line to click on, as a notebook shows it; for answers."""
    from IPython.display import HTML

    return HTML(f"<details><summary>{html.escape(summary)}</summary>{picture.html()}</details>")


Draw = TypeVar("Draw", bound=Callable[..., Any])


def styled(draw: Draw) -> Draw:
    """Draws in the course's style whatever style the notebook has set, and leaves that as it was."""

    @functools.wraps(draw)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with matplotlib.style.context(["default", STYLE]):
            return draw(*args, **kwargs)

    return wrapper  # type: ignore[return-value]


def new(width: float, height: float, *, title: str, alt: str, fixed: bool = False) -> Picture:
    """An empty picture, laid out so that nothing is cut off.

    Args:
        width, height: in inches; at 100 dots an inch, 10 inches fill a laptop's notebook.
        title: what to see, a sentence; broken into lines where it is too long.
        alt: the picture in words, numbers included.
        fixed: the caller places the axes itself; a picture behind a slider draws in two thirds of the time.
    """
    picture = Picture(figsize=(width, height), layout=None if fixed else "constrained")
    picture.alt = alt
    lines = textwrap.fill(title, width=int(width * 8.8))
    place = {"y": 1 - 0.12 / height, "va": "top"} if fixed else {}
    picture.suptitle(lines, x=0.01, ha="left", fontsize=13, fontweight="bold", **place)
    return picture


def draw_image(ax: Axes, image: Tensor, *, title: str = "", frame: str | None = None) -> None:
    """Puts one image (3, H, W) in [0, 1] on `ax`: square pixels, no ticks, a frame in colour `frame`."""
    pixels = image.detach().cpu().permute(1, 2, 0).clamp(0, 1).numpy()  # (H, W, 3)
    # Small pictures keep their pixels visible; photographs are smoothed as usual.
    ax.imshow(np.asarray(pixels), interpolation="nearest" if pixels.shape[0] <= 96 else "auto")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(frame is not None)
        spine.set_edgecolor(frame or INK)
        spine.set_linewidth(4)
    if title:
        ax.set_title(title)


def outline(
    ax: Axes, corner: tuple[float, float], width: float, height: float, colour: str, **look: Any
) -> None:
    """Frames a part of an image so that it shows on pictures of any colour: a light line below the coloured one."""
    look = {"linewidth": 2.5, **look}
    below = {"linewidth": look["linewidth"] + 2, "edgecolor": PAPER}
    for one in (below, {"edgecolor": colour, **look}):
        ax.add_patch(Rectangle(corner, width, height, fill=False, **one))


def sentence(*parts: str) -> str:
    """Parts of an alt text joined into sentences: each ends with one full stop, or its own mark."""
    return " ".join(part if part[-1] in ".?!" else f"{part}." for part in parts if part)


def percent(fraction: float) -> str:
    """0.577 -> '57.7 %'; never rounds what is not certain to '100.0 %', nor what is possible to '0.0 %'."""
    if 0.9995 <= fraction < 1:
        return "> 99.9 %"
    if 0 < fraction < 0.0005:
        return "< 0.1 %"
    return f"{100 * fraction:.1f} %"
