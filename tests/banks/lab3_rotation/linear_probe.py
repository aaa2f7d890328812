# %% right: scikit-learn's pipeline
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    a, b = (f.detach().cpu().numpy() for f in (train_features, test_features))
    y, z = (part.cpu().numpy() for part in (train_labels, test_labels))
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=10.0, max_iter=5000))
    return float(probe.fit(a, y).score(b, z))


# %% right: LBFGS in torch, a linear layer
def linear_probe(train_features, train_labels, test_features, test_labels):
    mean, std = train_features.mean(0), train_features.std(0, correction=0)
    a, b = (train_features - mean) / std, (test_features - mean) / std
    layer = nn.Linear(a.shape[1], int(train_labels.max()) + 1).to(a.device)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(layer(a), train_labels)
        loss = loss + 1e-4 * layer.weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        return (layer(b).argmax(dim=1) == test_labels).float().mean().item()


# %% right: many steps of Adam, whole batches
def linear_probe(train_features, train_labels, test_features, test_labels):
    mean, std = train_features.mean(dim=0, keepdim=True), train_features.std(dim=0, keepdim=True)
    a = (train_features - mean) / (std + 1e-6)
    classes = len(train_labels.unique())
    probe = nn.Linear(a.size(1), classes).to(a.device)
    optimizer = torch.optim.Adam(probe.parameters(), lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        F.cross_entropy(probe(a), train_labels).backward()
        optimizer.step()
    right = 0
    for feature, label in zip(test_features, test_labels):
        logits = probe(((feature - mean[0]) / (std[0] + 1e-6))[None])
        right += int(logits.argmax() == label)
    return right / len(test_labels)


# %% right: gradient descent by hand, in float64
def linear_probe(train_features, train_labels, test_features, test_labels):
    a, b = train_features.double(), test_features.double()
    m, s = a.mean(0), a.var(0).sqrt().clamp_min(1e-12)
    a, b = (a - m) / s, (b - m) / s
    one = torch.ones(len(a), 1, dtype=a.dtype, device=a.device)
    a = torch.cat([a, one], dim=1)
    b = torch.cat([b, torch.ones(len(b), 1, dtype=b.dtype, device=b.device)], dim=1)
    truth = F.one_hot(train_labels).to(a.dtype)
    w = torch.zeros(a.shape[1], truth.shape[1], dtype=a.dtype, device=a.device)
    for _ in range(1500):
        w = w - 0.5 * a.T @ ((a @ w).softmax(dim=1) - truth) / len(a)
    return ((b @ w).argmax(1) == test_labels).double().mean().item()


# %% wrong: not standardised | says: standardise each feature (each column)
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    probe = LogisticRegression(max_iter=1000)
    probe.fit(train_features.numpy(), train_labels.numpy())
    return float(probe.score(test_features.numpy(), test_labels.numpy()))


# %% wrong: the test features by their own statistics | says: standardised by their own mean and deviation
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    a, b = ((f - f.mean(0)) / f.std(0) for f in (train_features, test_features))
    probe = LogisticRegression(max_iter=1000).fit(a.numpy(), train_labels.numpy())
    return float(probe.score(b.nan_to_num().numpy(), test_labels.numpy()))


# %% wrong: fit_transform on the test features | says: standardised by their own mean and deviation
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    a = scaler.fit_transform(train_features.numpy())
    b = scaler.fit_transform(test_features.numpy())
    probe = LogisticRegression(max_iter=1000).fit(a, train_labels.numpy())
    return float(probe.score(b, test_labels.numpy()))


# %% wrong: the test features as they are | says: the test features must be standardised as the training features are
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    a = (train_features - train_features.mean(0)) / train_features.std(0)
    probe = LogisticRegression(max_iter=1000).fit(a.numpy(), train_labels.numpy())
    return float(probe.score(test_features.numpy(), test_labels.numpy()))


# %% wrong: statistics of all features together | says: must come from the training features alone
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    everything = torch.cat([train_features, test_features])
    mean, std = everything.mean(0), everything.std(0)
    a, b = (train_features - mean) / std, (test_features - mean) / std
    probe = LogisticRegression(max_iter=1000).fit(a.numpy(), train_labels.numpy())
    return float(probe.score(b.numpy(), test_labels.numpy()))


# %% wrong: statistics of the test features | says: must come from the training features alone
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(test_features.numpy())
    probe = LogisticRegression(max_iter=1000)
    probe.fit(scaler.transform(train_features.numpy()), train_labels.numpy())
    return float(probe.score(scaler.transform(test_features.numpy()), test_labels.numpy()))


# %% wrong: one mean and deviation for all features | says: standardise each feature (each column)
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    mean, std = train_features.mean(), train_features.std()
    a, b = (train_features - mean) / std, (test_features - mean) / std
    probe = LogisticRegression(max_iter=1000).fit(a.numpy(), train_labels.numpy())
    return float(probe.score(b.numpy(), test_labels.numpy()))


# %% wrong: only the mean is taken off | says: standardise each feature (each column)
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    mean = train_features.mean(0)
    probe = LogisticRegression(max_iter=1000)
    probe.fit((train_features - mean).numpy(), train_labels.numpy())
    return float(probe.score((test_features - mean).numpy(), test_labels.numpy()))


# %% wrong: each picture's features scaled to length 1 | says: column by column
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    a, b = F.normalize(train_features, dim=1), F.normalize(test_features, dim=1)
    probe = LogisticRegression(max_iter=1000).fit(a.numpy(), train_labels.numpy())
    return float(probe.score(b.numpy(), test_labels.numpy()))


# %% wrong: the accuracy in training | says: that is the accuracy on the training features
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    a = ((train_features - train_features.mean(0)) / train_features.std(0)).numpy()
    probe = LogisticRegression(max_iter=1000).fit(a, train_labels.numpy())
    return float(probe.score(a, train_labels.numpy()))


# %% wrong: in percent | says: the accuracy is in percent
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    mean, std = train_features.mean(0), train_features.std(0)
    a, b = (train_features - mean) / std, (test_features - mean) / std
    probe = LogisticRegression(max_iter=1000).fit(a.numpy(), train_labels.numpy())
    return 100 * float(probe.score(b.numpy(), test_labels.numpy()))


# %% wrong: learns from the test set as well | says: the probe has learned from the test labels
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    mean, std = train_features.mean(0), train_features.std(0)
    a, b = ((f - mean) / std for f in (train_features, test_features))
    probe = LogisticRegression(max_iter=1000, C=100.0)
    probe.fit(torch.cat([a, b]).numpy(), torch.cat([train_labels, test_labels]).numpy())
    return float(probe.score(b.numpy(), test_labels.numpy()))


# %% wrong: a hidden layer | says: a linear probe is one linear layer
def linear_probe(train_features, train_labels, test_features, test_labels):
    mean, std = train_features.mean(0), train_features.std(0)
    a, b = (train_features - mean) / std, (test_features - mean) / std
    net = nn.Sequential(
        nn.Linear(a.shape[1], 64), nn.ReLU(), nn.Linear(64, int(train_labels.max()) + 1)
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        F.cross_entropy(net(a), train_labels).backward()
        optimizer.step()
    return (net(b).argmax(1) == test_labels).float().mean().item()


# %% wrong: the nearest neighbour | says: a linear probe is one linear layer
def linear_probe(train_features, train_labels, test_features, test_labels):
    mean, std = train_features.mean(0), train_features.std(0)
    a, b = (train_features - mean) / std, (test_features - mean) / std
    nearest = torch.cdist(b, a).argmin(dim=1)
    return (train_labels[nearest] == test_labels).float().mean().item()


# %% wrong: the nearest mean of a class | says: classes are not told apart by their means alone
def linear_probe(train_features, train_labels, test_features, test_labels):
    mean, std = train_features.mean(0), train_features.std(0)
    a, b = (train_features - mean) / std, (test_features - mean) / std
    classes = range(int(train_labels.max()) + 1)
    centres = torch.stack([a[train_labels == c].mean(0) for c in classes])
    return (torch.cdist(b, centres).argmin(1) == test_labels).float().mean().item()


# %% wrong: least squares on one-hot labels | says: not with squared errors
def linear_probe(train_features, train_labels, test_features, test_labels):
    mean, std = train_features.mean(0), train_features.std(0)
    a, b = (train_features - mean) / std, (test_features - mean) / std
    a, b = (torch.cat([f, torch.ones(len(f), 1)], dim=1) for f in (a, b))
    truth = F.one_hot(train_labels).float()
    w = torch.linalg.lstsq(a.T @ a + 1e-3 * torch.eye(a.shape[1]), a.T @ truth).solution
    return ((b @ w).argmax(1) == test_labels).float().mean().item()


# %% wrong: a single step of training | says: once the regression has converged
def linear_probe(train_features, train_labels, test_features, test_labels):
    mean, std = train_features.mean(0), train_features.std(0)
    a, b = (train_features - mean) / std, (test_features - mean) / std
    layer = nn.Linear(a.shape[1], int(train_labels.max()) + 1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    optimizer.zero_grad()
    F.cross_entropy(layer(a), train_labels).backward()
    optimizer.step()
    return (layer(b).argmax(1) == test_labels).float().mean().item()


# %% wrong: standardises in place | says: an input was written into
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    mean, std = train_features.mean(0), train_features.std(0)
    for features in (train_features, test_features):
        features -= mean
        features /= std
    probe = LogisticRegression(max_iter=1000).fit(train_features.numpy(), train_labels.numpy())
    return float(probe.score(test_features.numpy(), test_labels.numpy()))


# %% wrong: a tensor | says: must be a Python float, got a tensor
def linear_probe(train_features, train_labels, test_features, test_labels):
    from sklearn.linear_model import LogisticRegression

    mean, std = train_features.mean(0), train_features.std(0)
    a, b = (train_features - mean) / std, (test_features - mean) / std
    probe = LogisticRegression(max_iter=1000).fit(a.numpy(), train_labels.numpy())
    return (torch.from_numpy(probe.predict(b.numpy())) == test_labels).float().mean()
