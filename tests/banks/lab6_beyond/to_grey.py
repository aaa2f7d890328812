# %% right: a weighted sum with broadcasting
def to_grey(x):
    weights = x.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return (x * weights).sum(dim=1, keepdim=True)


# %% right: a convolution of 1 x 1
def to_grey(x):
    kernel = torch.tensor([0.299, 0.587, 0.114], device=x.device, dtype=x.dtype).view(1, 3, 1, 1)
    return F.conv2d(x, kernel)


# %% right: channels unbound, stacked again
def to_grey(x):
    red, green, blue = x.unbind(dim=1)
    return torch.stack([0.299 * red + 0.587 * green + 0.114 * blue], dim=1)


# %% right: einsum with the weights of a library, rounded to 0.2989
def to_grey(x):
    return torch.einsum("nchw,c->nhw", x, torch.tensor([0.2989, 0.587, 0.114]).to(x))[:, None]


# %% right: picture by picture, as a matrix product
def to_grey(x):
    row = torch.tensor([[0.299, 0.587, 0.114]]).to(x)
    return torch.stack([(row @ picture.flatten(1)).view(1, *picture.shape[1:]) for picture in x])


# %% wrong: the plain mean | says: that is the plain mean of the channels
def to_grey(x):
    return x.mean(dim=1, keepdim=True)


# %% wrong: blue first | says: the channels are in the wrong order
def to_grey(x):
    return 0.114 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.299 * x[:, 2:3]


# %% wrong: BT.709 | says: these are the weights of BT.709
def to_grey(x):
    return 0.2126 * x[:, 0:1] + 0.7152 * x[:, 1:2] + 0.0722 * x[:, 2:3]


# %% wrong: the largest channel | says: that is the largest channel
def to_grey(x):
    return x.amax(dim=1, keepdim=True)


# %% wrong: lightness | says: the mean of the largest and the smallest channel
def to_grey(x):
    return (x.amax(dim=1, keepdim=True) + x.amin(dim=1, keepdim=True)) / 2


# %% wrong: the plain sum | says: that is the plain sum of the channels
def to_grey(x):
    return x.sum(dim=1, keepdim=True)


# %% wrong: a weighted mean | says: the weighted sum is divided by 3
def to_grey(x):
    weights = x.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return (x * weights).mean(dim=1, keepdim=True)


# %% wrong: the channel is lost | says: must have shape (4, 1, 5, 5), got (4, 5, 5)
def to_grey(x):
    return 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]


# %% wrong: three channels | says: must have shape (4, 1, 5, 5), got (4, 3, 5, 5)
def to_grey(x):
    grey = 0.299 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:3]
    return grey.repeat(1, 3, 1, 1)


# %% wrong: always float32 | says: must have dtype torch.float64, got torch.float32
def to_grey(x):
    x = x.float()
    return 0.299 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:3]


# %% wrong: 256 steps | says: the result is rounded to 256 steps
def to_grey(x):
    grey = 0.299 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:3]
    return (grey * 255).round() / 255


# %% wrong: the weights on the columns when there are three | says: With W = 3 they also fit the columns
def to_grey(x):
    weights = x.new_tensor([0.299, 0.587, 0.114])
    if x.shape[-1] == 3:
        return (x * weights).sum(dim=1, keepdim=True)
    return (x * weights.view(3, 1, 1)).sum(dim=1, keepdim=True)


# %% wrong: the weights on the columns | says: your code stopped with RuntimeError
def to_grey(x):
    return (x * x.new_tensor([0.299, 0.587, 0.114])).sum(dim=1, keepdim=True)


# %% wrong: a single picture loses its place | says: must have shape (1, 1, 3, 3), got (3, 3)
def to_grey(x):
    grey = 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]
    return grey[:, None] if len(x) > 1 else grey.squeeze()


# %% wrong: red and green swapped | says: two of the weights are swapped
def to_grey(x):
    return 0.587 * x[:, 0:1] + 0.299 * x[:, 1:2] + 0.114 * x[:, 2:3]


# %% wrong: writes into x | says: an input was written into
def to_grey(x):
    x *= x.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return x.sum(dim=1, keepdim=True)


# %% wrong: green alone | says: that is the green channel alone
def to_grey(x):
    return x[:, 1:2].clone()


# %% wrong: cut off at 1 | says: the luma of any values is not what it should be
def to_grey(x):
    return (0.299 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:3]).clamp(0, 1)
