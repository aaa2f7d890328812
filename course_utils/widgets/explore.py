"""What every widget is made of: controls above, a figure below, or a line where a figure can't be."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .._front_end import front_end
from ..plots import Picture
from .access import accessible

Draw = Callable[..., Picture]


def explore(draw: Draw, controls: Mapping[str, Any], *, remember: int = 200) -> Any:
    """The controls above, the figure below; moving one redraws it.

    Args:
        draw: called with the controls' values by name; returns a Picture. A ValueError that it raises
            is shown in the figure's place.
        controls: name -> ipywidgets control with a `value`.
        remember: how many redrawn figures to keep, so that going back is instant.

    Returns:
        An ipywidgets box, or without a front end the Picture itself.
    """
    values = {name: control.value for name, control in controls.items()}
    if not front_end():
        return draw(**values)
    import ipywidgets

    @functools.lru_cache(maxsize=remember)
    def render(*state: Any) -> str:
        try:
            return draw(**dict(zip(controls, state, strict=True))).html()
        except ValueError as error:
            return f"<p>{html.escape(str(error))}</p>"

    # The figure goes into an HTML widget, not an Output: replacing a value neither flickers nor
    # scrolls the page, and works the same in Colab's ipywidgets 7.
    figure = ipywidgets.HTML(value=render(*values.values()), layout={"width": "100%"})

    def redraw(_: Any) -> None:
        figure.value = render(*(control.value for control in controls.values()))

    for control in controls.values():
        control.observe(redraw, names="value")
    bar = ipywidgets.Box(list(controls.values()), layout={"flex_flow": "row wrap", "width": "100%"})
    return accessible(bar, figure)


def eps_slider(
    value: float = 8, most: float = 32, step: float = 1, label: str = "eps, in 1/255"
) -> Any:
    """A slider for eps in units of 1/255."""
    import ipywidgets

    kind = (
        ipywidgets.IntSlider
        if all(float(v).is_integer() for v in (value, most, step))
        else ipywidgets.FloatSlider
    )
    return kind(value=value, min=0, max=most, step=step, **labelled(label))


def labelled(text: str, width: str = "310px") -> dict[str, Any]:
    # ipywidgets cuts a description off at 80 pixels unless told otherwise.
    return {
        "description": text,
        "style": {"description_width": "initial"},
        "layout": {"width": width},
    }


class Note:
    """A line that says what is missing and what to do, shown where a figure would be."""

    def __init__(self, text: str) -> None:
        # Where a user's home folder lies is nobody else's business, and notebooks get shared.
        self.text = " ".join(text.split()).replace(str(Path.home()), "~")

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<p><em>{html.escape(self.text)}</em></p>"

    def widget(self) -> Any:
        import ipywidgets

        return ipywidgets.HTML(value=self._repr_html_())
