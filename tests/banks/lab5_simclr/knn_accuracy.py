# %% right: a loop over the test pictures, votes in a dictionary
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    right = 0
    for feature, label in zip(test_features, test_labels.tolist()):
        alike = F.cosine_similarity(feature[None], train_features)
        near = alike.argsort(descending=True)[:k]
        votes = {}
        for i in near.tolist():
            number, total = votes.get(int(train_labels[i]), (0, 0.0))
            votes[int(train_labels[i])] = (number + 1, total + alike[i].item())
        right += max(votes, key=lambda c: votes[c]) == label
    return right / len(test_labels)


# %% right: votes and a fraction of the similarity, scattered
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    a = train_features / train_features.norm(dim=1, keepdim=True)
    b = test_features / test_features.norm(dim=1, keepdim=True)
    near, index = torch.topk(b @ a.t(), k)
    classes, numbers = train_labels.unique(return_inverse=True)
    score = torch.zeros(len(b), len(classes), dtype=near.dtype, device=near.device)
    score.scatter_add_(1, numbers[index], 1 + near / (k + 1))
    return float((classes[score.argmax(dim=1)] == test_labels).float().mean())


# %% right: class by class
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    s = F.normalize(test_features) @ F.normalize(train_features).T
    order = s.sort(dim=1, descending=True)
    values, labels = order.values[:, :k], train_labels[order.indices[:, :k]]
    best = torch.full((len(s), 2), -1e9, device=s.device, dtype=s.dtype)
    answer = torch.full_like(test_labels, -1)
    for c in train_labels.unique():
        mine = labels == c
        votes, total = mine.sum(dim=1).to(s), (values * mine).sum(dim=1)
        wins = (votes > best[:, 0]) | ((votes == best[:, 0]) & (total > best[:, 1]))
        best[wins] = torch.stack([votes, total], dim=1)[wins]
        answer[wins] = c
    return (answer == test_labels).sum().item() / len(test_labels)


# %% right: NumPy
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    import numpy as np

    train, test = (f.cpu().numpy() for f in (train_features, test_features))
    train = train / np.linalg.norm(train, axis=1, keepdims=True)
    test = test / np.linalg.norm(test, axis=1, keepdims=True)
    labels, said = train_labels.cpu().numpy(), []
    for row in test @ train.T:
        near = np.argsort(-row)[:k]
        said.append(max(set(labels[near]), key=lambda c: (np.sum(labels[near] == c), row[near][labels[near] == c].sum())))
    return float(np.mean(np.array(said) == test_labels.cpu().numpy()))


# %% wrong: Euclidean distance | says: the neighbours are the nearest by Euclidean distance
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    near, index = torch.cdist(test_features, train_features).topk(k, dim=1, largest=False)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = votes.sum(dim=1) - (votes * near[:, :, None]).sum(dim=1) / 1e6
    return (score.argmax(dim=1) == test_labels).double().mean().item()


# %% wrong: plain products | says: those with the largest plain product
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    near, index = (test_features @ train_features.T).topk(k, dim=1)
    cosine = F.normalize(test_features) @ F.normalize(train_features).T
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = (votes * (1 + cosine.gather(1, index) / (k + 1))[:, :, None]).sum(dim=1)
    return (score.argmax(dim=1) == test_labels).double().mean().item()


# %% wrong: the furthest | says: these are the furthest neighbours
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    cosine = F.normalize(test_features) @ F.normalize(train_features).T
    near, index = cosine.topk(k, dim=1, largest=False)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = (votes * (1 + near / (k + 1))[:, :, None]).sum(dim=1)
    return (score.argmax(dim=1) == test_labels).double().mean().item()


# %% wrong: only the nearest | says: only the nearest neighbour is asked
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    cosine = F.normalize(test_features) @ F.normalize(train_features).T
    return (train_labels[cosine.argmax(dim=1)] == test_labels).double().mean().item()


# %% wrong: votes weighted by similarity | says: the votes are weighted by similarity
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    near, index = (F.normalize(test_features) @ F.normalize(train_features).T).topk(k, dim=1)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    total = (votes * near[:, :, None]).sum(dim=1)
    answers = total.masked_fill(votes.sum(dim=1) == 0, float("-inf")).argmax(dim=1)
    return (answers == test_labels).double().mean().item()


# %% wrong: ties to the smaller class, by mode | says: ties go to the smaller class
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    index = (F.normalize(test_features) @ F.normalize(train_features).T).topk(k, dim=1).indices
    return (train_labels[index].mode(dim=1).values == test_labels).double().mean().item()


