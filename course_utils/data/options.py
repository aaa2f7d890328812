"""What `load` may be asked, checked: each refusal names the value and what would do."""

from __future__ import annotations

from numbers import Integral, Real

from course_utils.data.errors import DatasetError

_SMALLEST, _LARGEST = 8, 1024


def size_option(size: int | None, default: int) -> int:
    """The side of a picture in pixels."""
    if size is None:
        return default
    whole = isinstance(size, Integral) and not isinstance(size, bool)
    if not whole or not _SMALLEST <= size <= _LARGEST:
        raise DatasetError(
            f"size = {size!r} must be a whole number of pixels from {_SMALLEST} to {_LARGEST}"
        )
    return int(size)


def count_option(name: str, value: int, most: int, least: int = 1) -> int:
    """A number of pictures."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        raise DatasetError(f"{name} = {value!r} must be a whole number from {least} to {most:,}")
    return int(value)


def fraction_option(name: str, value: float) -> float:
    """A share of a class's pictures."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 < value < 1:
        raise DatasetError(f"{name} = {value!r} must be a share between 0 and 1, as 0.15")
    return float(value)
