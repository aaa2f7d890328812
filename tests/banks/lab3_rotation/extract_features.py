# %% right: detached batch by batch, flags by hand
def extract_features(encoder, batches):
    flags = {module: module.training for module in encoder.modules()}
    encoder.eval()
    found, told = [], []
    for images, labels in batches:
        found.append(encoder(images).detach())
        told.append(labels)
    for module, flag in flags.items():
        module.training = flag
    return torch.cat(found, dim=0), torch.cat(told, dim=0)


# %% right: inference mode, and a list of pairs
def extract_features(encoder, batches):
    with evaluating(encoder), torch.inference_mode():
        pairs = [(encoder(x).clone(), y) for x, y in batches]
    features, labels = zip(*pairs)
    return torch.cat(features).clone(), torch.cat(labels)


# %% right: put together as it goes, with a decorator
@torch.no_grad()
def extract_features(encoder, batches):
    was = [(m, m.training) for m in encoder.modules()]
    try:
        encoder.train(False)
        features = labels = None
        for x, y in batches:
            f = encoder(x)
            features = f if features is None else torch.vstack([features, f])
            labels = y.clone() if labels is None else torch.hstack([labels, y])
        return features, labels
    finally:
        for m, training in was:
            m.training = training


# %% right: picture by picture, on a copy of the encoder
def extract_features(encoder, batches):
    import copy

    other = copy.deepcopy(encoder).eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in batches:
            for picture, label in zip(x, y):
                features.append(other(picture[None])[0])
                labels.append(label)
    return torch.stack(features), torch.stack(labels)


# %% wrong: in whatever mode the encoder came | says: it worked in train mode
def extract_features(encoder, batches):
    with torch.no_grad():
        pairs = [(encoder(x), y) for x, y in batches]
    return torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])


# %% wrong: train mode for all at the end | says: was in eval mode before the call and is in train mode after it
def extract_features(encoder, batches):
    encoder.eval()
    with torch.no_grad():
        pairs = [(encoder(x), y) for x, y in batches]
    encoder.train()
    return torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])


# %% wrong: left in eval mode | says: was in train mode before the call and is in eval mode after it
def extract_features(encoder, batches):
    encoder.eval()
    with torch.no_grad():
        pairs = [(encoder(x), y) for x, y in batches]
    return torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])


# %% wrong: one flag for all | says: was in eval mode before the call and is in train mode after it
def extract_features(encoder, batches):
    training = encoder.training
    encoder.eval()
    with torch.no_grad():
        pairs = [(encoder(x), y) for x, y in batches]
    encoder.train(training)
    return torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])


# %% wrong: the graph is kept | says: still carries a graph
def extract_features(encoder, batches):
    with evaluating(encoder):
        pairs = [(encoder(x), y) for x, y in batches]
    return torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])


# %% wrong: the last batch only | says: of the last batch only
def extract_features(encoder, batches):
    with evaluating(encoder), torch.no_grad():
        for x, y in batches:
            features, labels = encoder(x), y
    return features, labels


# %% wrong: the labels of the last batch only | says: of the last batch only
def extract_features(encoder, batches):
    found = []
    with evaluating(encoder), torch.no_grad():
        for x, y in batches:
            found.append(encoder(x))
    return torch.cat(found), y


# %% wrong: loops twice | says: your code stopped with
def extract_features(encoder, batches):
    with evaluating(encoder), torch.no_grad():
        features = torch.cat([encoder(x) for x, _ in batches])
        labels = torch.cat([y for _, y in batches])
    return features, labels


# %% wrong: shuffled | says: the features
def extract_features(encoder, batches):
    with evaluating(encoder), torch.no_grad():
        pairs = [(encoder(x), y) for x, y in batches]
    features, labels = torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])
    order = torch.randperm(len(labels))
    return features[order], labels[order]


# %% wrong: sorted by label | says: the features are sorted by label
def extract_features(encoder, batches):
    with evaluating(encoder), torch.no_grad():
        pairs = [(encoder(x), y) for x, y in batches]
    features, labels = torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])
    order = labels.argsort(stable=True)
    return features[order], labels[order]


# %% wrong: the prediction instead of the label | says: the labels are what the encoder's largest feature says
def extract_features(encoder, batches):
    with evaluating(encoder), torch.no_grad():
        features = torch.cat([encoder(x) for x, _ in batches])
    return features, features.argmax(dim=1)


# %% wrong: full batches only | says: the short last batch is left out
def extract_features(encoder, batches):
    features, labels, size = [], [], None
    with evaluating(encoder), torch.no_grad():
        for x, y in batches:
            size = size or len(x)
            if len(x) == size:
                features.append(encoder(x))
                labels.append(y)
    return torch.cat(features), torch.cat(labels)


# %% wrong: scaled to length 1 | says: the features are scaled to length 1
def extract_features(encoder, batches):
    with evaluating(encoder), torch.no_grad():
        pairs = [(F.normalize(encoder(x), dim=1), y) for x, y in batches]
    return torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])


# %% wrong: lists of batches | says: features must be a torch.Tensor, got list
def extract_features(encoder, batches):
    features, labels = [], []
    with evaluating(encoder), torch.no_grad():
        for x, y in batches:
            features.append(encoder(x))
            labels.append(y)
    return features, labels


# %% wrong: only the features | says: return the pair (features, labels)
def extract_features(encoder, batches):
    with evaluating(encoder), torch.no_grad():
        return torch.cat([encoder(x) for x, _ in batches])


# %% wrong: labels as floats | says: labels must have dtype torch.int64
def extract_features(encoder, batches):
    with evaluating(encoder), torch.no_grad():
        pairs = [(encoder(x), y.float()) for x, y in batches]
    return torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])


# %% wrong: freezes the encoder | says: was left with requires_grad=False
def extract_features(encoder, batches):
    encoder.requires_grad_(False)
    with evaluating(encoder):
        pairs = [(encoder(x), y) for x, y in batches]
    return torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])


# %% wrong: zero_grad on the way | says: was lost
def extract_features(encoder, batches):
    encoder.zero_grad()
    with evaluating(encoder), torch.no_grad():
        pairs = [(encoder(x), y) for x, y in batches]
    return torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])
