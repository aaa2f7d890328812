# %% right: a loop over the pictures
def project_l2(x_adv, x, eps):
    results = []
    for a, b in zip(x_adv, x):
        delta = a - b
        length = delta.norm().item()
        if length > eps:
            delta = delta * (eps / length)
        results.append((b + delta).clamp(0, 1))
    return torch.stack(results)


# %% right: torch.renorm does it
def project_l2(x_adv, x, eps):
    delta = (x_adv - x).flatten(1)
    return (x + delta.renorm(p=2, dim=0, maxnorm=eps).view_as(x)).clamp(0, 1)


# %% right: the length from einsum, where instead of clamp
def project_l2(x_adv, x, eps):
    d = x_adv - x
    length = torch.einsum("nchw,nchw->n", d, d).sqrt()
    factor = torch.where(length > eps, eps / torch.where(length > 0, length, 1.0), 1.0)
    return torch.clamp(x + factor.to(d.dtype)[:, None, None, None] * d, 0.0, 1.0)


# %% right: a small number added to the length
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    length = (delta**2).sum(dim=(1, 2, 3), keepdim=True).sqrt() + 1e-10
    return (x + delta * torch.clamp(eps / length, max=1.0)).clamp(0, 1)


# %% wrong: one length for the whole batch | says: each picture has its own ball
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    return (x + delta * (eps / delta.norm().clamp(min=1e-12)).clamp(max=1)).clamp(0, 1)


# %% wrong: perturbations inside are made longer | says: inside the ball was made longer
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    length = delta.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
    return (x + eps * delta / length).clamp(0, 1)


# %% wrong: NaN for no perturbation | says: NaN
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    length = delta.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
    return (x + delta * torch.minimum(torch.ones_like(length), eps / length * (length / length))).clamp(0, 1)


# %% wrong: no clamp | says: leaves [0, 1]
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    length = delta.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
    return x + delta * (eps / length).clamp(max=1)


# %% wrong: each channel by itself | says: is not what it should be
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    length = delta.flatten(2).norm(dim=2).clamp(min=1e-12)[:, :, None, None]
    return (x + delta * (eps / length).clamp(max=1)).clamp(0, 1)


# %% wrong: the squared length | says: is not what it should be
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    length = (delta**2).sum(dim=(1, 2, 3), keepdim=True).clamp(min=1e-12)
    return (x + delta * (eps / length).clamp(max=1)).clamp(0, 1)


# %% wrong: the clamp comes first | says: scale, then clamp
def project_l2(x_adv, x, eps):
    delta = x_adv.clamp(0, 1) - x
    length = delta.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
    return x + delta * (eps / length).clamp(max=1)


# %% wrong: cuts each pixel at eps | says: nothing was scaled
def project_l2(x_adv, x, eps):
    return (x + (x_adv - x).clamp(-eps, eps)).clamp(0, 1)


# %% wrong: nothing is scaled | says: nothing was scaled
def project_l2(x_adv, x, eps):
    return x_adv.clamp(0, 1)


# %% wrong: the L1 length | says: is not what it should be
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    length = delta.abs().sum(dim=(1, 2, 3), keepdim=True).clamp(min=1e-12)
    return (x + delta * (eps / length).clamp(max=1)).clamp(0, 1)


# %% wrong: writes into x_adv | says: an input was written into
def project_l2(x_adv, x, eps):
    x_adv -= x
    length = x_adv.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
    x_adv *= (eps / length).clamp(max=1)
    return (x + x_adv).clamp(0, 1)


# %% wrong: shapes do not broadcast | says: stopped with
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    length = delta.flatten(1).norm(dim=1).clamp(min=1e-12)
    return (x + delta * (eps / length).clamp(max=1)).clamp(0, 1)


# %% wrong: a picture outside makes the others shrink too | says: is not what it should be
def project_l2(x_adv, x, eps):
    delta = x_adv - x
    length = delta.flatten(1).norm(dim=1).max().clamp(min=1e-12)
    return (x + delta * (eps / length).clamp(max=1)).clamp(0, 1)
