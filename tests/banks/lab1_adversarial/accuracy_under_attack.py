# %% right: predictions and labels gathered, compared once
def accuracy_under_attack(model, attack, batches):
    predictions, labels = [], []
    with evaluating(model):
        for x, y in batches:
            x_adv = x if attack is None else attack(model, x, y)
            with torch.no_grad():
                predictions.append(model(x_adv).argmax(1))
            labels.append(y)
    return (torch.cat(predictions) == torch.cat(labels)).double().mean().item()


# %% right: flags by hand, one picture at a time
def accuracy_under_attack(model, attack, batches):
    flags = [(m, m.training) for m in model.modules()]
    model.eval()
    hits = []
    for x, y in batches:
        if attack:
            x = attack(model, x, y)
        for image, label in zip(x, y):
            hits.append(model(image[None]).detach().max(dim=1).indices.item() == label.item())
    for module, flag in flags:
        module.train(flag) if not list(module.children()) else setattr(module, "training", flag)
    return sum(hits) / len(hits)


# %% right: the mean of the batches, weighted by their sizes
def accuracy_under_attack(model, attack, batches):
    sizes, means = [], []
    with evaluating(model):
        for x, y in batches:
            x = attack(model, x, y) if attack is not None else x
            means.append((torch.max(model(x), 1)[1] == y).float().mean().item())
            sizes.append(x.size(0))
    return sum(m * n for m, n in zip(means, sizes)) / sum(sizes)


# %% wrong: the mean of the batches | says: mean of the batches' accuracies
def accuracy_under_attack(model, attack, batches):
    means = []
    with evaluating(model):
        for x, y in batches:
            x = attack(model, x, y) if attack is not None else x
            means.append((model(x).argmax(dim=1) == y).float().mean().item())
    return sum(means) / len(means)


# %% wrong: percent | says: in percent
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    with evaluating(model):
        for x, y in batches:
            x = attack(model, x, y) if attack is not None else x
            right += (model(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    return 100 * right / total


# %% wrong: a tensor | says: .item()
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    with evaluating(model):
        for x, y in batches:
            x = attack(model, x, y) if attack is not None else x
            right += (model(x).argmax(dim=1) == y).sum()
            total += len(y)
    return right / total


# %% wrong: the attack runs without gradients | says: under torch.no_grad()
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    with evaluating(model), torch.no_grad():
        for x, y in batches:
            x = attack(model, x, y) if attack is not None else x
            right += (model(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    return right / total


# %% wrong: the clean pictures are classified | says: clean accuracy
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    with evaluating(model):
        for x, y in batches:
            if attack is not None:
                x_adv = attack(model, x, y)
            right += (model(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    return right / total


# %% wrong: compares with the clean prediction | says: compare with y
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    with evaluating(model):
        for x, y in batches:
            before = model(x).argmax(dim=1) if attack is not None else y
            x = attack(model, x, y) if attack is not None else x
            right += (model(x).argmax(dim=1) == before).sum().item()
            total += len(y)
    return right / total


# %% wrong: the error rate | says: error rate
def accuracy_under_attack(model, attack, batches):
    wrong = total = 0
    with evaluating(model):
        for x, y in batches:
            x = attack(model, x, y) if attack is not None else x
            wrong += (model(x).argmax(dim=1) != y).sum().item()
            total += len(y)
    return wrong / total


# %% wrong: the last batch alone | says: last batch alone
def accuracy_under_attack(model, attack, batches):
    with evaluating(model):
        for x, y in batches:
            x = attack(model, x, y) if attack is not None else x
            result = (model(x).argmax(dim=1) == y).float().mean().item()
    return result


# %% wrong: the short last batch is left out | says: left out
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    size = None
    with evaluating(model):
        for x, y in batches:
            size = size or len(y)
            if len(y) < size:
                break
            x = attack(model, x, y) if attack is not None else x
            right += (model(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    return right / total


# %% wrong: no attack is not thought of | says: stopped with TypeError
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    with evaluating(model):
        for x, y in batches:
            right += (model(attack(model, x, y)).argmax(dim=1) == y).sum().item()
            total += len(y)
    return right / total


# %% wrong: loops over the batches twice | says: your code stopped with ZeroDivisionError
def accuracy_under_attack(model, attack, batches):
    right = 0
    with evaluating(model):
        labels = [y for _, y in batches]
        for x, y in batches:
            x = attack(model, x, y) if attack is not None else x
            right += (model(x).argmax(dim=1) == y).sum().item()
        seen = sum(len(y) for _, y in batches)
    return right / seen


# %% wrong: in whatever mode the model is | says: it worked in train mode
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    for x, y in batches:
        x = attack(model, x, y) if attack is not None else x
        right += (model(x).argmax(dim=1) == y).sum().item()
        total += len(y)
    return right / total


# %% wrong: left in eval mode | says: is in eval mode after it
def accuracy_under_attack(model, attack, batches):
    model.eval()
    right = total = 0
    for x, y in batches:
        x = attack(model, x, y) if attack is not None else x
        right += (model(x).argmax(dim=1) == y).sum().item()
        total += len(y)
    return right / total


# %% wrong: model.train() for every layer afterwards | says: give every submodule its own flag back
def accuracy_under_attack(model, attack, batches):
    model.eval()
    right = total = 0
    for x, y in batches:
        x = attack(model, x, y) if attack is not None else x
        right += (model(x).argmax(dim=1) == y).sum().item()
        total += len(y)
    model.train()
    return right / total


# %% wrong: whole numbers are divided away | says: must be a float
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    with evaluating(model):
        for x, y in batches:
            x = attack(model, x, y) if attack is not None else x
            right += (model(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    return right // total


# %% wrong: takes it for granted that every attack succeeds | says: the accuracy under attack
def accuracy_under_attack(model, attack, batches):
    right = total = 0
    with evaluating(model), torch.no_grad():
        for x, y in batches:
            right += (model(x).argmax(dim=1) == y).sum().item() if attack is None else 0
            total += len(y)
    return right / total
