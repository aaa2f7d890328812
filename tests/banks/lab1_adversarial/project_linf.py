# %% right: minimum and maximum
def project_linf(x_adv, x, eps):
    low = torch.maximum(x - eps, torch.zeros_like(x))
    high = torch.minimum(x + eps, torch.ones_like(x))
    return torch.minimum(torch.maximum(x_adv, low), high)


# %% right: clamp with tensor bounds, [0, 1] first
def project_linf(x_adv, x, eps):
    return x_adv.clamp(0, 1).clamp(min=x - eps, max=x + eps).clamp(0, 1)


# %% right: where, one side at a time
def project_linf(x_adv, x, eps):
    result = torch.where(x_adv > x + eps, x + eps, x_adv)
    result = torch.where(result < x - eps, x - eps, result)
    result = torch.where(result > 1, torch.ones_like(result), result)
    return torch.where(result < 0, torch.zeros_like(result), result)


# %% wrong: only the ball | says: leaves [0, 1]
def project_linf(x_adv, x, eps):
    return x + (x_adv - x).clamp(-eps, eps)


# %% wrong: only [0, 1] | says: no pixel may move further than eps
def project_linf(x_adv, x, eps):
    return x_adv.clamp(0, 1)


# %% wrong: the whole perturbation is scaled | says: the whole perturbation is scaled
def project_linf(x_adv, x, eps):
    delta = x_adv - x
    largest = delta.abs().amax(dim=(1, 2, 3), keepdim=True).clamp(min=1e-12)
    return (x + delta * (eps / largest).clamp(max=1)).clamp(0, 1)


# %% wrong: every pixel on the edge of the ball | says: stays where it is
def project_linf(x_adv, x, eps):
    return (x + eps * (x_adv - x).sign()).clamp(0, 1)


# %% wrong: writes into x_adv | says: an input was written into
def project_linf(x_adv, x, eps):
    x_adv.sub_(x).clamp_(-eps, eps).add_(x).clamp_(0, 1)
    return x_adv.clone()


# %% wrong: only pushes up are limited | says: no pixel may move further than eps
def project_linf(x_adv, x, eps):
    return (x + (x_adv - x).clamp(max=eps)).clamp(0, 1)


# %% wrong: the perturbation alone | says: leaves [0, 1]
def project_linf(x_adv, x, eps):
    return (x_adv - x).clamp(-eps, eps)


# %% wrong: throws the perturbation away | says: thrown away
def project_linf(x_adv, x, eps):
    return x.clone()


# %% wrong: an L2 ball | says: is not what it should be
def project_linf(x_adv, x, eps):
    delta = x_adv - x
    length = delta.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
    return (x + delta * (eps / length).clamp(max=1)).clamp(0, 1)


# %% wrong: around x_adv instead of x | says: no pixel may move further than eps
def project_linf(x_adv, x, eps):
    return (x_adv + (x - x_adv).clamp(-eps, eps)).clamp(0, 1)


# %% wrong: eps taken for a number out of 255 | says: is not what it should be
def project_linf(x_adv, x, eps):
    return (x + (x_adv - x).clamp(-eps / 255, eps / 255)).clamp(0, 1)


# %% wrong: the result is always float32 | says: dtype
def project_linf(x_adv, x, eps):
    return (x + (x_adv - x).clamp(-eps, eps)).clamp(0, 1).float()
