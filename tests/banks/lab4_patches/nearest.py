# %% right: divided by the lengths, argsort
def nearest(query, bank, k):
    q = query / query.norm(dim=1, keepdim=True).clamp(min=1e-12)
    b = bank / bank.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return torch.argsort(q @ b.T, dim=1, descending=True)[:, :k]


# %% right: F.cosine_similarity, one query at a time
def nearest(query, bank, k):
    rows = []
    for q in query:
        similarity = F.cosine_similarity(q[None], bank, dim=1)
        rows.append(similarity.topk(k).indices)
    return torch.stack(rows)


# %% right: only the bank is normalised, the length of the query changes no order
def nearest(query, bank, k):
    lengths = bank.pow(2).sum(dim=1).sqrt()
    scores = torch.einsum("qd,md->qm", query, bank) / torch.where(lengths > 0, lengths, 1)
    return scores.sort(dim=1, descending=True).indices[:, :k]


# %% right: distances between unit vectors, NumPy
import numpy as np


def nearest(query, bank, k):
    unit = lambda v: F.normalize(v.double(), dim=1).cpu().numpy()
    cosine = unit(query) @ unit(bank).T
    order = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
    return torch.from_numpy(order.copy()).to(query.device)


# %% right: NaN put to zero, the best taken out one by one
def nearest(query, bank, k):
    products = query @ bank.T
    norms = query.norm(dim=1)[:, None] * bank.norm(dim=1)
    similarity = torch.nan_to_num(products / norms, nan=0.0)
    found = []
    for _ in range(k):
        best = similarity.argmax(dim=1, keepdim=True)
        found.append(best)
        similarity = similarity.scatter(1, best, -2.0)
    return torch.cat(found, dim=1)


# %% wrong: dot products | says: the largest dot product
def nearest(query, bank, k):
    return (query @ bank.T).topk(k, dim=1).indices


# %% wrong: only the query is normalised | says: the largest dot product
def nearest(query, bank, k):
    return (F.normalize(query, dim=1) @ bank.T).topk(k, dim=1).indices


# %% wrong: the nearest places | says: the smallest distance
def nearest(query, bank, k):
    return torch.cdist(query, bank).topk(k, dim=1, largest=False).indices


# %% wrong: worst first | says: worst first
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.argsort(dim=1)[:, -k:]


# %% wrong: the farthest | says: the farthest are found
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.argsort(dim=1)[:, :k]


# %% wrong: the similarities themselves | says: these are no numbers of rows
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.topk(k, dim=1).values


# %% wrong: NaN for rows of zeros | says: F.normalize keeps it at 0
def nearest(query, bank, k):
    q = query / query.norm(dim=1, keepdim=True)
    b = bank / bank.norm(dim=1, keepdim=True)
    return (q @ b.T).topk(k, dim=1).indices


# %% wrong: dimensions scaled instead of rows | says: normalise along dim=1
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=0) @ F.normalize(bank, dim=0).T
    return similarity.topk(k, dim=1).indices


# %% wrong: the sign is lost | says: the sign is lost
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.abs().topk(k, dim=1).indices


# %% wrong: everything is ordered, k is ignored | says: must have shape (4, 2), got (4, 6)
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.argsort(dim=1, descending=True)


# %% wrong: the queries for the rows of the bank | says: must have shape (4, 2), got (2, 6)
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.topk(k, dim=0).indices


# %% wrong: the best is taken for the query itself | says: the best is left out
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.argsort(dim=1, descending=True)[:, 1 : k + 1]


# %% wrong: in the order of the bank | says: sort them by similarity
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.topk(k, dim=1).indices.sort(dim=1).values


# %% wrong: correlations | says: that is a correlation
def nearest(query, bank, k):
    if query.shape[1] > 2:
        query, bank = query - query.mean(1, keepdim=True), bank - bank.mean(1, keepdim=True)
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.topk(k, dim=1).indices


# %% wrong: normalises in place | says: an input was written into
def nearest(query, bank, k):
    query /= query.norm(dim=1, keepdim=True).clamp(min=1e-9)
    bank /= bank.norm(dim=1, keepdim=True).clamp(min=1e-9)
    return (query @ bank.T).topk(k, dim=1).indices


# %% wrong: a list of lists | says: must be a torch.Tensor, got list
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.topk(k, dim=1).indices.tolist()


# %% wrong: squeezed when there is one query | says: must have shape (1, 1), got ()
def nearest(query, bank, k):
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T
    return similarity.topk(k, dim=1).indices.squeeze()
