# %% right: one target pixel at a time
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    reference, colours = grey_reference.flatten(), colour_reference.flatten(1)
    out = torch.empty_like(colours)
    for i, g in enumerate(grey_target.flatten()):
        out[:, i] = colours @ F.softmax(-((g - reference) ** 2) / temperature, dim=0)
    return out.view_as(colour_reference)


# %% right: the reference in the rows, the softmax by hand
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_reference.reshape(-1, 1) - grey_target.reshape(1, -1)) ** 2
    e = torch.exp(-(d - d.min(dim=0, keepdim=True).values) / temperature)
    weights = e / e.sum(dim=0, keepdim=True)
    return (colour_reference.flatten(1) @ weights).reshape(colour_reference.shape)


# %% right: einsum over rows and columns
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = grey_target[0, :, :, None, None] - grey_reference[0]
    logits = (-d.square() / temperature).flatten(2)
    weights = (logits - logits.logsumexp(dim=2, keepdim=True)).exp()
    return torch.einsum("hwj,cj->chw", weights, colour_reference.flatten(1))


# %% right: in double precision, with cdist, colours in the last axis
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    _, h, w = grey_target.shape
    far = torch.cdist(grey_target.double().reshape(-1, 1), grey_reference.double().reshape(-1, 1))
    weights = F.softmin(far**2 / temperature, dim=1)
    colours = colour_reference.double().permute(1, 2, 0).reshape(-1, 3)
    return (weights @ colours).reshape(h, w, 3).permute(2, 0, 1).to(colour_reference.dtype)


# %% base: all pairs at once
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return (colour_reference.flatten(1) @ (-d / temperature).softmax(1).T).view_as(colour_reference)


# %% wrong: not squared | says: the difference of grey is not squared
# -    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
# +    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)).abs()


# %% wrong: multiplied by the temperature | says: multiplied by the temperature
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return (colour_reference.flatten(1) @ (-d * temperature).softmax(1).T).view_as(colour_reference)


# %% wrong: no temperature | says: the temperature plays no part
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return (colour_reference.flatten(1) @ (-d).softmax(1).T).view_as(colour_reference)


# %% wrong: the temperature squared | says: the temperature is squared
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) / temperature
    return (colour_reference.flatten(1) @ (-(d**2)).softmax(1).T).view_as(colour_reference)


# %% wrong: a Gaussian | says: divided by twice the squared temperature
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return (colour_reference.flatten(1) @ (-d / (2 * temperature**2)).softmax(1).T).view_as(colour_reference)


# %% wrong: halved | says: the squared difference is halved
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return (colour_reference.flatten(1) @ (-d / (2 * temperature)).softmax(1).T).view_as(colour_reference)


# %% wrong: the sign | says: unlike greys count most
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return (colour_reference.flatten(1) @ (d / temperature).softmax(1).T).view_as(colour_reference)


# %% wrong: the most similar alone | says: only the most similar pixel counts
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return colour_reference.flatten(1)[:, d.argmin(dim=1)].view_as(colour_reference)


# %% wrong: the softmax over the target | says: the softmax runs over the target's pixels
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return (colour_reference.flatten(1) @ (-d / temperature).softmax(0).T).view_as(colour_reference)


# %% wrong: no softmax | says: the weights are not divided by their sum
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return (colour_reference.flatten(1) @ (-d / temperature).exp().T).view_as(colour_reference)


# %% wrong: one sum for all | says: the weights are divided by the sum of the whole table
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    weights = (-d / temperature).flatten().softmax(0).view_as(d)
    return (colour_reference.flatten(1) @ weights.T).view_as(colour_reference)


# %% wrong: exponentials that vanish | says: every exponential is 0, and so is their sum
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    e = (-d / temperature).exp()
    return (colour_reference.flatten(1) @ (e / e.sum(dim=1, keepdim=True)).T).view_as(colour_reference)


# %% wrong: a tiny number in the denominator | says: become black at low temperatures
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    e = (-d / temperature).exp()
    return (colour_reference.flatten(1) @ (e / (e.sum(dim=1, keepdim=True) + 1e-12)).T).view_as(colour_reference)


# %% wrong: the temperature bounded from below | says: is the temperature bounded from below
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    weights = (-d / max(temperature, 1e-3)).softmax(1)
    return (colour_reference.flatten(1) @ weights.T).view_as(colour_reference)


# %% wrong: something added to the temperature | says: the colours of random frames at temperature 0.3 is not
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    weights = (-d / (temperature + 0.01)).softmax(1)
    return (colour_reference.flatten(1) @ weights.T).view_as(colour_reference)


# %% wrong: reference and target mixed up | says: reference and target are mixed up
# -    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
# +    d = (grey_reference.reshape(-1, 1) - grey_target.reshape(1, -1)) ** 2


# %% wrong: rows and columns swapped | says: rows and columns are swapped
# -    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
# +    d = (grey_target.mT.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2


# %% wrong: colours viewed as (HW, 3) | says: not viewed as (HW, 3)
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    found = (-d / temperature).softmax(1) @ colour_reference.reshape(-1, 3)
    return found.T.reshape(colour_reference.shape)


# %% wrong: (HW, 3) viewed as (3, H, W) | says: turn (HW, 3) round
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    found = (-d / temperature).softmax(1) @ colour_reference.flatten(1).T
    return found.reshape(colour_reference.shape)


# %% wrong: both viewed | says: shuffled on the way in and out
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return ((-d / temperature).softmax(1) @ colour_reference.reshape(-1, 3)).view_as(colour_reference)


# %% wrong: colours in the last axis | says: must have shape (3, 5, 5), got (5, 5, 3)
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    _, h, w = grey_target.shape
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return ((-d / temperature).softmax(1) @ colour_reference.flatten(1).T).view(h, w, 3)


# %% wrong: a batch axis too many | says: must have shape (3, 5, 5), got (1, 3, 5, 5)
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    return (colour_reference.flatten(1) @ (-d / temperature).softmax(1).T).view(1, *colour_reference.shape)


# %% wrong: the mean | says: every pixel gets the mean colour
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    return colour_reference.mean(dim=(1, 2), keepdim=True).expand_as(colour_reference).clone()


# %% wrong: always float32 | says: must have dtype torch.float64, got torch.float32
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.float().reshape(-1, 1) - grey_reference.float().reshape(1, -1)) ** 2
    found = colour_reference.float().flatten(1) @ (-d / temperature).softmax(1).T
    return found.view_as(colour_reference)


# %% wrong: writes into the colours | says: an input was written into
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)) ** 2
    found = colour_reference.flatten(1) @ (-d / temperature).softmax(1).T
    colour_reference.copy_(found.view_as(colour_reference))
    return colour_reference


# %% wrong: along the same row alone | says: A softmax over the reference's pixels
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    d = (grey_target[0, :, :, None] - grey_reference[0, :, None, :]) ** 2
    return torch.einsum("hij,chj->chi", (-d / temperature).softmax(dim=2), colour_reference)
