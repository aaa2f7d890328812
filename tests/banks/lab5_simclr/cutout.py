# %% right: a loop
def cutout(x, size, generator=None):
    out = x.clone()
    h, w = x.shape[-2:]
    for i in range(len(x)):
        top = torch.randint(0, h - size + 1, (1,), generator=generator).item()
        left = torch.randint(0, w - size + 1, (1,), generator=generator).item()
        out[i, :, top : top + size, left : left + size] = 0.5
    return out


# %% right: a mask from distances, fractions times the number of places, columns first
def cutout(x, size, generator=None):
    n, _, h, w = x.shape
    left = (torch.rand(n, generator=generator) * (w - size + 1)).long().clamp(max=w - size)
    top = (torch.rand(n, generator=generator) * (h - size + 1)).long().clamp(max=h - size)
    c = torch.arange(w)[None, :] - left[:, None]
    r = torch.arange(h)[None, :] - top[:, None]
    mask = ((r >= 0) & (r < size))[:, :, None] & ((c >= 0) & (c < size))[:, None, :]
    mask = mask[:, None].to(x)
    return x * (1 - mask) + 0.5 * mask


# %% right: by the numbers of the covered pixels
def cutout(x, size, generator=None):
    side = x.shape[-1]
    corner = torch.randint(side - size + 1, (len(x), 2), generator=generator)
    offsets = torch.cartesian_prod(torch.arange(size), torch.arange(size)).view(-1, 2)
    places = corner[:, None, :] + offsets  # (N, size^2, 2)
    numbers = (places[..., 0] * side + places[..., 1])[:, None, :].expand(-1, 3, -1)
    flat = x.flatten(2).clone()
    flat.scatter_(2, numbers.to(x.device), 0.5)
    return flat.view_as(x)


# %% right: torch.where with one place drawn as a single number
def cutout(x, size, generator=None):
    places = x.shape[-1] - size + 1
    number = torch.randint(places * places, (len(x), 1), generator=generator)
    top, left = number // places, number % places
    at = torch.arange(x.shape[-1])
    rows = (top <= at) & (at < top + size)
    columns = (left <= at) & (at < left + size)
    inside = torch.einsum("ni,nj->nij", rows.float(), columns.float()) > 0
    return torch.where(inside[:, None].to(x.device), torch.tensor(0.5).to(x), x)


# %% base: a corner, then a slice
def cutout(x, size, generator=None):
    out = x.clone()
    h = x.shape[-1]
    for i in range(len(x)):
        top, left = torch.randint(0, h - size + 1, (2,), generator=generator).tolist()
        out[i, :, top : top + size, left : left + size] = 0.5
    return out


# %% wrong: black | says: the square is black
# -        out[i, :, top : top + size, left : left + size] = 0.5
# +        out[i, :, top : top + size, left : left + size] = 0

# %% wrong: half as bright | says: the square is not 0.5 all over
# -        out[i, :, top : top + size, left : left + size] = 0.5
# +        out[i, :, top : top + size, left : left + size] *= 0.5

# %% wrong: the mean colour of the picture | says: the square is not 0.5 all over
# -        out[i, :, top : top + size, left : left + size] = 0.5
# +        out[i, :, top : top + size, left : left + size] = x[i].mean()

# %% wrong: the corner anywhere | says: must lie wholly inside
# -        top, left = torch.randint(0, h - size + 1, (2,), generator=generator).tolist()
# +        top, left = torch.randint(0, h, (2,), generator=generator).tolist()

# %% wrong: the last place is never drawn | says: never reaches the last row or column
# -        top, left = torch.randint(0, h - size + 1, (2,), generator=generator).tolist()
# +        top, left = torch.randint(0, max(1, h - size), (2,), generator=generator).tolist()

# %% wrong: the first place is never drawn | says: both may be 0 to
# -        top, left = torch.randint(0, h - size + 1, (2,), generator=generator).tolist()
# +        top, left = torch.randint(min(1, h - size), h - size + 1, (2,), generator=generator).tolist()

# %% wrong: no room for a square as large as the picture | says: your code stopped with RuntimeError
# -        top, left = torch.randint(0, h - size + 1, (2,), generator=generator).tolist()
# +        top, left = torch.randint(0, h - size, (2,), generator=generator).tolist()

# %% wrong: only one channel | says: the square is not the same in all three channels
# -        out[i, :, top : top + size, left : left + size] = 0.5
# +        out[i, 0, top : top + size, left : left + size] = 0.5

# %% wrong: size is half the side | says: must lie wholly inside
# -        top, left = torch.randint(0, h - size + 1, (2,), generator=generator).tolist()
# -        out[i, :, top : top + size, left : left + size] = 0.5
# +        row, column = torch.randint(0, h, (2,), generator=generator).tolist()
# +        out[i, :, max(0, row - size) : row + size, max(0, column - size) : column + size] = 0.5

# %% wrong: a cross of whole rows and columns | says: the square covers 8 x 8 pixels
# -        out[i, :, top : top + size, left : left + size] = 0.5
# +        out[i, :, top : top + size] = 0.5
# +        out[i, :, :, left : left + size] = 0.5

# %% wrong: the generator is not used | says: the same seed gave two results
# -        top, left = torch.randint(0, h - size + 1, (2,), generator=generator).tolist()
# +        top, left = torch.randint(0, h - size + 1, (2,)).tolist()

# %% wrong: nothing is returned | says: needs a `return`
# -    return out


# %% wrong: partly outside | says: must lie wholly inside
def cutout(x, size, generator=None):
    out = x.clone()
    h = x.shape[-1]
    for i in range(len(x)):
        row, column = torch.randint(0, h, (2,), generator=generator).tolist()
        top, left = max(0, row - size // 2), max(0, column - size // 2)
        out[i, :, top : row - size // 2 + size, left : column - size // 2 + size] = 0.5
    return out


# %% wrong: one place for all | says: every picture is covered at the same place
def cutout(x, size, generator=None):
    out = x.clone()
    top, left = torch.randint(0, x.shape[-1] - size + 1, (2,), generator=generator).tolist()
    out[:, :, top : top + size, left : left + size] = 0.5
    return out


# %% wrong: always on the diagonal | says: always lies on the diagonal
def cutout(x, size, generator=None):
    out = x.clone()
    for i in range(len(x)):
        at = torch.randint(0, x.shape[-1] - size + 1, (1,), generator=generator).item()
        out[i, :, at : at + size, at : at + size] = 0.5
    return out


# %% wrong: a place for each channel | says: the square is not the same in all three channels
def cutout(x, size, generator=None):
    out = x.clone()
    h = x.shape[-1]
    for i in range(len(x)):
        for c in range(3):
            top, left = torch.randint(0, h - size + 1, (2,), generator=generator).tolist()
            out[i, c, top : top + size, left : left + size] = 0.5
    return out


# %% wrong: one pixel too large, the end counted in | says: 4 x 4 pixels for size = 3
def cutout(x, size, generator=None):
    side = x.shape[-1]
    top, left = torch.randint(0, max(1, side - size), (2, len(x), 1), generator=generator)
    at = torch.arange(side)
    rows, columns = (at >= top) & (at <= top + size), (at >= left) & (at <= left + size)
    return x.masked_fill(rows[:, None, :, None] & columns[:, None, None, :], 0.5)


# %% wrong: writes into the pictures that it was given | says: an input was written into
def cutout(x, size, generator=None):
    h = x.shape[-1]
    for i in range(len(x)):
        top, left = torch.randint(0, h - size + 1, (2,), generator=generator).tolist()
        x[i, :, top : top + size, left : left + size] = 0.5
    return x
