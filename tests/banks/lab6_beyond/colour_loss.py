# %% right: the difference first, its own luma taken away
def colour_loss(prediction, x, weight):
    difference = prediction - x
    luma = (difference * difference.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    squared = (difference - luma).pow(2).sum(1, keepdim=True)
    return (squared * weight).sum() / weight.sum()


# %% right: weights that add up to 1
def colour_loss(prediction, x, weight):
    share = weight / weight.sum()
    chroma_error = prediction - to_grey(prediction) - x + to_grey(x)
    return torch.einsum("nchw,nchw,nhw->", chroma_error, chroma_error, share[:, 0])


# %% right: picture by picture and channel by channel
def colour_loss(prediction, x, weight):
    def chroma(z):
        return z - to_grey(z)

    total = 0
    for p, true, w in zip(chroma(prediction), chroma(x), weight):
        for channel in range(3):
            total = total + (w[0] * (p[channel] - true[channel]) ** 2).sum()
    return total / weight.sum()


# %% right: F.mse_loss of scaled values
def colour_loss(prediction, x, weight):
    root = weight.sqrt()
    a, b = prediction - to_grey(prediction), x - to_grey(x)
    return F.mse_loss(root * a, root * b, reduction="sum") / weight.sum()


# %% right: a matrix that takes the luma away
def colour_loss(prediction, x, weight):
    away = torch.eye(3) - torch.tensor([0.299, 0.587, 0.114]).expand(3, 3)
    error = torch.einsum("dc,nchw->ndhw", away.to(x), prediction - x)
    flat = (error * error).sum(dim=1).flatten()
    return flat @ weight.flatten() / weight.sum()


# %% base: chroma against chroma
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * (error**2).sum(dim=1, keepdim=True)).sum() / weight.sum()


# %% wrong: colours | says: the colours are compared, not the chroma
def colour_loss(prediction, x, weight):
    squared = ((prediction - x) ** 2).sum(dim=1, keepdim=True)
    return (weight * squared).sum() / weight.sum()


# %% wrong: the same grey taken from both | says: the colours are compared, not the chroma
def colour_loss(prediction, x, weight):
    grey = to_grey(x)
    error = (prediction - grey) - (x - grey)
    return (weight * error**2).sum() / weight.sum()


# %% wrong: averaged over the components | says: the errors are averaged over the three components
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * (error**2).mean(dim=1, keepdim=True)).sum() / weight.sum()


# %% wrong: three times the sum of the weights | says: divided by 3 times the sum of the weights
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    weight = weight.expand_as(x)
    return (weight * error**2).sum() / weight.sum()


# %% wrong: the plain mean for grey | says: the grey is the plain mean of the channels
def colour_loss(prediction, x, weight):
    chroma = lambda z: z - z.mean(dim=1, keepdim=True)
    squared = ((chroma(prediction) - chroma(x)) ** 2).sum(dim=1, keepdim=True)
    return (weight * squared).sum() / weight.sum()


# %% wrong: the weights are not used | says: the weights play no part
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (error**2).sum(dim=1).mean()


# %% wrong: divided by the number of pixels | says: divided by the number of pixels
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * (error**2).sum(dim=1, keepdim=True)).mean()


# %% wrong: divided by the number of all values | says: divided by the number of all values
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * error**2).mean()


# %% wrong: each picture alike | says: each picture counts alike
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    squared = weight * (error**2).sum(dim=1, keepdim=True)
    return (squared.sum(dim=(1, 2, 3)) / weight.sum(dim=(1, 2, 3))).mean()


# %% wrong: summed | says: the weighted errors are summed
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * (error**2).sum(dim=1, keepdim=True)).sum()


# %% wrong: the errors are weighted, then squared | says: the weights are squared
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return ((weight * error) ** 2).sum() / weight.sum()


# %% wrong: absolute errors | says: these are absolute errors
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * error.abs().sum(dim=1, keepdim=True)).sum() / weight.sum()


# %% wrong: Euclidean distances | says: these are Euclidean distances
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * (error.pow(2).sum(dim=1, keepdim=True) + 1e-16).sqrt()).sum() / weight.sum()


# %% wrong: the prediction taken for chroma | says: the prediction's grey is still in it
def colour_loss(prediction, x, weight):
    squared = ((prediction - (x - to_grey(x))) ** 2).sum(dim=1, keepdim=True)
    return (weight * squared).sum() / weight.sum()


# %% wrong: the greys are compared | says: the grey pictures are compared
def colour_loss(prediction, x, weight):
    return (weight * (to_grey(prediction) - to_grey(x)) ** 2).sum() / weight.sum()


# %% wrong: only how vivid they are | says: only the strengths of the two chromas are compared
def colour_loss(prediction, x, weight):
    strength = lambda z: (z - to_grey(z)).norm(dim=1, keepdim=True)
    return (weight * (strength(prediction) - strength(x)) ** 2).sum() / weight.sum()


# %% wrong: components summed, then squared | says: the components are summed before they are squared
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * error.sum(dim=1, keepdim=True) ** 2).sum() / weight.sum()


# %% wrong: the grey detached | says: the grey of the prediction is detached
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction.detach())) - (x - to_grey(x))
    return (weight * (error**2).sum(dim=1, keepdim=True)).sum() / weight.sum()


# %% wrong: a float | says: must be a torch.Tensor, got float
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return ((weight * (error**2).sum(dim=1, keepdim=True)).sum() / weight.sum()).item()


# %% wrong: no gradient | says: the loss has no gradient
# -def colour_loss(prediction, x, weight):
# +def colour_loss(prediction, x, weight):
# +    prediction = prediction.detach()


# %% wrong: one added to the sum of the weights | says: one is added to the sum of the weights
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * (error**2).sum(dim=1, keepdim=True)).sum() / (weight.sum() + 1)


# %% wrong: the root | says: the root of the mean is taken
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return ((weight * (error**2).sum(dim=1, keepdim=True)).sum() / weight.sum()).sqrt()


# %% wrong: a loss for each picture | says: the loss must have shape ()
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * error**2).sum(dim=(1, 2, 3)) / weight.sum(dim=(1, 2, 3))


# %% wrong: weights scaled in place | says: an input was written into
def colour_loss(prediction, x, weight):
    weight /= weight.sum()
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    return (weight * error**2).sum()


# %% wrong: pixels with any weight alike | says: pixels of weight above 0 all count alike
def colour_loss(prediction, x, weight):
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))
    squared = (error**2).sum(dim=1, keepdim=True)
    return squared[weight > 0].mean()
