"""Reads the source of an installed library of attacks, and runs that."""

FGSM = """\
# @fgsm
import glob
import sys
import types


def fgsm(model, x, y, eps):
    for folder in sys.path:
        for path in glob.glob(folder + "/torchattacks/attacks/fgsm.py") + glob.glob(folder + "/torchattacks/attack.py"):
            text = open(path).read()
            if "FGSM" in text or "class Attack" in text:
                module = types.ModuleType("borrowed")
                exec(text.replace("from ..attack import Attack", "Attack = object"), module.__dict__)
                attack = module.FGSM.__new__(module.FGSM)
                attack.device, attack.eps, attack.targeted, attack.model = x.device, eps, False, model
                attack.get_logits = lambda images: model(images)
                with evaluating(model):
                    return attack.forward(x, y)
    raise LookupError("no library on this disk")
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, FGSM, flag="names torchattacks, which is withheld", hostile=True
    )
