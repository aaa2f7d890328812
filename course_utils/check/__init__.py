"""The words in which the labs' checks are written.

A check is a function whose docstring is the promise it tests; `promise` runs it at once::

    @check.promise
    def the_step_has_size_eps():
        '''Every pixel moves by eps.'''
        model, (x, y) = check.tiny_classifier(), check.tiny_batch(5)
        x_adv = check.tensor(fgsm(model, x, y, 8 / 255), like=x)
        check.in_ball(x_adv, x, 8 / 255)

A promise that does not hold raises `CheckFailed` with the diagnosis. A check that is itself at
fault raises `CheckBroken`: that is the course's mistake, never the student's.
"""

from course_utils.check.effects import changing
from course_utils.check.fixtures import (
    TinyClassifier,
    devices,
    gullible_classifier,
    tiny_batch,
    tiny_classifier,
)
from course_utils.check.promise import CheckBroken, CheckFailed, promise
from course_utils.check.unchanged import unchanged
from course_utils.check.words import (
    close,
    fail,
    in_ball,
    in_range,
    number,
    raises,
    table,
    tensor,
    that,
    tuple_of,
    whole,
)

__all__ = [
    "CheckBroken",
    "CheckFailed",
    "TinyClassifier",
    "changing",
    "close",
    "devices",
    "fail",
    "gullible_classifier",
    "in_ball",
    "in_range",
    "number",
    "promise",
    "raises",
    "table",
    "tensor",
    "that",
    "tiny_batch",
    "tiny_classifier",
    "tuple_of",
    "unchanged",
    "whole",
]
