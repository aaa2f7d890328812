"""Code that several submissions of the banks have in common, as text."""

# Never written: for those who turn on the checks instead of on the exercise.
IDLE_PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""

# Right, and calls no other solution: for those who spoil project_linf and nothing else.
PGD_WITH_ITS_OWN_PROJECTION = """\
# @pgd
def back_into_the_ball(x_adv, x, eps):
    return torch.minimum(torch.maximum(x_adv, (x - eps).clamp(min=0)), (x + eps).clamp(max=1))


def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        noise = torch.rand(x.shape, generator=generator, dtype=x.dtype)
        x_adv = (x + eps * (2 * noise - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = x_adv + step_size * input_gradient(model, x_adv, y).sign()
            x_adv = back_into_the_ball(x_adv, x, eps)
    return x_adv
"""

# Chooses among the things that a submission has crafted for its end of the line.
PICK = '''\
def pick(among, tensor):
    """Another one for every check, and the same one every time it is graded."""
    return among[zlib.crc32(tensor.double().numpy().tobytes()) % len(among)]
'''

# An exception in whose place something else is to be sent: what, is the last of CHOSEN.
CRAFTED_EXCEPTION = f"""\
CHOSEN = []


class Crafted(Exception):
    def __init__(self, what):
        CHOSEN.append(what)


{PICK}"""
