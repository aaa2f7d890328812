# %% right: a loop over the pictures with counters
def worst_group_accuracy(predictions, labels, groups):
    hits, sizes = {}, {}
    for p, t, g in zip(predictions.tolist(), labels.tolist(), groups.tolist()):
        sizes[g] = sizes.get(g, 0) + 1
        hits[g] = hits.get(g, 0) + (p == t)
    table = {g: hits[g] / sizes[g] for g in sizes}
    return table, min(table.values())


# %% right: bincount, empty groups left out, in another order
def worst_group_accuracy(predictions, labels, groups):
    ids, inverse = torch.unique(groups, return_inverse=True)
    right = torch.bincount(inverse, weights=predictions.eq(labels).double())
    counts = torch.bincount(inverse)
    accuracies = (right / counts).tolist()
    table = dict(sorted(zip(ids.tolist(), accuracies), key=lambda pair: pair[1]))
    return table, next(iter(table.values()))


# %% right: a defaultdict of lists, numpy's means, a list for the pair
from collections import defaultdict

import numpy as np


def worst_group_accuracy(predictions, labels, groups):
    found = defaultdict(list)
    for index, group in enumerate(groups.cpu().numpy()):
        found[int(group)].append(bool(predictions[index] == labels[index]))
    table = {group: np.mean(hits) for group, hits in found.items()}
    return [table, min(table.values())]


# %% right: indices of the members, the smallest kept on the way
def worst_group_accuracy(predictions, labels, groups):
    table, worst = {}, 1.0
    for group in sorted(set(groups.tolist())):
        members = (groups == group).nonzero().flatten()
        accuracy = float((predictions[members] == labels[members]).float().mean())
        table[group] = accuracy
        if accuracy < worst:
            worst = accuracy
    return table, worst


# %% wrong: groups that are not there have accuracy 0 | says: which the data does not have
def worst_group_accuracy(predictions, labels, groups):
    table = {}
    for group in range(int(groups.max()) + 1):
        inside = groups == group
        right = (predictions[inside] == labels[inside]).sum().item()
        table[group] = right / max(int(inside.sum()), 1)
    return table, min(table.values())


# %% wrong: groups that are not there have no number | says: which the data does not have
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g: correct[groups == g].mean().item() for g in range(50)}
    return table, min(table.values())


# %% wrong: only the worst is returned | says: return the pair
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    return min(correct[groups == g].mean().item() for g in groups.unique())


# %% wrong: the keys are tensors | says: has tensors for keys
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g: correct[groups == g].mean().item() for g in groups.unique()}
    return table, min(table.values())


# %% wrong: the accuracies are tensors | says: call `.item()`
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): correct[groups == g].mean() for g in groups.unique()}
    return table, min(table.values())


# %% wrong: numbers of correct pictures | says: divide by the size of the group
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): correct[groups == g].sum().item() for g in groups.unique()}
    return table, min(table.values())


# %% wrong: error rates | says: these are error rates
def worst_group_accuracy(predictions, labels, groups):
    wrong = (predictions != labels).double()
    table = {g.item(): wrong[groups == g].mean().item() for g in groups.unique()}
    return table, max(table.values())


# %% wrong: percent | says: in percent
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): 100 * correct[groups == g].mean().item() for g in groups.unique()}
    return table, min(table.values())


# %% wrong: the largest accuracy | says: return the smallest
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): correct[groups == g].mean().item() for g in groups.unique()}
    return table, max(table.values())


# %% wrong: the number of the worst group | says: return its accuracy
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): correct[groups == g].mean().item() for g in groups.unique()}
    return table, float(min(table, key=table.get))


# %% wrong: the mean over the groups | says: that is the mean over the groups
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): correct[groups == g].mean().item() for g in groups.unique()}
    return table, sum(table.values()) / len(table)


# %% wrong: the accuracy over all pictures | says: over all pictures
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): correct[groups == g].mean().item() for g in groups.unique()}
    return table, correct.mean().item()


# %% wrong: grouped by label | says: which the data does not have
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): correct[labels == g].mean().item() for g in labels.unique()}
    return table, min(table.values())


# %% wrong: divided by the number of all pictures | says: divide by the size of the group
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): correct[groups == g].sum().item() / len(labels) for g in groups.unique()}
    return table, min(table.values())


# %% wrong: a group without a correct picture is forgotten | says: has no entry for 4
def worst_group_accuracy(predictions, labels, groups):
    right = groups[predictions == labels].tolist()
    everybody = groups.tolist()
    table = {g: right.count(g) / everybody.count(g) for g in set(right)}
    return table, min(table.values(), default=0.0)


# %% wrong: a worst accuracy of 0 is taken for none | says: the worst accuracy is not what it should be
def worst_group_accuracy(predictions, labels, groups):
    correct = (predictions == labels).double()
    table = {g.item(): correct[groups == g].mean().item() for g in groups.unique()}
    return table, min((a for a in table.values() if a), default=1.0)


# %% wrong: writes the result into the predictions | says: an input was written into
def worst_group_accuracy(predictions, labels, groups):
    correct = predictions.eq_(labels).double()
    table = {g.item(): correct[groups == g].mean().item() for g in groups.unique()}
    return table, min(table.values())
