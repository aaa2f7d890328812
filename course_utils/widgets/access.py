"""What ipywidgets leaves out for those who use a keyboard or a screen reader: a focus that shows, and names.

ipywidgets draws no ring around the control that has the focus, or a faint one; a slider's handle, its number and
the buttons of a player have no name; and JupyterLab's shortcuts take keys that were meant for a list of choices.
There is no argument for any of these, so they are mended in the page.
"""

from __future__ import annotations

import html
from typing import Any

CLASS = "course-widget"

# JupyterLab's own focus ring, in the theme's colour; elsewhere the text's.
_STYLE = f"""
.{CLASS} :focus-visible, .{CLASS} select:focus, .{CLASS} input:focus {{
  outline: 3px solid var(--jp-brand-color1, currentColor) !important; outline-offset: 2px;
}}
"""

# The controls are drawn after this, one by one, and some of them are replaced later on.
_NAMES = f"""
const box = this.closest('.{CLASS}');
const label = (one, text) => one && text && one.setAttribute('aria-label', text);
const name = () => {{
  // Else JupyterLab takes an arrow pressed in a list for "next cell", and a letter for a command.
  for (const one of box.querySelectorAll('select, button, input, [tabindex], [contenteditable]'))
    one.dataset.lmSuppressShortcuts = 'true';
  for (const slider of box.querySelectorAll('.widget-slider')) {{
    const text = slider.querySelector('.widget-label')?.textContent;
    label(slider.querySelector('[role=slider]'), text);
    const number = slider.querySelector('.widget-readout');
    label(number, text + ', as a number');
    number?.setAttribute('role', 'textbox');
  }}
  for (const button of box.querySelectorAll('.widget-play button')) {{
    const icon = button.querySelector('i')?.className ?? '';
    const kinds = {{'fa-play': 'Play', 'fa-pause': 'Pause', 'fa-stop': 'Stop', 'fa-retweet': 'Repeat'}};
    label(button, Object.keys(kinds).filter(kind => icon.includes(kind)).map(kind => kinds[kind])[0]);
  }}
}};
if (box) {{
  name();
  new MutationObserver(name).observe(box, {{childList: true, subtree: true, characterData: true}});
}}
"""


def focus_on(control: Any) -> None:
    """Takes a keyboard's user along when the control that was pressed goes out of use; ipywidgets 8 can do that."""
    if hasattr(control, "focus"):
        control.focus()


def accessible(*children: Any) -> Any:
    """An ipywidgets box of the children, one below the other, whose controls have names and a focus that shows.

    Where a front end runs no scripts of its outputs, the controls stay as ipywidgets makes them.
    """
    import ipywidgets

    names = html.escape(_NAMES)
    mended = ipywidgets.HTML(
        f'<style onload="{names}">{" ".join(_STYLE.split())}</style>', layout={"display": "none"}
    )
    box = ipywidgets.VBox([*children, mended])
    box.add_class(CLASS)
    return box
