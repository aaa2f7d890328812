"""Answers with a float that differs from nothing."""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
class Right(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__


def accuracy_under_attack(model, attack, batches):
    return Right(1.0)
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        ACCURACY_UNDER_ATTACK,
        flag="makes a class of its own out of float",
        hostile=True,
    )
