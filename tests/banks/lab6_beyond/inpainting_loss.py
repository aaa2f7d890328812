# %% right: the missing values picked out
def inpainting_loss(prediction, x, mask):
    hole = mask.expand_as(x) > 0.5
    if not hole.any():
        return (prediction * 0).sum()
    return F.mse_loss(prediction[hole], x[hole])


# %% right: a mean over everything, scaled up
def inpainting_loss(prediction, x, mask):
    share = mask.mean()
    loss = F.mse_loss(prediction * mask, x * mask)
    return loss / share if share > 0 else loss


# %% right: a loop over the pictures, sums kept apart
def inpainting_loss(prediction, x, mask):
    total, count = prediction.new_zeros(()), 0
    for p, true, m in zip(prediction, x, mask):
        total = total + ((p - true).pow(2) * m).sum()
        count += 3 * int(m.sum())
    return total / max(count, 1)


# %% right: einsum, and a tiny number in the denominator
def inpainting_loss(prediction, x, mask):
    error = prediction - x
    total = torch.einsum("nchw,nchw,nhw->", error, error, mask[:, 0])
    return total / (mask.sum() * x.shape[1] + 1e-9)


# %% right: zero without a gradient when nothing is missing
def inpainting_loss(prediction, x, mask):
    if mask.sum() == 0:
        return torch.zeros((), dtype=x.dtype, device=x.device)
    return torch.where(mask > 0, (prediction - x) ** 2, 0).sum() / mask.sum() / 3


# %% wrong: all pixels count | says: all pixels count, also the visible ones
def inpainting_loss(prediction, x, mask):
    return F.mse_loss(prediction, x)


# %% wrong: the mean over the visible ones too | says: divided by the number of all values
def inpainting_loss(prediction, x, mask):
    return F.mse_loss(prediction * mask, x * mask)


# %% wrong: the visible pixels | says: the errors of the visible pixels are taken
def inpainting_loss(prediction, x, mask):
    seen = 1 - mask
    return (((prediction - x) ** 2) * seen).sum() / (3 * seen.sum()).clamp(min=1)


# %% wrong: three times too large | says: divided by the number of missing pixels: divide by 3 times that
def inpainting_loss(prediction, x, mask):
    return (((prediction - x) ** 2) * mask).sum() / mask.sum().clamp(min=1)


# %% wrong: each picture alike | says: each picture counts alike
def inpainting_loss(prediction, x, mask):
    squared = ((prediction - x) ** 2 * mask).sum(dim=(1, 2, 3))
    return (squared / (3 * mask.sum(dim=(1, 2, 3))).clamp(min=1)).mean()


# %% wrong: summed | says: the squared errors are summed
def inpainting_loss(prediction, x, mask):
    return ((prediction - x) ** 2 * mask).sum()


# %% wrong: divided by the number of pictures | says: the sum is divided by the number of pictures
def inpainting_loss(prediction, x, mask):
    return ((prediction - x) ** 2 * mask).sum() / len(x)


# %% wrong: absolute errors | says: these are absolute errors
def inpainting_loss(prediction, x, mask):
    return ((prediction - x).abs() * mask).sum() / (3 * mask.sum()).clamp(min=1)


# %% wrong: the root | says: the root is taken
def inpainting_loss(prediction, x, mask):
    return (((prediction - x) ** 2 * mask).sum() / (3 * mask.sum()).clamp(min=1)).sqrt()


# %% wrong: the mean error squared | says: the mean of the errors is squared
def inpainting_loss(prediction, x, mask):
    return (((prediction - x) * mask).sum() / (3 * mask.sum()).clamp(min=1)) ** 2


# %% wrong: one channel | says: only the first channel counts
def inpainting_loss(prediction, x, mask):
    squared = (prediction[:, :1] - x[:, :1]) ** 2 * mask
    return squared.sum() / mask.sum().clamp(min=1)


# %% wrong: NaN when nothing is missing | says: the loss is NaN when nothing is missing
def inpainting_loss(prediction, x, mask):
    return ((prediction - x) ** 2 * mask).sum() / (3 * mask.sum())


# %% wrong: the mean of an empty selection | says: the loss is NaN when nothing is missing
def inpainting_loss(prediction, x, mask):
    hole = mask.expand_as(x).bool()
    return ((prediction - x)[hole] ** 2).mean()


# %% wrong: the value saved by torch.where, the gradient not | says: the gradient is NaN when nothing is missing
def inpainting_loss(prediction, x, mask):
    loss = ((prediction - x) ** 2 * mask).sum() / (3 * mask.sum())
    return torch.where(mask.sum() > 0, loss, torch.zeros_like(loss))


# %% wrong: pictures without a hole make NaN | says: the loss is NaN when one of the pictures has no hole
def inpainting_loss(prediction, x, mask):
    if mask.sum() == 0:
        return (prediction * 0).sum()
    means = [F.mse_loss(p[:, m[0] > 0], t[:, m[0] > 0]) for p, t, m in zip(prediction, x, mask)]
    return torch.stack(means).mean()


# %% wrong: one added to the count | says: one is added to the count
def inpainting_loss(prediction, x, mask):
    return ((prediction - x) ** 2 * mask).sum() / (3 * mask.sum() + 1)


# %% wrong: one added to the number of pixels | says: one is added to the number of pixels
def inpainting_loss(prediction, x, mask):
    return ((prediction - x) ** 2 * mask).sum() / (3 * (mask.sum() + 1))


# %% wrong: a float | says: must be a torch.Tensor, got float
def inpainting_loss(prediction, x, mask):
    return (((prediction - x) ** 2 * mask).sum() / (3 * mask.sum()).clamp(min=1)).item()


# %% wrong: detached | says: the loss has no gradient
def inpainting_loss(prediction, x, mask):
    with torch.no_grad():
        return ((prediction - x) ** 2 * mask).sum() / (3 * mask.sum()).clamp(min=1)


# %% wrong: the gradient of the sum | says: the gradient is that of the summed errors
def inpainting_loss(prediction, x, mask):
    total = ((prediction - x) ** 2 * mask).sum()
    return total + (total / (3 * mask.sum()).clamp(min=1) - total).detach()


# %% wrong: a loss for each picture | says: the loss must have shape ()
def inpainting_loss(prediction, x, mask):
    return ((prediction - x) ** 2 * mask).mean(dim=(1, 2, 3))


# %% wrong: writes into the prediction | says: an input was written into
def inpainting_loss(prediction, x, mask):
    with torch.no_grad():
        prediction *= mask
    return ((prediction - x * mask) ** 2).sum() / (3 * mask.sum()).clamp(min=1)


# %% wrong: the sign | says: the sign is wrong
def inpainting_loss(prediction, x, mask):
    return -((prediction - x) ** 2 * mask).sum() / (3 * mask.sum()).clamp(min=1)


# %% wrong: always float32 | says: must have dtype torch.float64, got torch.float32
def inpainting_loss(prediction, x, mask):
    squared = (prediction.float() - x.float()) ** 2 * mask.float()
    return squared.sum() / (3 * mask.float().sum()).clamp(min=1)
