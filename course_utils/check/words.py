"""What a check can say about a student's answer; each word fails with the diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from course_utils.check.promise import CheckFailed

Wrong = Tensor | float | Callable[[], Tensor | float]
# What stops a call before it can answer: these speak for themselves, and no check asks for them.
_NOT_AN_ANSWER = (CheckFailed, NotImplementedError, NameError)


def fail(diagnosis: str) -> NoReturn:
    """Ends the check with `diagnosis`."""
    raise CheckFailed(diagnosis)


def that(condition: bool, diagnosis: str) -> None:
    """Fails with `diagnosis` unless `condition` holds."""
    if not condition:
        fail(diagnosis)


def tensor(
    value: Any,
    *,
    like: Tensor | None = None,
    shape: tuple[int, ...] | None = None,
    dtype: torch.dtype | None = None,
    what: str = "the result",
    differentiable: bool = False,
) -> Tensor:
    """Returns `value` when it is a plain, finite tensor of the expected shape, dtype and device.

    Args:
        like: a tensor whose shape, dtype and device are expected (`shape` and `dtype` override).
        differentiable: allow (not demand) a graph; otherwise the tensor must be detached.

    Raises:
        CheckFailed: it is not; the message says what it is.
    """
    if value is None:
        fail(f"{what} is None: the function needs a `return`")
    if type(value) is not Tensor and type(value) is not torch.nn.Parameter:
        fail(f"{what} must be a torch.Tensor, got {type(value).__name__}")
    if like is not None:
        shape = tuple(like.shape) if shape is None else shape
        dtype = like.dtype if dtype is None else dtype
    if shape is not None and tuple(value.shape) != tuple(shape):
        fail(f"{what} must have shape {tuple(shape)}, got {tuple(value.shape)}")
    if dtype is not None and value.dtype != dtype:
        fail(f"{what} must have dtype {dtype}, got {value.dtype}")
    if like is not None and value.device != like.device:
        fail(f"{what} must be on the device of the input, {like.device}, got {value.device}")
    if not differentiable and value.requires_grad:
        fail(
            f"{what} still carries a graph (requires_grad is True): detach it before you return it"
        )
    if value.is_floating_point() and not bool(torch.isfinite(value.detach()).all()):
        fail(
            f"{what} has NaN or infinite entries: look for a division by zero or a logarithm of zero"
        )
    return value


def number(value: Any, what: str = "the result") -> float:
    """Returns `value` when it is a finite Python (or NumPy) float."""
    if value is None:
        fail(f"{what} is None: the function needs a `return`")
    if isinstance(value, Tensor):
        fail(f"{what} must be a Python float, got a tensor: call `.item()` on it")
    if type(value) not in (float, np.float64):
        fail(f"{what} must be a float, got {type(value).__name__}")
    if not np.isfinite(value):
        fail(f"{what} is {value}: look for a division by zero")
    return float(value)


def whole(value: Any, low: int, high: int, what: str = "the result") -> int:
    """Returns `value` when it is a whole number from `low` to `high`: an int, NumPy's, or a tensor's one entry."""
    if value is None:
        fail(f"{what} is None: it must be an int")
    kind = type(value).__name__
    if type(value) is Tensor and value.numel() == 1:
        value = value.item()
    if type(value) is not int and not isinstance(value, np.integer):
        fail(f"{what} must be an int, got {kind}")
    if not low <= value <= high:
        fail(f"{what} is {value}, which is not one of {low} to {high}")
    return int(value)


def tuple_of(value: Any, names: tuple[str, ...]) -> tuple:
    """Returns `value` when it is a tuple (or list) with one entry a name."""
    expected = f"({', '.join(names)})"
    if value is None:
        fail(f"the result is None: return {expected}")
    if type(value) not in (tuple, list):
        fail(f"return the pair {expected}, got one {type(value).__name__}")
    if len(value) != len(names):
        fail(f"return {expected}, got {len(value)} values")
    return tuple(value)


def table(value: Any, keys: Iterable[int | str], what: str = "the dictionary") -> Tensor:
    """Returns the numbers of a dictionary, in the order of `keys`, when it holds these keys and no others.

    Raises:
        CheckFailed: it is no dictionary of floats, or has other keys; the message says which.
    """
    if value is None:
        fail(f"{what} is None: the function needs a `return`")
    if not isinstance(value, dict):
        fail(f"{what} must be a dictionary, got {type(value).__name__}")
    expected = list(keys)
    for key in value:
        if isinstance(key, Tensor):
            fail(f"{what} has tensors for keys: use `.item()`, so that they can be looked up")
        if key not in expected:
            fail(f"{what} has an entry for {key!r}, which the data does not have: leave it out")
    for key in expected:
        if key not in value:
            fail(f"{what} has no entry for {key!r}")
    numbers = [number(value[key], f"{what}'s entry for {key!r}") for key in expected]
    return torch.tensor(numbers, dtype=torch.float64)


def raises(
    error: type[Exception],
    call: Callable[..., Any],
    *arguments: Any,
    what: str,
    because: str,
    answered: str = "",
) -> None:
    """Fails unless `call(*arguments)` raises `error`.

    A function that is not written yet, or not defined, is told so as everywhere.

    Args:
        what: the case in a few words, for the diagnosis ("position 8").
        because: why it must be refused ("it does not exist").
        answered: the diagnosis where an answer comes back; without it, one that shows the answer.
    """
    try:
        answer = call(*arguments)
    except Exception as raised:
        if isinstance(raised, _NOT_AN_ANSWER):
            raise
        if isinstance(raised, error):
            return
        fail(f"{what} raises {type(raised).__name__}: {because}, so raise {error.__name__}")
    fail(answered or f"{what} gives {answer!r:.40}, but {because}: raise {error.__name__}")


def in_range(images: Tensor, what: str = "the result") -> None:
    """Pixels must lie in [0, 1]."""
    low, high = images.min().item(), images.max().item()
    if low < 0 or high > 1:
        fail(
            f"{what} leaves [0, 1] (it spans {low:.4f} to {high:.4f}): clamp after adding the perturbation"
        )


def in_ball(x_adv: Tensor, x: Tensor, eps: float, what: str = "the perturbation") -> None:
    """Every pixel of `x_adv` must lie within `eps` of `x` (a rounding error of 1e-6 is allowed)."""
    largest = (x_adv - x).abs().max().item()
    if largest > eps + 1e-6:
        fail(
            f"{what} is up to {largest:.4f} large but eps is {eps:.4f}: no pixel may move further than eps"
        )


def close(
    actual: Tensor | float,
    expected: Tensor | float,
    *,
    what: str = "the result",
    atol: float = 1e-5,
    rtol: float = 1e-4,
    mistakes: Mapping[str, Wrong] | None = None,
    hint: str = "",
) -> None:
    """Fails unless |actual - expected| <= atol + rtol |expected| everywhere.

    Args:
        mistakes: diagnosis -> the answer that this mistake gives (or a function that computes it);
            an answer equal to one of them, and not to `expected`, is told that diagnosis.
        hint: what to think about when no known mistake fits.
    """
    if _close(actual, expected, atol, rtol):
        return
    for diagnosis, wrong in (mistakes or {}).items():
        if _close(actual, wrong() if callable(wrong) else wrong, atol, rtol):
            fail(diagnosis)
    fail(
        f"{what} is not what it should be: {_difference(actual, expected)}{'. ' + hint if hint else ''}"
    )


def _close(actual: Tensor | float, expected: Tensor | float, atol: float, rtol: float) -> bool:
    a, b = _plain(actual), _plain(expected)
    return a.shape == b.shape and torch.allclose(a, b, atol=atol, rtol=rtol)


def _plain(value: Tensor | float) -> Tensor:
    return torch.as_tensor(value).detach().to("cpu", torch.float64)


def _difference(actual: Tensor | float, expected: Tensor | float) -> str:
    a, b = _plain(actual), _plain(expected)
    if a.numel() == 1:
        return f"got {a.item():.6g}, expected {b.item():.6g}"
    worst = (a - b).abs().argmax()
    index = tuple(int(i) for i in torch.unravel_index(worst, a.shape))
    wrong = (~torch.isclose(a, b, atol=1e-5, rtol=1e-4)).sum().item()
    return (
        f"{wrong} of {a.numel()} entries differ, the worst at {index}: "
        f"got {a.flatten()[worst].item():.6g}, expected {b.flatten()[worst].item():.6g}"
    )
