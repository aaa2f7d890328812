# %% right: one picture after the other
def rotate_batch(x, k):
    return torch.stack([torch.rot90(picture, int(turns), (1, 2)) for picture, turns in zip(x, k)])


# %% right: transposed and flipped, quarter by quarter
def rotate_batch(x, k):
    result = x.clone()
    for number in range(len(x)):
        for _ in range(int(k[number])):
            result[number] = result[number].clone().transpose(1, 2).flip(1)
    return result


# %% right: all four positions, then one of them chosen
def rotate_batch(x, k):
    positions = torch.stack([torch.rot90(x, q, dims=[-2, -1]) for q in range(4)])
    return positions[k, torch.arange(x.shape[0], device=x.device)]


# %% right: by where, with a helper in the cell
def quarter(x):
    return x.flip(-1).transpose(-2, -1)


def rotate_batch(x, k):
    turned, out = x, x.clone()
    for value in (1, 2, 3):
        turned = quarter(turned)
        out = torch.where((k == value)[:, None, None, None], turned, out)
    return out


# %% right: by NumPy
def rotate_batch(x, k):
    import numpy as np

    pictures = x.detach().cpu().numpy()
    turned = [np.rot90(p, t, axes=(1, 2)).copy() for p, t in zip(pictures, k.tolist())]
    return torch.from_numpy(np.stack(turned)).to(x.device)


# %% right: rows and columns as indices
def rotate_batch(x, k):
    n, channels, size, _ = x.shape
    rows, columns = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    last = size - 1
    sources = {
        0: (rows, columns),
        1: (columns, last - rows),
        2: (last - rows, last - columns),
        3: (last - columns, rows),
    }
    out = torch.empty_like(x)
    for i in range(n):
        r, c = sources[k[i].item()]
        out[i] = x[i][:, r.to(x.device), c.to(x.device)]
    return out


# %% wrong: clockwise | says: the pictures are turned clockwise
def rotate_batch(x, k):
    return torch.stack([torch.rot90(p, -int(t), (1, 2)) for p, t in zip(x, k)])


# %% wrong: the axes the other way round | says: the pictures are turned clockwise
def rotate_batch(x, k):
    return torch.stack([torch.rot90(p, int(t), (2, 1)) for p, t in zip(x, k)])


# %% wrong: transposed for a quarter | says: are mirror images
def rotate_batch(x, k):
    out = x.clone()
    out[k == 1] = x[k == 1].transpose(2, 3)
    out[k == 2] = x[k == 2].flip(2).flip(3)
    out[k == 3] = x[k == 3].transpose(2, 3).flip(2, 3)
    return out


# %% wrong: upside down by one flip | says: are mirror images
def rotate_batch(x, k):
    out = x.clone()
    out[k == 1] = x[k == 1].rot90(1, (2, 3))
    out[k == 2] = x[k == 2].flip(2)
    out[k == 3] = x[k == 3].rot90(3, (2, 3))
    return out


# %% wrong: all like the first | says: every picture is turned like the first one
def rotate_batch(x, k):
    return torch.rot90(x, int(k[0]), (2, 3))


# %% wrong: all like the last, in a loop that overwrites | says: every picture is turned like the last one
def rotate_batch(x, k):
    for turns in k:
        out = torch.rot90(x, int(turns), (2, 3))
    return out


# %% wrong: sorted by k | says: the pictures come back sorted by k
def rotate_batch(x, k):
    return torch.cat([x[k == turns].rot90(turns, (2, 3)) for turns in range(4)])


# %% wrong: not turned at all | says: nothing is turned
def rotate_batch(x, k):
    return x.clone()


# %% wrong: k in degrees, so nothing fits | says: nothing is turned
def rotate_batch(x, k):
    out = x.clone()
    for turns, degrees in ((1, 90), (2, 180), (3, 270)):
        out[k == degrees] = x[k == degrees].rot90(turns, (2, 3))
    return out


# %% wrong: writes into x | says: an input was written into
def rotate_batch(x, k):
    for i in range(len(x)):
        x[i] = torch.rot90(x[i].clone(), int(k[i]), (1, 2))
    return x


# %% wrong: changes k | says: an input was written into
def rotate_batch(x, k):
    out = x.clone()
    while bool((k > 0).any()):
        out[k > 0] = out[k > 0].rot90(1, (2, 3))
        k -= 1
    return out


# %% wrong: hands x back where nothing is to be turned | says: the result is x itself
def rotate_batch(x, k):
    if not bool(k.any()):
        return x
    return torch.stack([torch.rot90(p, int(t), (1, 2)) for p, t in zip(x, k)])


# %% wrong: by interpolation | says: the pixels of a turned picture are not the numbers it had before
def rotate_batch(x, k):
    angle = -k.to(x.dtype) * torch.pi / 2
    zero = torch.zeros_like(angle)
    top = torch.stack([angle.cos(), -angle.sin(), zero], dim=1)
    bottom = torch.stack([angle.sin(), angle.cos(), zero], dim=1)
    grid = F.affine_grid(torch.stack([top, bottom], dim=1), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


# %% wrong: as bytes | says: the pixels of a turned picture are not the numbers it had before
def rotate_batch(x, k):
    pages = (x * 255).round() / 255
    return torch.stack([torch.rot90(p, int(t), (1, 2)) for p, t in zip(pages, k)])


# %% wrong: float32 whatever comes in | says: must have dtype torch.float64
def rotate_batch(x, k):
    return torch.stack([torch.rot90(p.float(), int(t), (1, 2)) for p, t in zip(x, k)])


# %% wrong: a list of pictures | says: must be a torch.Tensor, got list
def rotate_batch(x, k):
    return [torch.rot90(p, int(t), (1, 2)) for p, t in zip(x, k)]
