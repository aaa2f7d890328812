"""Whether somebody sits in front of this notebook, or a program runs it."""

from __future__ import annotations

import os
import sys


def front_end() -> bool:
    """Whether the running cell was sent by a front end that can show widgets.

    JupyterLab, Notebook 7 and VS Code send a cell's id along with its code, a program that executes a
    notebook does not; Colab is known by its module.
    """
    wanted = os.environ.get("COURSE_WIDGETS", "").lower()
    if wanted in ("on", "off"):
        return wanted == "on"
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return False
    if "google.colab" in sys.modules:
        return True
    request = kernel.get_parent("shell") if hasattr(kernel, "get_parent") else {}
    # Nobody but a front end sends what a control was moved to, or the file chosen by an upload button.
    moved = request.get("header", {}).get("msg_type") == "comm_msg"
    return moved or bool(request.get("metadata"))
