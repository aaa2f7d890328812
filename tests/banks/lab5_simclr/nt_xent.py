# %% right: logsumexp over the others
def nt_xent(z1, z2, temperature):
    n = z1.shape[0]
    z = F.normalize(torch.cat([z1, z2]).float() if z1.dtype.itemsize < 4 else torch.cat([z1, z2]), dim=1)
    s = z @ z.T / temperature
    positive = torch.cat([s.diagonal(n), s.diagonal(-n)])
    s = s - torch.diag_embed(torch.full((2 * n,), float("inf"), dtype=s.dtype, device=s.device)).nan_to_num(0, float("inf"))
    return (torch.logsumexp(s, dim=1) - positive).mean()


# %% right: the diagonal taken out of the matrix, cross-entropy with shifted targets
def nt_xent(z1, z2, temperature):
    n, z = len(z1), torch.cat((z1, z2)).double()
    z = z / z.norm(dim=1, keepdim=True)
    s = torch.einsum("id,jd->ij", z, z).div(temperature)
    others = s[~torch.eye(2 * n, dtype=torch.bool, device=s.device)].view(2 * n, 2 * n - 1)
    i = torch.arange(2 * n, device=s.device)
    target = torch.where(i < n, i + n - 1, i - n)
    return F.cross_entropy(others, target).to(torch.promote_types(z1.dtype, torch.float32))


# %% right: two loops, largest entry taken off by hand
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]).double(), dim=1)
    n, losses = len(z1), []
    for i in range(2 * n):
        j = (i + n) % (2 * n)
        others = torch.stack([z[i] @ z[k] / temperature for k in range(2 * n) if k != i])
        top = others.max().detach()
        losses.append(top + (others - top).exp().sum().log() - z[i] @ z[j] / temperature)
    return torch.stack(losses).mean()


# %% right: a large negative number on the diagonal, interleaved views
def nt_xent(z1, z2, temperature):
    z = torch.stack([z1, z2], dim=1).flatten(0, 1).to(torch.promote_types(z1.dtype, torch.float32))
    z = F.normalize(z, dim=-1)
    m = len(z)
    s = torch.mm(z, z.t()) / temperature - 1e9 * torch.eye(m, device=z.device)
    partner = torch.arange(m, device=z.device) ^ 1
    return -F.log_softmax(s, dim=1)[torch.arange(m), partner].mean()


# %% right: four blocks, each side asked in turn
def nt_xent(z1, z2, temperature):
    kind = z1.dtype if z1.dtype == torch.float64 else torch.float32
    a, b = F.normalize(z1.to(kind), dim=1), F.normalize(z2.to(kind), dim=1)
    n = len(a)
    own = torch.eye(n, device=a.device, dtype=torch.bool)
    aa = (a @ a.T / temperature).masked_fill(own, -torch.inf)
    bb = (b @ b.T / temperature).masked_fill(own, -torch.inf)
    ab = a @ b.T / temperature
    target = torch.arange(n, device=a.device)
    first = F.cross_entropy(torch.cat([ab, aa], dim=1), target)
    second = F.cross_entropy(torch.cat([ab.T, bb], dim=1), target)
    return (first + second) / 2


# %% right: all in the precision that comes in
def nt_xent(z1, z2, temperature):
    z = torch.cat([z1, z2])
    s = similarity(z) / temperature
    s = s.masked_fill(torch.eye(len(z), dtype=torch.bool, device=z.device), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z), device=z.device).roll(len(z1)))


# %% wrong: self-pairs in the sum | says: self-pairs are part of the sum
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    partner = torch.arange(len(z), device=z.device).roll(len(z1))
    return F.cross_entropy(z @ z.T / temperature, partner)


# %% wrong: self-pairs set to zero | says: self-pairs are set to 0
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature) * (1 - torch.eye(len(z), dtype=z.dtype, device=z.device))
    return F.cross_entropy(s, torch.arange(len(z), device=z.device).roll(len(z1)))


# %% wrong: only the first views are asked | says: only the first views are asked
def nt_xent(z1, z2, temperature):
    n, z = len(z1), F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s[:n], torch.arange(n, 2 * n))


# %% wrong: the first views' losses over 2N | says: the first views' losses are divided by 2N
def nt_xent(z1, z2, temperature):
    n, z = len(z1), F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s[:n], torch.arange(n, 2 * n), reduction="sum") / (2 * n)


# %% wrong: the sum | says: the losses are summed
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)), reduction="sum")


# %% wrong: the sum over N | says: divided by N: divide by 2N
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)), reduction="sum") / len(z1)


