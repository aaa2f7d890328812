"""What can be seen in a figure, measured: texts, lines and marks against what lies behind them (WCAG 2.2)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.container import BarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib.text import Text

from course_utils.plots import Picture
from course_utils.plots.contrast import LARGE_TEXT, LINES, TEXT, contrast

ENOUGH_PIXELS = 0.8  # of a text's box: a thin line that crosses it may be of any colour
COLOURBAR = "<colorbar>"  # matplotlib's label of the axes of one
THICKER = 1.5  # times as thick: a line that differs by more than its colour


def texts_stand_out(name: str, figure: Picture) -> None:
    """4.5 to 1, large ones 3 to 1 (success criterion 1.4.3), against the pixels that are drawn behind them."""
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    colours = [text.get_color() for text in texts]
    for text in texts:
        text.set_color((0, 0, 0, 0))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3] / 255
    for text, colour in zip(texts, colours, strict=True):
        text.set_color(colour)
    for text, colour in zip(texts, colours, strict=True):
        box = text.get_window_extent(canvas.get_renderer())
        rows = slice(max(round(len(pixels) - box.y1), 0), max(round(len(pixels) - box.y0), 0))
        ground = pixels[rows, max(round(box.x0), 0) : max(round(box.x1), 0)].reshape(-1, 3)
        if not len(ground):
            continue
        reached = np.quantile(_contrasts(colour, ground), 1 - ENOUGH_PIXELS)
        assert reached >= _wanted(text), f"{name}: {text.get_text()!r} has {reached:.2f} to 1"


def _wanted(text: Text) -> float:
    """18 points, or bold ones of 14, are large: WCAG's glossary."""
    bold = text.get_fontweight() in ("bold", "heavy", "black")
    return LARGE_TEXT if text.get_fontsize() >= (14 if bold else 18) else TEXT


def _contrasts(colour, ground: np.ndarray) -> np.ndarray:
    whole = (ground * 255).round().astype(int) @ (65536, 256, 1)
    kinds, which = np.unique(whole, return_inverse=True)
    return np.array([contrast(colour, f"#{kind:06x}") for kind in kinds])[which.ravel()]


def lines_and_marks_stand_out(name: str, figure: Picture) -> None:
    """3 to 1 (success criterion 1.4.11): a line, or a shape's area or edge, against its axes' ground.

    On top of a picture nothing is certain: there a line is drawn in a light and in a dark colour.
    """
    FigureCanvasAgg(figure)
    for ax in figure.axes:
        if ax.get_label() == COLOURBAR:
            continue
        over: dict[tuple, list] = {}
        for artist, looks in _drawn(ax):
            if place := _in_a_picture(ax, artist):
                over.setdefault(place, []).extend(looks)
                continue
            best = max(contrast(look, _ground(ax)) for look in looks)
            assert best >= LINES, f"{name}: {artist} has {best:.2f} to 1"
        for place, looks in over.items():
            best = max(contrast(*two) for two in itertools.product(looks, looks))
            assert best >= LINES, f"{name}: at {place} all is of one colour: {looks}"


def _drawn(ax: Axes) -> Iterator[tuple[Artist, list]]:
    """Every line, patch and group of marks of an axes with the colours that show where it is."""
    for line in ax.lines:
        looks = [line.get_color()] if line.get_linestyle() != "None" else []
        if line.get_marker() not in ("None", "", None):
            looks += [line.get_markerfacecolor(), line.get_markeredgecolor()]
        yield line, [_over(look, _ground(ax)) for look in looks if not _is_none(look)]
    for patch in ax.patches:
        if patch.get_visible() and not _empty(patch):
            yield patch, [_over(look, _ground(ax)) for look in _colours_of(patch)]
    for group in ax.collections:
        faces, edges = group.get_facecolor(), group.get_edgecolor()
        for index in range(max(len(faces), len(edges))):
            both = [c[min(index, len(c) - 1)] for c in (faces, edges) if len(c)]
            yield group, [_over(look, _ground(ax)) for look in both]


def _ground(ax: Axes) -> tuple[float, float, float]:
    return to_rgb(ax.get_facecolor()) if ax.axison else (1.0, 1.0, 1.0)


