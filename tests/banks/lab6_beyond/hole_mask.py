# %% right: a loop
def hole_mask(n, size, fraction, generator=None):
    side = int(size * fraction**0.5 + 0.5)
    mask = torch.zeros(n, 1, size, size)
    for i in range(n):
        top = torch.randint(0, size - side + 1, (1,), generator=generator).item()
        left = torch.randint(0, size - side + 1, (1,), generator=generator).item()
        mask[i, :, top : top + side, left : left + side] = 1
    return mask


# %% right: fractions times the number of places, columns first, rounded up
import math


def hole_mask(n, size, fraction, generator=None):
    side = min(size, math.ceil(size * math.sqrt(fraction)))
    places = size - side + 1
    left = (torch.rand(n, 1, 1, generator=generator) * places).floor().clamp(max=places - 1)
    top = (torch.rand(n, 1, 1, generator=generator) * places).floor().clamp(max=places - 1)
    c = torch.arange(size)[None, None, :] - left
    r = torch.arange(size)[None, :, None] - top
    return ((c >= 0) & (c < side) & (r >= 0) & (r < side)).unsqueeze(1).double()


# %% right: one number for a place, rounded down, filled with scatter
def hole_mask(n, size, fraction, generator=None):
    side = int(size * fraction**0.5)
    places = size - side + 1
    number = torch.randint(places * places, (n, 1), generator=generator)
    corner = number // places * size + number % places
    offsets = (torch.arange(side)[:, None] * size + torch.arange(side)).flatten()
    return torch.zeros(n, size * size).scatter_(1, corner + offsets, 1.0).view(n, 1, size, size)


# %% right: products of rows and columns
def hole_mask(n, size, fraction, generator=None):
    def stripe():
        first = torch.randint(size - side + 1, (n,), generator=generator)
        return torch.stack([(torch.arange(size) - f).abs().lt(side) & (torch.arange(size) >= f) for f in first])

    side = round(size * fraction**0.5)
    return torch.einsum("ni,nj->nij", stripe().float(), stripe().float())[:, None]


# %% base: a corner, then a slice
def hole_mask(n, size, fraction, generator=None):
    side = round(size * fraction**0.5)
    mask = torch.zeros(n, 1, size, size)
    for i in range(n):
        top, left = torch.randint(0, size - side + 1, (2,), generator=generator).tolist()
        mask[i, :, top : top + side, left : left + side] = 1
    return mask


# %% wrong: the fraction is the side's | says: fraction is a part of the area, not of the side
# -    side = round(size * fraction**0.5)
# +    side = round(size * fraction)


# %% wrong: turned round | says: the mask is turned round
# -    mask = torch.zeros(n, 1, size, size)
# +    mask = torch.ones(n, 1, size, size)
# -        mask[i, :, top : top + side, left : left + side] = 1
# +        mask[i, :, top : top + side, left : left + side] = 0


# %% wrong: the same hole in all pictures | says: every picture has its hole at the same place
def hole_mask(n, size, fraction, generator=None):
    side = round(size * fraction**0.5)
    top, left = torch.randint(0, size - side + 1, (2,), generator=generator).tolist()
    mask = torch.zeros(n, 1, size, size)
    mask[:, :, top : top + side, left : left + side] = 1
    return mask


# %% wrong: on the diagonal | says: the hole always lies on the diagonal
def hole_mask(n, size, fraction, generator=None):
    side = round(size * fraction**0.5)
    mask = torch.zeros(n, 1, size, size)
    for i in range(n):
        at = torch.randint(0, size - side + 1, (1,), generator=generator).item()
        mask[i, :, at : at + side, at : at + side] = 1
    return mask


# %% wrong: never in the last row | says: the hole never reaches the last row or column
# -        top, left = torch.randint(0, size - side + 1, (2,), generator=generator).tolist()
# +        top, left = torch.randint(0, max(1, size - side), (2,), generator=generator).tolist()


# %% wrong: never in the first row | says: the hole never begins in the first row or column
# -        top, left = torch.randint(0, size - side + 1, (2,), generator=generator).tolist()
# +        low = min(1, size - side)
# +        top, left = torch.randint(low, size - side + 1, (2,), generator=generator).tolist()


# %% wrong: cut off at the edge | says: they reach beyond the edge
# -        top, left = torch.randint(0, size - side + 1, (2,), generator=generator).tolist()
# +        top, left = torch.randint(0, size, (2,), generator=generator).tolist()


# %% wrong: a centre anywhere, cut off at the edges | says: they reach beyond the edge
def hole_mask(n, size, fraction, generator=None):
    half = round(size * fraction**0.5) // 2
    mask = torch.zeros(n, 1, size, size)
    for i in range(n):
        y, x = torch.randint(0, size, (2,), generator=generator).tolist()
        mask[i, :, max(0, y - half) : y + half, max(0, x - half) : x + half] = 1
    return mask


