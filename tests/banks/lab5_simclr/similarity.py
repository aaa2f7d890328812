# %% right: torch's own cosine, of all pairs
def similarity(z):
    return F.cosine_similarity(z[:, None, :], z[None, :, :], dim=2)


# %% right: lengths with a floor
def similarity(z):
    unit = z / z.norm(dim=1, keepdim=True).clamp(min=1e-8)
    return unit @ unit.t()


# %% right: einsum over products and lengths
def similarity(z):
    lengths = torch.linalg.vector_norm(z, dim=1)
    products = torch.einsum("id,jd->ij", z, z)
    return products / (lengths[:, None] * lengths[None, :] + 1e-9)


# %% right: row by row
def similarity(z):
    rows = []
    for a in z:
        rows.append(torch.stack([(a * b).sum() / (a.norm() * b.norm()).clamp(min=1e-8) for b in z]))
    return torch.stack(rows)


# %% right: the root of the sum of squares, with a tiny number inside
def similarity(z):
    inverse = (z.pow(2).sum(dim=1, keepdim=True) + 1e-12).rsqrt()
    return torch.mm(z * inverse, (z * inverse).transpose(0, 1))


# %% wrong: plain products | says: these are plain products
def similarity(z):
    return z @ z.T


# %% wrong: 0 / 0 | says: a row of zeros makes NaN
def similarity(z):
    z = z / z.norm(dim=1, keepdim=True)
    return z @ z.T


# %% wrong: the columns are normalised | says: the columns are given length 1
def similarity(z):
    z = F.normalize(z, dim=0)
    return z @ z.T


# %% wrong: only one side is normalised | says: only one of the two rows is divided by its length
def similarity(z):
    return F.normalize(z, dim=1) @ z.T


# %% wrong: all of z by one length | says: all of z is divided by one length
def similarity(z):
    z = z / z.norm().clamp(min=1e-8)
    return z @ z.T


# %% wrong: distances | says: these are Euclidean distances
def similarity(z):
    return torch.cdist(z, z)


# %% wrong: one minus the cosine | says: these are distances (1 - cosine)
def similarity(z):
    z = F.normalize(z, dim=1)
    return 1 - z @ z.T


# %% wrong: divided by the squared length of a row | says: the squared length of one row
def similarity(z):
    return (z @ z.T) / z.pow(2).sum(dim=1, keepdim=True).clamp(min=1e-8)


# %% wrong: the diagonal is zero | says: the diagonal is taken out
def similarity(z):
    z = F.normalize(z, dim=1)
    return (z @ z.T).masked_fill(torch.eye(len(z), dtype=torch.bool, device=z.device), 0)


# %% wrong: the absolute value | says: the sign is lost
def similarity(z):
    z = F.normalize(z, dim=1)
    return (z @ z.T).abs()


# %% wrong: moved to [0, 1] | says: moved to [0, 1]
def similarity(z):
    z = F.normalize(z, dim=1)
    return (1 + z @ z.T) / 2


# %% wrong: a correlation | says: that is a correlation
def similarity(z):
    z = F.normalize(z - z.mean(dim=1, keepdim=True), dim=1)
    return z @ z.T


# %% wrong: the sum of absolute values for a length | says: the sums of absolute values
def similarity(z):
    z = F.normalize(z, p=1, dim=1)
    return z @ z.T


# %% wrong: neighbours only | says: must have shape
def similarity(z):
    return F.cosine_similarity(z, z.roll(1, 0), dim=1)


# %% wrong: detached | says: no gradient comes back
def similarity(z):
    z = F.normalize(z.detach(), dim=1)
    return z @ z.T


# %% wrong: without gradients | says: no gradient comes back
def similarity(z):
    with torch.no_grad():
        z = F.normalize(z, dim=1)
        return z @ z.T


# %% wrong: the lengths are detached | says: the lengths are detached
def similarity(z):
    z = z / z.norm(dim=1, keepdim=True).clamp(min=1e-8).detach()
    return z @ z.T


# %% wrong: writes into z | says: an input was written into
def similarity(z):
    with torch.no_grad():
        z /= z.norm(dim=1, keepdim=True).clamp(min=1e-8)
    return z @ z.T