# %% wrong: ties to the nearest one's class | says: ties go to the class of the nearest neighbour
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    cosine = F.normalize(test_features) @ F.normalize(train_features).T
    right = 0
    for row, label in zip(cosine, test_labels.tolist()):
        near = train_labels[row.argsort(descending=True)[:k]].tolist()
        right += max(near, key=near.count) == label
    return right / len(test_labels)


# %% wrong: ties where sums are negative | says: also where that is negative
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    near, index = (F.normalize(test_features) @ F.normalize(train_features).T).topk(k, dim=1)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    count, total = votes.sum(dim=1), (votes * near[:, :, None]).sum(dim=1)
    most = count == count.max(dim=1, keepdim=True).values
    answers = (total * most).argmax(dim=1)
    return (answers == test_labels).double().mean().item()


# %% wrong: ties to the larger mean over all training pictures | says: Ties go to the class with the larger summed similarity
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    s = F.normalize(test_features) @ F.normalize(train_features).T
    near, index = s.topk(k, dim=1)
    kinds = F.one_hot(train_labels, int(train_labels.max()) + 1).to(s)
    count = kinds[index].sum(dim=1)
    count = count + (s @ kinds) / (10 * len(train_labels))
    return (count.argmax(dim=1) == test_labels).double().mean().item()


# %% wrong: the error rate | says: that is the error rate
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    near, index = (F.normalize(test_features) @ F.normalize(train_features).T).topk(k, dim=1)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = (votes * (1 + near / (k + 1))[:, :, None]).sum(dim=1)
    return (score.argmax(dim=1) != test_labels).double().mean().item()


# %% wrong: in percent | says: that is in percent
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    near, index = (F.normalize(test_features) @ F.normalize(train_features).T).topk(k, dim=1)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = (votes * (1 + near / (k + 1))[:, :, None]).sum(dim=1)
    return 100 * (score.argmax(dim=1) == test_labels).double().mean().item()


# %% wrong: one neighbour too many | says: one neighbour too many votes
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    k = min(k + 1, len(train_features))
    near, index = (F.normalize(test_features) @ F.normalize(train_features).T).topk(k, dim=1)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = (votes * (1 + near / (k + 1))[:, :, None]).sum(dim=1)
    return (score.argmax(dim=1) == test_labels).double().mean().item()


# %% wrong: leaves out the nearest, as if it were the picture itself | says: the nearest neighbour is left out
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    s = F.normalize(test_features) @ F.normalize(train_features).T
    near, index = (part[:, 1:] for part in s.topk(min(k + 1, s.shape[1]), dim=1))
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = (votes * (1 + near / (k + 1))[:, :, None]).sum(dim=1)
    return (score.argmax(dim=1) == test_labels).double().mean().item()


# %% wrong: the result is a tensor | says: call `.item()`
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    near, index = (F.normalize(test_features) @ F.normalize(train_features).T).topk(k, dim=1)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = (votes * (1 + near / (k + 1))[:, :, None]).sum(dim=1)
    return (score.argmax(dim=1) == test_labels).double().mean()


# %% wrong: the number of classes from the number of different labels | says: your code stopped with
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    near, index = (F.normalize(test_features) @ F.normalize(train_features).T).topk(k, dim=1)
    votes = F.one_hot(train_labels[index], len(train_labels.unique())).to(near)
    score = (votes * (1 + near / (k + 1))[:, :, None]).sum(dim=1)
    return (score.argmax(dim=1) == test_labels).double().mean().item()


# %% wrong: normalises in place | says: an input was written into
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    train_features /= train_features.norm(dim=1, keepdim=True)
    test_features /= test_features.norm(dim=1, keepdim=True)
    near, index = (test_features @ train_features.T).topk(k, dim=1)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = (votes * (1 + near / (k + 1))[:, :, None]).sum(dim=1)
    return (score.argmax(dim=1) == test_labels).double().mean().item()


# %% wrong: columns normalised | says: divide by the lengths
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    near, index = (F.normalize(test_features, dim=0) @ F.normalize(train_features, dim=0).T).topk(k, dim=1)
    votes = F.one_hot(train_labels[index], int(train_labels.max()) + 1).to(near)
    score = (votes * (1 + near / (1e3 * k))[:, :, None]).sum(dim=1)
    return (score.argmax(dim=1) == test_labels).double().mean().item()
