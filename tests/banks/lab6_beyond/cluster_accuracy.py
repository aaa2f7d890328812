# %% right: a loop over the pictures, minus the counts
from scipy.optimize import linear_sum_assignment
import numpy as np


def cluster_accuracy(assignments, labels):
    clusters, classes = sorted(set(assignments.tolist())), sorted(set(labels.tolist()))
    table = np.zeros((len(clusters), len(classes)))
    for a, y in zip(assignments.tolist(), labels.tolist()):
        table[clusters.index(a), classes.index(y)] += 1
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum() / len(labels))


# %% right: a square table with room for the largest number
from scipy.optimize import linear_sum_assignment


def cluster_accuracy(assignments, labels):
    size = int(max(assignments.max(), labels.max())) + 1
    table = torch.zeros(size, size)
    table.index_put_((assignments.cpu(), labels.cpu()), torch.ones(len(labels)), accumulate=True)
    rows, columns = linear_sum_assignment(table.max() - table)
    return table[rows, columns].sum().item() / len(labels)


# %% right: every matching tried
from itertools import permutations


def cluster_accuracy(assignments, labels):
    a, y = assignments.unique(), labels.unique()
    table = [[((assignments == i) & (labels == j)).sum().item() for j in y] for i in a]
    if len(a) > len(y):
        table = [list(row) for row in zip(*table)]
    columns = range(len(table[0]))
    return max(sum(row[j] for row, j in zip(table, way)) for way in permutations(columns, len(table))) / len(labels)


# %% right: the best of what is left, remembered by the set of classes taken
from functools import lru_cache


def cluster_accuracy(assignments, labels):
    clusters, row = torch.unique(assignments, return_inverse=True)
    classes, column = torch.unique(labels, return_inverse=True)
    one, two = F.one_hot(row).double(), F.one_hot(column).double()
    table = (one.T @ two).tolist()

    @lru_cache(maxsize=None)
    def best(i, taken):
        if i == len(table):
            return 0.0
        free = [j for j in range(len(classes)) if not taken >> j & 1]
        return max([best(i + 1, taken)] + [table[i][j] + best(i + 1, taken | 1 << j) for j in free])

    return best(0, 0) / len(assignments)


# %% right: scikit-learn's table
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix


def cluster_accuracy(assignments, labels):
    table = contingency_matrix(labels.cpu().numpy(), assignments.cpu().numpy())
    return table[linear_sum_assignment(table, maximize=True)].sum() / table.sum()


# %% base: a table, filled in a loop
from scipy.optimize import linear_sum_assignment


def cluster_accuracy(assignments, labels):
    a, row = assignments.unique(return_inverse=True)
    y, column = labels.unique(return_inverse=True)
    table = torch.zeros(len(a), len(y))
    for i, j in zip(row, column):
        table[i, j] += 1
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum().item() / len(labels)


# %% wrong: purity | says: several clusters count for one class
def cluster_accuracy(assignments, labels):
    right = sum(labels[assignments == a].unique(return_counts=True)[1].max().item() for a in assignments.unique())
    return right / len(labels)


# %% wrong: purity the other way round | says: several classes count for one cluster
def cluster_accuracy(assignments, labels):
    right = sum(assignments[labels == y].unique(return_counts=True)[1].max().item() for y in labels.unique())
    return right / len(labels)


# %% wrong: the numbers compared | says: the numbers of the clusters are taken for classes
def cluster_accuracy(assignments, labels):
    return (assignments == labels).double().mean().item()


# %% wrong: the largest number first | says: the largest number is matched first
def cluster_accuracy(assignments, labels):
    a, row = assignments.unique(return_inverse=True)
    y, column = labels.unique(return_inverse=True)
    table = torch.zeros(len(a), len(y))
    for i, j in zip(row, column):
        table[i, j] += 1
    right = 0
    for _ in range(min(table.shape)):
        i, j = divmod(int(table.argmax()), len(y))
        right += int(table[i, j])
        table[i], table[:, j] = -1, -1
    return right / len(labels)


