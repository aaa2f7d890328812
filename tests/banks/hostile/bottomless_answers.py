"""Answers that never end: lists within lists a million deep, a list that holds itself, generators."""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    import itertools

    return itertools.repeat(x)


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    answer = {}
    answer["answer"] = answer
    return answer


# @project_l2
def project_l2(x_adv, x, eps):
    answer = [x]
    answer.append(answer)
    return answer


# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return (x for _ in iter(int, 1))


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    answer = 1.0
    for _ in range(1_000_000):
        answer = [answer]
    return answer


# @worst_case_shift
def worst_case_shift(w, eps):
    answer = w
    for _ in range(1_000_000):
        answer = (0.75, answer)
    return answer
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FUNCTIONS, flag="nested too deeply", hostile=True)
