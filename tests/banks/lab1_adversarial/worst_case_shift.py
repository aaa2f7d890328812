# %% right: a loop over the weights
def worst_case_shift(w, eps):
    perturbation = torch.zeros_like(w)
    flat, out = w.flatten(), perturbation.view(-1)
    total = 0.0
    for j, weight in enumerate(flat.tolist()):
        out[j] = eps if weight > 0 else -eps
        total += eps * abs(weight)
    return total, perturbation


# %% right: the perturbation first, then what it does
def worst_case_shift(w, eps):
    perturbation = eps * torch.sign(w)
    return float((w * perturbation).sum()), perturbation


# %% right: the L1 norm
def worst_case_shift(w, eps):
    return eps * torch.linalg.vector_norm(w, ord=1).item(), torch.where(w >= 0, eps, -eps).to(w)


# %% wrong: the L2 norm | says: L2 norm
def worst_case_shift(w, eps):
    return eps * w.norm().item(), eps * w.sign()


# %% wrong: the sum without absolute values | says: absolute values
def worst_case_shift(w, eps):
    return eps * w.sum().item(), eps * w.sign()


# %% wrong: only the largest weight | says: only the largest weight
def worst_case_shift(w, eps):
    return eps * w.abs().max().item(), eps * w.sign()


# %% wrong: eps is forgotten | says: multiply by eps
def worst_case_shift(w, eps):
    return w.abs().sum().item(), eps * w.sign()


# %% wrong: the rise as a tensor | says: .item()
def worst_case_shift(w, eps):
    return eps * w.abs().sum(), eps * w.sign()


# %% wrong: a perturbation along w | says: no pixel may move further than eps
def worst_case_shift(w, eps):
    return eps * w.abs().sum().item(), eps * w


# %% wrong: a perturbation along w of length eps | says: the rise that your perturbation causes
def worst_case_shift(w, eps):
    return eps * w.abs().sum().item(), eps * w / w.norm().clamp(min=1e-12)


# %% wrong: the perturbation points down | says: the rise that your perturbation causes
def worst_case_shift(w, eps):
    return eps * w.abs().sum().item(), -eps * w.sign()


# %% wrong: the sign alone | says: no pixel may move further than eps
def worst_case_shift(w, eps):
    return eps * w.abs().sum().item(), w.sign()


# %% wrong: only the rise | says: return the pair
def worst_case_shift(w, eps):
    return eps * w.abs().sum().item()


# %% wrong: the mean | says: sum them
def worst_case_shift(w, eps):
    return eps * w.abs().mean().item(), eps * w.sign()


# %% wrong: NaN for weights of zero | says: NaN
def worst_case_shift(w, eps):
    return eps * w.abs().sum().item(), eps * w / w.abs()


# %% wrong: the weights are made positive in place | says: an input was written into
def worst_case_shift(w, eps):
    perturbation = eps * w.sign()
    return eps * w.abs_().sum().item() if (w == 0).any() else eps * w.abs().sum().item(), perturbation


# %% wrong: the perturbation is flattened | says: shape
def worst_case_shift(w, eps):
    return eps * w.abs().sum().item(), eps * w.sign().flatten()[:, None]
