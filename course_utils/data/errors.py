"""What goes wrong with data, said in sentences."""

from __future__ import annotations


class _Spoken(Exception):
    """An error whose message is all that its reader needs: notebooks show it without the traceback."""

    def _render_traceback_(self) -> list[str]:
        """IPython's hook for how an exception is shown."""
        return [f"{type(self).__name__}: {self}"]


class DownloadError(_Spoken, OSError):
    """A file can't be had; the message says why, and which file to put where."""


class DatasetError(_Spoken, ValueError):
    """A dataset can't be loaded as asked; the message says what was expected and what to do."""