# %% wrong: pushed back inside | says: the holes crowd at the picture's edge
# -        top, left = torch.randint(0, size - side + 1, (2,), generator=generator).tolist()
# +        top, left = torch.randint(-side // 2, size - side // 2, (2,), generator=generator).clamp(0, size - side).tolist()


# %% wrong: rounded places | says: the first and the last place come too rarely
def hole_mask(n, size, fraction, generator=None):
    side = round(size * fraction**0.5)
    first = (torch.rand(2, n, 1, generator=generator) * (size - side)).round()
    at = torch.arange(size)
    rows, columns = (at >= first) & (at < first + side)
    return (rows[:, None, :, None] & columns[:, None, None, :]).float()


# %% wrong: a normal distribution around the middle | says: the first and the last place come too rarely
def hole_mask(n, size, fraction, generator=None):
    side = round(size * fraction**0.5)
    room = size - side
    first = (room / 2 + torch.randn(2, n, 1, generator=generator) * room / 4).round().clamp(0, room)
    at = torch.arange(size)
    rows, columns = (at >= first) & (at < first + side)
    return (rows[:, None, :, None] & columns[:, None, None, :]).float()


# %% wrong: pixels scattered about | says: what is missing is no full rectangle
def hole_mask(n, size, fraction, generator=None):
    return (torch.rand(n, 1, size, size, generator=generator) < fraction).float()


# %% wrong: only the outline | says: what is missing is no full rectangle
# -        mask[i, :, top : top + side, left : left + side] = 1
# +        mask[i, :, top : top + side, left : left + side] = 1
# +        mask[i, :, top + 1 : top + side - 1, left + 1 : left + side - 1] = 0


# %% wrong: a band across the picture | says: it must be a square
def hole_mask(n, size, fraction, generator=None):
    high = round(size * fraction)
    mask = torch.zeros(n, 1, size, size)
    for i in range(n):
        top = torch.randint(0, size - high + 1, (1,), generator=generator).item()
        mask[i, :, top : top + high] = 1
    return mask


# %% wrong: a pixel too large | says: one pixel off
def hole_mask(n, size, fraction, generator=None):
    side = round(size * fraction**0.5)
    mask = torch.zeros(n, 1, size, size)
    for i in range(n):
        top, left = torch.randint(0, max(1, size - side), (2,), generator=generator).tolist()
        mask[i, :, top : top + side + 1, left : left + side + 1] = 1
    return mask


# %% wrong: grey instead of 1 | says: only 0 and 1
# -        mask[i, :, top : top + side, left : left + side] = 1
# +        mask[i, :, top : top + side, left : left + side] = 0.5


# %% wrong: the channel is missing | says: must have shape (300, 1, 16, 16), got (300, 16, 16)
# -    mask = torch.zeros(n, 1, size, size)
# +    mask = torch.zeros(n, size, size)
# -        mask[i, :, top : top + side, left : left + side] = 1
# +        mask[i, top : top + side, left : left + side] = 1


# %% wrong: three channels | says: must have shape (300, 1, 16, 16), got (300, 3, 16, 16)
# -    mask = torch.zeros(n, 1, size, size)
# +    mask = torch.zeros(n, 3, size, size)


# %% wrong: booleans | says: the masks have dtype torch.bool
# -    mask = torch.zeros(n, 1, size, size)
# +    mask = torch.zeros(n, 1, size, size, dtype=torch.bool)
# -        mask[i, :, top : top + side, left : left + side] = 1
# +        mask[i, :, top : top + side, left : left + side] = True


# %% wrong: the generator is not used | says: the same seed gave two results
# -        top, left = torch.randint(0, size - side + 1, (2,), generator=generator).tolist()
# +        top, left = torch.randint(0, size - side + 1, (2,)).tolist()


# %% wrong: a seed of its own | says: two seeds gave one result
# -    side = round(size * fraction**0.5)
# +    side = round(size * fraction**0.5)
# +    generator = torch.Generator().manual_seed(0)


# %% wrong: a seed of its own when there is no generator | says: do not set a seed yourself
# -    side = round(size * fraction**0.5)
# +    side = round(size * fraction**0.5)
# +    if generator is None:
# +        generator = torch.Generator().manual_seed(0)


# %% wrong: no hole at all | says: nothing is missing
# -    for i in range(n):
# +    for one in mask:
# -        mask[i, :, top : top + side, left : left + side] = 1
# +        one = one.clone()
# +        one[:, top : top + side, left : left + side] = 1
