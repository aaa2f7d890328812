# %% right: a loop that slices whole pixels and interpolates
def random_resized_crop(x, scale, generator=None):
    n, _, h, w = x.shape
    out = []
    for i in range(n):
        area = scale[0] + (scale[1] - scale[0]) * torch.rand(1, generator=generator).item()
        side = max(1, round(area**0.5 * h))
        top = torch.randint(0, h - side + 1, (1,), generator=generator).item()
        left = torch.randint(0, w - side + 1, (1,), generator=generator).item()
        piece = x[i : i + 1, :, top : top + side, left : left + side]
        out.append(F.interpolate(piece, size=(h, w), mode="bilinear", align_corners=False))
    return torch.cat(out)


# %% right: whole pixels rounded down, nearest neighbours
def random_resized_crop(x, scale, generator=None):
    low, high = scale
    h = x.shape[-1]
    pieces = []
    for picture in x:
        side = int(float(torch.empty(1).uniform_(low, high, generator=generator)) ** 0.5 * h)
        top, left = (int(torch.randint(h - side + 1, (), generator=generator)) for _ in range(2))
        piece = picture[:, top : top + side, left : left + side]
        pieces.append(F.interpolate(piece[None], size=h)[0])
    return torch.stack(pieces)


# %% right: whole pixels rounded up, bicubic with antialias, columns drawn before rows
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    u = torch.rand(len(x), 3, generator=generator)
    out = torch.empty_like(x)
    for i in range(len(x)):
        area = scale[0] + (scale[1] - scale[0]) * u[i, 2].item()
        side = min(h, int(area**0.5 * h) + 1)
        left = int(u[i, 0].item() * (h - side + 1))
        top = int(u[i, 1].item() * (h - side + 1))
        piece = x[i : i + 1, :, top : top + side, left : left + side]
        out[i] = F.interpolate(piece, (h, h), mode="bicubic", antialias=True)[0]
    return out


# %% right: whole pixels, interpolation with aligned corners
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    out = []
    for i in range(len(x)):
        r = torch.rand(3, generator=generator).tolist()
        side = max(2, round((scale[0] + (scale[1] - scale[0]) * r[0]) ** 0.5 * h))
        top, left = round(r[1] * (h - side)), round(r[2] * (h - side))
        piece = x[i, :, top : top + side, left : left + side]
        out.append(F.interpolate(piece[None], (h, h), mode="bilinear", align_corners=True))
    return torch.cat(out)


