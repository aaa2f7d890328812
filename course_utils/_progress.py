"""A progress bar that is a widget in a notebook and a line in a terminal, and never an error."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from course_utils._front_end import front_end


def bar(
    total: int | None, description: str, shown: bool = True, unit: str = "it", **more: Any
) -> Any:
    """A tqdm bar on stdout: nbgrader takes anything on stderr for a failure.

    `more` goes to tqdm as it is (`initial`, `leave`, `unit_scale` …).
    """
    options: dict[str, Any] = {
        "total": total,
        "desc": description,
        "unit": unit,
        "file": sys.stdout,
        **more,
    }
    with warnings.catch_warnings():
        # tqdm.auto warns where ipywidgets is missing, and then does the right thing.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
        from tqdm.std import tqdm as plain

        if not shown:
            return plain(**options, disable=True)
        try:
            # In a notebook that a program executes, the bar would stay behind as a widget without life.
            if front_end() and issubclass(tqdm, _notebook_bar()):
                return tqdm(**options)
        except ImportError:  # a notebook, but no widgets in it
            pass
    # A log file has no use for a line that redraws itself.
    return plain(**options, disable=not sys.stdout.isatty())


def _notebook_bar() -> type:
    from tqdm.notebook import tqdm_notebook

    return tqdm_notebook
