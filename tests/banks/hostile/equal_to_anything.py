"""Answers with an object that says it equals, exceeds and contains everything."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
class Anything:
    def __eq__(self, other):
        return True

    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = __contains__ = __eq__
    __abs__ = __sub__ = __rsub__ = __mul__ = __rmul__ = lambda self, *other: self
    __float__ = lambda self: 0.0

    def __getattr__(self, name):
        return lambda *arguments, **options: self

    def __iter__(self):
        return iter((self, self))


def worst_case_shift(w, eps):
    return Anything()
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, WORST_CASE_SHIFT, flag="defines __eq__", hostile=True)