# %% wrong: multiplied by the temperature | says: multiplied by the temperature
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T * temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: no temperature | says: the temperature plays no part
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: not normalised | says: the vectors are not given length 1
def nt_xent(z1, z2, temperature):
    z = torch.cat([z1, z2])
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: columns normalised | says: the columns are given length 1
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=0)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: partners one too far | says: the partners are one off
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1) - 1))


# %% wrong: partners one too near | says: the partners are one off
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    n = len(z1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, (torch.arange(2 * n) + n - 1) % (2 * n))


# %% wrong: neighbours taken for partners | says: the partner is taken to be the neighbour
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)) ^ 1)


# %% wrong: only the other views in the sum, both directions | says: only views of the other kind are pushed away
def nt_xent(z1, z2, temperature):
    a, b = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
    s, target = a @ b.T / temperature, torch.arange(len(a), device=a.device)
    return (F.cross_entropy(s, target) + F.cross_entropy(s.T, target)) / 2


# %% wrong: only the other views in the sum, one direction | says: and only the first views asked
def nt_xent(z1, z2, temperature):
    a, b = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
    return F.cross_entropy(a @ b.T / temperature, torch.arange(len(a), device=a.device))


# %% wrong: the partner missing below | says: the partner is missing from the sum below
def nt_xent(z1, z2, temperature):
    n, z = len(z1), F.normalize(torch.cat([z1, z2]), dim=1)
    s = z @ z.T / temperature
    partner = torch.arange(2 * n).roll(n)
    positive = s[torch.arange(2 * n), partner]
    out = torch.eye(2 * n, dtype=torch.bool)
    out[torch.arange(2 * n), partner] = True
    return (s.masked_fill(out, float("-inf")).logsumexp(dim=1) - positive).mean()


# %% wrong: the sign | says: the sign is wrong
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return -F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: distances | says: these are distances
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (-torch.cdist(z, z) / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: the logarithm outside the mean | says: the logarithm of the mean probability
def nt_xent(z1, z2, temperature):
    n, z = len(z1), F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    p = s.softmax(dim=1)[torch.arange(2 * n), torch.arange(2 * n).roll(n)]
    return -p.mean().log()


# %% wrong: exp that overflows | says: exp overflows
def nt_xent(z1, z2, temperature):
    n, z = len(z1), F.normalize(torch.cat([z1, z2]), dim=1)
    e = (z @ z.T / temperature).exp()
    positive = torch.cat([e.diagonal(n), e.diagonal(-n)])
    e = e * (1 - torch.eye(2 * n, dtype=e.dtype, device=e.device))
    return -(positive / e.sum(dim=1)).log().mean()


# %% wrong: the self-pair subtracted after exp | says: exp overflows
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    positive = (z * z.roll(len(z1), 0)).sum(dim=1) / temperature
    e = (z @ z.T / temperature).exp()
    return (torch.log(e.sum(dim=1) - e.diagonal()) - positive).mean()


# %% wrong: kept finite by a number inside the logarithm | says: Nothing may be added inside the logarithm
def nt_xent(z1, z2, temperature):
    n, z = len(z1), F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    p = s.softmax(dim=1)[torch.arange(2 * n), torch.arange(2 * n).roll(n)]
    return -(p + 1e-8).log().mean()


# %% wrong: breaks in half precision | says: in torch.float16
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = torch.zeros(len(z), len(z), dtype=z.dtype)
    for i in range(len(z)):
        s[i] = (z[i] * z).sum(dim=1).half().to(z.dtype) ** 3 / temperature if z.dtype == torch.float16 else (z[i] * z).sum(dim=1) / temperature
    s = s.masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: a number too large for half precision | says: your code stopped with RuntimeError
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool, device=z.device), -1e9)
    return F.cross_entropy(s, torch.arange(len(z), device=z.device).roll(len(z1)))


# %% wrong: z2 detached | says: the gradient is not what it should be
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2.detach() + 0 * z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: no gradient reaches z2 | says: no gradient reaches z2
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2.detach()]).float(), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: the others detached | says: the others in each row are detached
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.detach().T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))


# %% wrong: a float | says: must be a torch.Tensor, got float
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1))).item()


# %% wrong: a loss for each view | says: the loss must have shape ()
def nt_xent(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)), reduction="none")


# %% wrong: normalises in place | says: an input was written into
def nt_xent(z1, z2, temperature):
    with torch.no_grad():
        z1 /= z1.norm(dim=1, keepdim=True)
        z2 /= z2.norm(dim=1, keepdim=True)
    z = torch.cat([z1, z2])
    s = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))
