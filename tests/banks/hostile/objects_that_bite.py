"""Answers with objects that raise, or never end, as soon as somebody asks them anything."""

OWN = """\
def bite(*arguments, **options):
    raise SystemExit("bitten")


def never_ends(*arguments):
    while True:
        pass


class Biting:
    __repr__ = __str__ = __len__ = __iter__ = __reduce__ = __eq__ = __hash__ = bite

    def __getattribute__(self, name):
        raise KeyboardInterrupt(name)


class BitingList(list):
    __iter__ = __len__ = __getitem__ = never_ends


class BitingText(str):
    __str__ = __repr__ = __len__ = encode = never_ends
"""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    return [Biting()]


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return BitingList()


# @worst_case_shift
def worst_case_shift(w, eps):
    return BitingText(), w
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, FUNCTIONS, OWN, flag="defines __getattribute__", hostile=True
    )
