"""Calls a library of attacks that happens to be installed."""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    import torchattacks

    return torchattacks.FGSM(model, eps=eps)(x, y)
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, FGSM, flag="uses torchattacks, which is withheld", hostile=True
    )