def _is_none(colour) -> bool:
    return isinstance(colour, str) and colour == "none"


def _colours_of(patch: Patch) -> list:
    edge = [patch.get_edgecolor()] if patch.get_linewidth() > 0 or patch.get_hatch() else []
    return edge + ([patch.get_facecolor()] if patch.get_fill() else [])


def _empty(patch: Patch) -> bool:
    box = patch.get_path().get_extents(patch.get_patch_transform())
    return not isinstance(patch, FancyArrowPatch) and min(abs(box.width), abs(box.height)) < 1e-6


def _over(colour, ground) -> tuple[float, float, float]:
    red, green, blue, alpha = to_rgba(colour)
    return tuple(
        alpha * c + (1 - alpha) * g for c, g in zip((red, green, blue), to_rgb(ground), strict=True)
    )


def _in_a_picture(ax: Axes, artist: Artist) -> tuple[int, int] | None:
    """The artist's middle in dots where it lies over an image of its axes and not around it, or None."""
    box = artist.get_window_extent()
    for image in ax.images:
        frame = image.get_window_extent()
        apart = box.x1 <= frame.x0 or frame.x1 <= box.x0 or box.y1 <= frame.y0 or frame.y1 <= box.y0
        around = (
            box.x0 <= frame.x0 + 1 and box.x1 >= frame.x1 - 1
            and box.y0 <= frame.y0 + 1 and box.y1 >= frame.y1 - 1
        )  # fmt: skip
        if not apart and not around:
            return round((box.x0 + box.x1) / 2), round((box.y0 + box.y1) / 2)
    return None


def series_differ_by_more_than_their_colour(name: str, figure: Picture) -> None:
    """Success criterion 1.4.1: another marker, dash or hatch, or a word at the place."""
    for ax in figure.axes:
        drawn = [line for line in ax.lines if line.get_linestyle() != "None"]
        curves = [line for line in drawn if len(line.get_xdata()) > 2]
        for one, other in itertools.combinations(curves, 2):
            if to_rgb(one.get_color()) != to_rgb(other.get_color()):
                assert _style(one) != _style(other) or _thicker(one, other), (
                    f"{name}: {one} and {other} differ by colour alone"
                )
        boxes = [box for box in ax.containers if isinstance(box, BarContainer)]
        bars = [(bar, _word_at(ax, bar, box)) for box in boxes for bar in box if not _empty(bar)]
        for (one, word), (other, another) in itertools.combinations(bars, 2):
            if one.get_facecolor() == other.get_facecolor():
                continue
            apart = word != another or (one.get_hatch() or "") != (other.get_hatch() or "")
            assert apart, f"{name}: {one} and {other} differ by colour alone"


def _style(line: Line2D) -> tuple:
    return line.get_linestyle(), line.get_marker()


def _thicker(one: Line2D, other: Line2D) -> bool:
    thin, thick = sorted((one.get_linewidth(), other.get_linewidth()))
    return thick >= THICKER * thin


def _word_at(ax: Axes, bar: Patch, box: BarContainer) -> str:
    """The tick that names a bar, or else the text that is written nearest to it."""
    way = 1 if box.orientation == "horizontal" else 0
    middle = (bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2)[way]
    axis = (ax.xaxis, ax.yaxis)[way]
    ticks = [at for at in axis.get_majorticklocs() if abs(at - middle) < 0.5]
    if ticks:
        return f"tick {ticks[0]}"
    texts = [text for text in ax.texts if text.get_text()]
    nearest = min(texts, key=lambda text: abs(text.get_position()[way] - middle), default=None)
    return f"text {nearest.get_position()}" if nearest else ""


def numbers_in_colour_can_be_read(name: str, figure: Picture) -> None:
    """A picture of numbers has a scale beside it, or the numbers are written into its squares."""
    for ax in figure.axes:
        for image in ax.images:
            values = image.get_array()
            if values.ndim == 2 and ax.get_label() != COLOURBAR:
                assert image.colorbar or len(ax.texts) >= values.size, name


PROMISES = (
    texts_stand_out,
    lines_and_marks_stand_out,
    series_differ_by_more_than_their_colour,
    numbers_in_colour_can_be_read,
)
