"""Ends its own process in the middle of a check, by one signal or another."""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    import os
    
    os.kill(os.getpid(), 9)
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    import os
    
    os.abort()
"""


def submission(kit):
    work = kit.solved(fgsm_targeted=FGSM_TARGETED, worst_case_shift=WORST_CASE_SHIFT)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["fgsm_targeted", "worst_case_shift"],
        flag="starts or ends processes (os.kill)",
        hostile=True,
    )