# %% wrong: one cluster after the other chooses | says: the clusters choose one after the other
def cluster_accuracy(assignments, labels):
    left, right = labels.unique().tolist(), 0
    for a in assignments.unique():
        inside = labels[assignments == a]
        if left:
            counts = [(inside == y).sum().item() for y in left]
            right += max(counts)
            left.pop(counts.index(max(counts)))
    return right / len(labels)


# %% wrong: the worst matching | says: that is the worst matching
# -    rows, columns = linear_sum_assignment(table, maximize=True)
# +    rows, columns = linear_sum_assignment(table)


# %% wrong: a share of the matched pictures alone | says: only the pictures of matched clusters and classes are counted below
# -    return table[rows, columns].sum().item() / len(labels)
# +    matched = table[rows].sum() if len(a) > len(y) else table[:, columns].sum()
# +    return (table[rows, columns].sum() / matched).item()


# %% wrong: a table as large as there are classes | says: clusters or classes with large numbers are left out
from scipy.optimize import linear_sum_assignment


def cluster_accuracy(assignments, labels):
    k = min(len(assignments.unique()), len(labels.unique()))
    table = torch.zeros(k, k)
    for i, j in zip(assignments.tolist(), labels.tolist()):
        if i < k and j < k:
            table[i, j] += 1
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum().item() / len(labels)


# %% wrong: surplus clusters thrown away | says: left out altogether
from scipy.optimize import linear_sum_assignment


def cluster_accuracy(assignments, labels):
    k = min(int(assignments.max()), int(labels.max())) + 1
    keep = (assignments < k) & (labels < k)
    table = torch.zeros(k, k)
    for i, j in zip(assignments[keep].tolist(), labels[keep].tolist()):
        table[i, j] += 1
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum().item() / max(int(keep.sum()), 1)


# %% wrong: numbers that are left out | says: your code stopped with IndexError
from scipy.optimize import linear_sum_assignment


def cluster_accuracy(assignments, labels):
    table = torch.zeros(len(assignments.unique()), len(labels.unique()))
    for i, j in zip(assignments.tolist(), labels.tolist()):
        table[i, j] += 1
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum().item() / len(labels)


# %% wrong: a table of ten by ten | says: your code stopped with IndexError
from scipy.optimize import linear_sum_assignment


def cluster_accuracy(assignments, labels):
    table = torch.zeros(10, 10)
    for i, j in zip(assignments.tolist(), labels.tolist()):
        table[i, j] += 1
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum().item() / len(labels)


# %% wrong: percent | says: that is in percent
# -    return table[rows, columns].sum().item() / len(labels)
# +    return 100 * table[rows, columns].sum().item() / len(labels)


# %% wrong: a number of pictures | says: that is a number of pictures
# -    return table[rows, columns].sum().item() / len(labels)
# +    return table[rows, columns].sum().item()


# %% wrong: a tensor | says: must be a Python float, got a tensor
# -    return table[rows, columns].sum().item() / len(labels)
# +    return table[rows, columns].sum() / len(labels)


# %% wrong: the classes averaged | says: the classes are averaged
# -        table[i, j] += 1
# +        table[i, j] += 1
# +    table = table / table.sum(dim=0)
# -    return table[rows, columns].sum().item() / len(labels)
# +    return table[rows, columns].sum().item() / len(y)


# %% wrong: the error | says: that is the share of wrong pictures
# -    return table[rows, columns].sum().item() / len(labels)
# +    return 1 - table[rows, columns].sum().item() / len(labels)


# %% wrong: mutual information | says: the one with the most pictures
from sklearn.metrics import normalized_mutual_info_score


def cluster_accuracy(assignments, labels):
    return float(normalized_mutual_info_score(labels.numpy(), assignments.numpy()))


# %% wrong: renamed in place | says: an input was written into
from scipy.optimize import linear_sum_assignment


def cluster_accuracy(assignments, labels):
    for number, a in enumerate(assignments.unique().tolist()):
        assignments[assignments == a] = -1 - number
    table = torch.stack([torch.stack([((assignments == -1 - i) & (labels == y)).sum() for y in labels.unique()]) for i in range(len(assignments.unique()))])
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum().item() / len(labels)
