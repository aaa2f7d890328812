"""Where real pictures and weights lie, for the tests that try the real paths.

They are no part of the project: $COURSE_REAL_DATA names their folder, else ``shared/real`` beside the
checkout is taken. A test that needs them is marked ``real`` and skips where they are not.
"""

import os
from pathlib import Path

import pytest

FOLDER = Path(
    os.environ.get("COURSE_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "real"
)


def real(*parts: str) -> Path:
    """The file or folder of that name; skips the calling test when it is not there."""
    path = FOLDER.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no real data here ({path.name}); set COURSE_REAL_DATA to its folder")
    return path