# %% right: affine_grid with zeros beyond the edge
def random_resized_crop(x, scale, generator=None):
    n = x.size(0)
    area = torch.rand(n, generator=generator) * (scale[1] - scale[0]) + scale[0]
    s = area.sqrt()
    cx = (torch.rand(n, generator=generator) * 2 - 1) * (1 - s)
    cy = (torch.rand(n, generator=generator) * 2 - 1) * (1 - s)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = s
    theta[:, 1, 1] = s
    theta[:, 0, 2] = cx
    theta[:, 1, 2] = cy
    grid = F.affine_grid(theta.to(x), x.size(), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


# %% right: aligned corners in both, the nearest pixel
def random_resized_crop(x, scale, generator=None):
    n = len(x)
    side = torch.empty(n).uniform_(*scale, generator=generator).sqrt()
    centre = side[:, None] / 2 + (1 - side[:, None]) * torch.rand(n, 2, generator=generator)
    linear = torch.diag_embed(side[:, None].expand(n, 2))
    theta = torch.cat([linear, (2 * centre - 1)[:, :, None]], dim=2).to(x)
    grid = F.affine_grid(theta, list(x.shape), align_corners=True)
    return F.grid_sample(x, grid, mode="nearest", align_corners=True)


# %% right: a grid of its own
def random_resized_crop(x, scale, generator=None):
    n, _, h, w = x.shape
    low, high = scale
    s = (low + (high - low) * torch.rand(n, 1, generator=generator)).sqrt()
    left, top = ((1 - s) * torch.rand(n, 1, generator=generator) for _ in range(2))
    at = (torch.arange(h) + 0.5) / h
    gx, gy = 2 * (left + s * at) - 1, 2 * (top + s * at) - 1
    grid = torch.stack([gx[:, None, :].expand(n, h, w), gy[:, :, None].expand(n, h, w)], dim=3)
    return F.grid_sample(x, grid.to(x), padding_mode="reflection", align_corners=False)


# %% base: whole pixels, picture by picture
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    out = []
    for picture in x:
        r = torch.rand(3, generator=generator).tolist()
        side = round((scale[0] + (scale[1] - scale[0]) * r[0]) ** 0.5 * h)
        top, left = int(r[1] * (h - side + 1)), int(r[2] * (h - side + 1))
        piece = picture[None, :, top : top + side, left : left + side]
        out.append(F.interpolate(piece, size=(h, h), mode="bilinear"))
    return torch.cat(out)


# %% wrong: a corner anywhere, then pushed inside | says: the crops crowd at one side
# -        top, left = int(r[1] * (h - side + 1)), int(r[2] * (h - side + 1))
# +        top, left = (min(int(u * h), h - side) for u in r[1:])

# %% wrong: mirrors as well | says: the crop is mirrored
# -        piece = picture[None, :, top : top + side, left : left + side]
# +        piece = picture[None, :, top : top + side, left : left + side]
# +        if torch.rand(1, generator=generator) < 0.5:
# +            piece = piece.flip(3)

# %% wrong: all crops from the first picture | says: Result i must be a piece of picture i
# -    for picture in x:
# +    for _ in range(len(x)):
# -        piece = picture[None, :, top : top + side, left : left + side]
# +        piece = x[:1, :, top : top + side, left : left + side]


# %% base: a grid for all pictures
def random_resized_crop(x, scale, generator=None):
    low, high = scale
    u, a, b = torch.rand(3, len(x), generator=generator).to(x)
    side = (low + (high - low) * u).sqrt()
    zero, room = 0 * side, 1 - side
    rows = [side, zero, room * (2 * a - 1), zero, side, room * (2 * b - 1)]
    theta = torch.stack(rows, dim=1).view(-1, 2, 3)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


# %% wrong: scale is taken for the side | says: scale is the area, and the side is its square root
# -    side = (low + (high - low) * u).sqrt()
# +    side = low + (high - low) * u

# %% wrong: the side is uniform between the roots | says: small crops come too often
# -    low, high = scale
# +    low, high = scale[0] ** 0.5, scale[1] ** 0.5
# -    side = (low + (high - low) * u).sqrt()
# +    side = low + (high - low) * u

# %% wrong: twice the room, because the coordinates span 2 | says: a crop leaves the picture
# -    zero, room = 0 * side, 1 - side
# +    zero, room = 0 * side, 2 * (1 - side)

# %% wrong: the inverse matrix | says: the crop is larger than the picture
# -    rows = [side, zero, room * (2 * a - 1), zero, side, room * (2 * b - 1)]
# +    rows = [1 / side, zero, room * (2 * a - 1), zero, 1 / side, room * (2 * b - 1)]

# %% wrong: the same number for area and place | says: place and size of a crop are related
# -    u, a, b = torch.rand(3, len(x), generator=generator).to(x)
# +    u, b = torch.rand(2, len(x), generator=generator).to(x)
# -    rows = [side, zero, room * (2 * a - 1), zero, side, room * (2 * b - 1)]
# +    rows = [side, zero, room * (2 * u - 1), zero, side, room * (2 * b - 1)]

# %% wrong: only between the middle and the lower right | says: the crops crowd at one side
# -    rows = [side, zero, room * (2 * a - 1), zero, side, room * (2 * b - 1)]
# -    theta = torch.stack(rows, dim=1).view(-1, 2, 3)
# +    theta = torch.stack([side, zero, room * a, zero, side, room * b], dim=1).view(-1, 2, 3)

# %% wrong: the root of the drawn area is taken twice | says: the crops' areas span
# -    side = (low + (high - low) * u).sqrt()
# +    side = (low + (high - low) * u).sqrt().sqrt()

# %% wrong: the area is squared on its way | says: the areas are not uniform in scale
# -    side = (low + (high - low) * u).sqrt()
# +    side = (low + (high - low) * (1 - u**2)).sqrt()

# %% wrong: the generator is not used | says: the same seed gave two results
# -    u, a, b = torch.rand(3, len(x), generator=generator).to(x)
# +    u, a, b = torch.rand(3, len(x)).to(x)

# %% wrong: a seed of its own | says: two seeds gave one result
# -    u, a, b = torch.rand(3, len(x), generator=generator).to(x)
# +    own = torch.Generator().manual_seed(0)
# +    u, a, b = torch.rand(3, len(x), generator=own).to(x)

# %% wrong: a seed where there is no generator | says: do not set a seed yourself
# -    low, high = scale
# +    low, high = scale
# +    if generator is None:
# +        generator = torch.Generator().manual_seed(0)

# %% wrong: corners aligned in one of the two | says: is align_corners the same in both?
# -    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
# +    grid = F.affine_grid(theta, list(x.shape), align_corners=True)

# %% wrong: rows and columns swapped | says: rows and columns are swapped
# -    rows = [side, zero, room * (2 * a - 1), zero, side, room * (2 * b - 1)]
# +    rows = [zero, side, room * (2 * a - 1), side, zero, room * (2 * b - 1)]


# %% wrong: one crop for the whole batch | says: every picture has the same crop
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    area, a, b = torch.rand(3, generator=generator).tolist()
    side = round((scale[0] + (scale[1] - scale[0]) * area) ** 0.5 * h)
    top, left = int(a * (h - side + 1)), int(b * (h - side + 1))
    piece = x[:, :, top : top + side, left : left + side]
    return F.interpolate(piece, size=(h, h), mode="bilinear")


# %% wrong: the centre anywhere, so the crop leaves the picture | says: a crop leaves the picture
def random_resized_crop(x, scale, generator=None):
    low, high = scale
    u, a, b = torch.rand(3, len(x), generator=generator).to(x)
    side = (low + (high - low) * u).sqrt()
    zero = 0 * side
    theta = torch.stack([side, zero, 2 * a - 1, zero, side, 2 * b - 1], dim=1).view(-1, 2, 3)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)


