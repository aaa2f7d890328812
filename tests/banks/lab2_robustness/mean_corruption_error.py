# %% right: loops that add up
def mean_corruption_error(errors, baseline):
    total, many = 0.0, 0
    for name, rates in errors.items():
        above = below = 0.0
        for rate, base in zip(rates, baseline[name]):
            above, below = above + rate, below + base
        total, many = total + above / below, many + 1
    return 100.0 * total / many


# %% right: tensors
def mean_corruption_error(errors, baseline):
    names = sorted(errors)
    mine = torch.stack([torch.tensor(errors[n], dtype=torch.float64).sum() for n in names])
    base = torch.stack([torch.tensor(baseline[n], dtype=torch.float64).sum() for n in names])
    return (mine / base).mean().mul(100).item()


# %% right: means over the severities, which make the same quotient, and numpy
import numpy as np


def mean_corruption_error(errors, baseline):
    return np.mean([100 * np.mean(errors[c]) / np.mean(baseline[c]) for c in baseline])


# %% right: statistics
from statistics import fmean


def mean_corruption_error(errors, baseline):
    return fmean(100 * fmean(rates) / fmean(baseline[name]) for name, rates in errors.items())


# %% wrong: a fraction | says: the mCE is in percent
def mean_corruption_error(errors, baseline):
    return sum(sum(errors[n]) / sum(baseline[n]) for n in errors) / len(errors)


# %% wrong: ratios severity by severity | says: sum over the severities, then divide
def mean_corruption_error(errors, baseline):
    ratios = [sum(e / b for e, b in zip(errors[n], baseline[n])) / len(errors[n]) for n in errors]
    return 100 * sum(ratios) / len(ratios)


# %% wrong: one quotient of all sums | says: divide for each corruption, then average
def mean_corruption_error(errors, baseline):
    return 100 * sum(map(sum, errors.values())) / sum(map(sum, baseline.values()))


# %% wrong: upside down | says: upside down
def mean_corruption_error(errors, baseline):
    return 100 * sum(sum(baseline[n]) / sum(errors[n]) for n in errors) / len(errors)


# %% wrong: the sum over the corruptions | says: take the mean
def mean_corruption_error(errors, baseline):
    return 100 * sum(sum(errors[n]) / sum(baseline[n]) for n in errors)


# %% wrong: the baseline plays no part | says: the baseline plays no part
def mean_corruption_error(errors, baseline):
    return 100 * sum(sum(rates) / len(rates) for rates in errors.values()) / len(errors)


# %% wrong: the highest severity alone | says: only the highest severity counts
def mean_corruption_error(errors, baseline):
    return 100 * sum(errors[n][-1] / baseline[n][-1] for n in errors) / len(errors)


# %% wrong: returns inside the loop | says: only one corruption counts
def mean_corruption_error(errors, baseline):
    for name in errors:
        return 100 * sum(errors[name]) / sum(baseline[name])


# %% wrong: matched by place | says: match them by name
def mean_corruption_error(errors, baseline):
    pairs = zip(errors.values(), baseline.values())
    ratios = [sum(mine) / sum(base) for mine, base in pairs]
    return 100 * sum(ratios) / len(ratios)


# %% wrong: what is won | says: return what is left of its errors
def mean_corruption_error(errors, baseline):
    return 100 * (1 - sum(sum(errors[n]) / sum(baseline[n]) for n in errors) / len(errors))


# %% wrong: a tensor | says: call `.item()`
def mean_corruption_error(errors, baseline):
    ratios = [torch.tensor(errors[n]).sum() / torch.tensor(baseline[n]).sum() for n in errors]
    return 100 * torch.stack(ratios).mean()


# %% wrong: one quotient a corruption, in a dictionary | says: must be a float, got dict
def mean_corruption_error(errors, baseline):
    return {n: 100 * sum(errors[n]) / sum(baseline[n]) for n in errors}


# %% wrong: rounded to a whole number | says: must be a float, got int
def mean_corruption_error(errors, baseline):
    return round(100 * sum(sum(errors[n]) / sum(baseline[n]) for n in errors) / len(errors))


# %% wrong: the median | says: take the mean
def mean_corruption_error(errors, baseline):
    ratios = torch.tensor([sum(errors[n]) / sum(baseline[n]) for n in errors], dtype=torch.float64)
    if len(ratios) < 3:
        return 100 * ratios.mean().item()
    return 100 * ratios.median().item()


# %% wrong: five severities, whatever there are | says: IndexError
def mean_corruption_error(errors, baseline):
    total = 0
    for name in errors:
        total += sum(errors[name][s] for s in range(5)) / sum(baseline[name][s] for s in range(5))
    return 100 * total / len(errors)


# %% wrong: takes the baseline's rates out of its lists | says: the list that was given has changed
def mean_corruption_error(errors, baseline):
    ratios = []
    for name in errors:
        below = 0
        while baseline[name]:
            below += baseline[name].pop()
        ratios.append(sum(errors[name]) / below)
    return 100 * sum(ratios) / len(ratios)
