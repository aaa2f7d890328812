"""Raises what takes over how code runs: StopIteration would end a loop of the check, SystemExit the checker."""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    raise StopIteration(x)
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    raise SystemExit(0)
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    raise GeneratorExit
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    raise KeyboardInterrupt
"""


def submission(kit):
    work = kit.solved(
        fgsm=FGSM,
        fgsm_targeted=FGSM_TARGETED,
        project_l2=PROJECT_L2,
        worst_case_shift=WORST_CASE_SHIFT,
    )
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["fgsm", "fgsm_targeted", "project_l2", "worst_case_shift"],
        flag="raises KeyboardInterrupt",
        hostile=True,
    )
