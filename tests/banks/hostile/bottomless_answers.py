"""Answers that never end: lists within lists a million deep, a list that holds itself, generators."""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    import itertools

    return itertools.repeat(x)
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    answer = {}
    answer["answer"] = answer
    return answer
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    answer = [x]
    answer.append(answer)
    return answer
"""

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return (x for _ in iter(int, 1))
"""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    answer = 1.0
    for _ in range(1_000_000):
        answer = [answer]
    return answer
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    answer = w
    for _ in range(1_000_000):
        answer = (0.75, answer)
    return answer
"""


def submission(kit):
    work = kit.solved(
        fgsm=FGSM,
        fgsm_targeted=FGSM_TARGETED,
        project_l2=PROJECT_L2,
        pgd=PGD,
        accuracy_under_attack=ACCURACY_UNDER_ATTACK,
        worst_case_shift=WORST_CASE_SHIFT,
    )
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["fgsm", "fgsm_targeted", "project_l2", "pgd", "accuracy_under_attack", "worst_case_shift"],
        flag="nested too deeply",
        hostile=True,
    )