# %% wrong: always the middle | says: all crops lie in the same place
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    out = []
    for picture in x:
        area = scale[0] + (scale[1] - scale[0]) * torch.rand(1, generator=generator).item()
        side = round(area**0.5 * h)
        at = (h - side) // 2
        piece = picture[None, :, at : at + side, at : at + side]
        out.append(F.interpolate(piece, size=(h, h), mode="bilinear"))
    return torch.cat(out)


# %% wrong: height and width drawn apart | says: the crop is not square
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    out = []
    for picture in x:
        r = torch.rand(4, generator=generator).tolist()
        high, wide = (round((scale[0] + (scale[1] - scale[0]) * u) ** 0.5 * h) for u in r[:2])
        top, left = int(r[2] * (h - high + 1)), int(r[3] * (h - wide + 1))
        piece = picture[None, :, top : top + high, left : left + wide]
        out.append(F.interpolate(piece, size=(h, h), mode="bilinear"))
    return torch.cat(out)


# %% wrong: one number for both directions | says: all crops lie on a diagonal
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    out = []
    for picture in x:
        area, at = torch.rand(2, generator=generator).tolist()
        side = round((scale[0] + (scale[1] - scale[0]) * area) ** 0.5 * h)
        at = int(at * (h - side + 1))
        piece = picture[None, :, at : at + side, at : at + side]
        out.append(F.interpolate(piece, size=(h, h), mode="bilinear"))
    return torch.cat(out)


# %% wrong: places drawn from a bell curve | says: the crops' places are not uniform
def random_resized_crop(x, scale, generator=None):
    low, high = scale
    u = torch.rand(len(x), generator=generator)
    side = (low + (high - low) * u).sqrt()
    a, b = (0.25 * torch.randn(2, len(x), generator=generator)).clamp(-1, 1)
    zero, room = 0 * side, 1 - side
    theta = torch.stack([side, zero, room * a, zero, side, room * b], dim=1).view(-1, 2, 3)
    grid = F.affine_grid(theta.to(x), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


# %% wrong: one size for the whole batch | says: all crops have the same size
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    area = scale[0] + (scale[1] - scale[0]) * torch.rand(1, generator=generator).item()
    side = round(area**0.5 * h)
    out = []
    for picture in x:
        top, left = torch.randint(0, h - side + 1, (2,), generator=generator).tolist()
        piece = picture[None, :, top : top + side, left : left + side]
        out.append(F.interpolate(piece, size=(h, h), mode="bilinear"))
    return torch.cat(out)


# %% wrong: the crops are not resized | says: must have shape
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    side = round(scale[0] ** 0.5 * h)
    out = []
    for picture in x:
        top, left = torch.randint(0, h - side + 1, (2,), generator=generator).tolist()
        out.append(picture[:, top : top + side, left : left + side])
    return torch.stack(out)


# %% wrong: writes into the pictures that it was given | says: an input was written into
def random_resized_crop(x, scale, generator=None):
    h = x.shape[-1]
    for i in range(len(x)):
        r = torch.rand(3, generator=generator).tolist()
        side = round((scale[0] + (scale[1] - scale[0]) * r[0]) ** 0.5 * h)
        top, left = int(r[1] * (h - side + 1)), int(r[2] * (h - side + 1))
        piece = x[i : i + 1, :, top : top + side, left : left + side].clone()
        x[i] = F.interpolate(piece, size=(h, h), mode="bilinear")[0]
    return x
