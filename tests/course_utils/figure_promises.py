"""What every figure of the course promises, whichever function drew it."""

from __future__ import annotations

import re
from io import BytesIO

import matplotlib.figure
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from course_utils.plots import Picture
from tests.course_utils import figure_contrast


def has_title_words_and_labels(name: str, figure: Picture) -> None:
    assert isinstance(figure, matplotlib.figure.Figure), name
    assert figure.get_suptitle(), name
    assert len(figure.alt) > 30, name
    for ax in figure.axes:
        if ax.lines or ax.patches:
            assert ax.get_xlabel(), f"{name}: an axis has no label"


def reaches_a_notebook_as_one_image(name: str, figure: Picture) -> None:
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}, name
    tags = re.findall(r"<img [^>]*>", bundle["text/html"])
    assert len(tags) == 1, name
    assert re.search(r'alt="[^"]{30,}"', tags[0]), name
    assert "max-width:100%" in tags[0], name


def is_not_cut_off(name: str, figure: Picture) -> None:
    FigureCanvasAgg(figure).draw()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    slack = 0.02  # inches: a round marker may touch the edge
    assert box.x0 >= -slack, f"{name}: left"
    assert box.y0 >= -slack, f"{name}: below"
    assert box.x1 <= width + slack, f"{name}: right"
    assert box.y1 <= height + slack, f"{name}: above"


def is_opaque(name: str, figure: Picture) -> None:
    """So that it reads in a dark theme."""
    corner = Image.open(BytesIO(figure.png())).convert("RGBA").getpixel((0, 0))
    assert corner == (255, 255, 255, 255), name


PROMISES = (
    has_title_words_and_labels,
    reaches_a_notebook_as_one_image,
    is_not_cut_off,
    is_opaque,
    *figure_contrast.PROMISES,
)
