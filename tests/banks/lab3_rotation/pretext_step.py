# %% right: the task by hand, the mean of four losses
def pretext_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    loss, right = 0, 0
    for k in range(4):
        logits = model(torch.rot90(x, k, (2, 3)))
        y = torch.full((len(x),), k, device=x.device)
        loss = loss + F.cross_entropy(logits, y) / 4
        right += (logits.argmax(dim=1) == y).sum().item()
    loss.backward()
    optimizer.step()
    return loss.item(), right / (4 * len(x))


# %% right: gradients added up over four backward passes
def pretext_step(model, optimizer, x):
    model.train()
    model.zero_grad()
    losses, hits = [], []
    for k in range(4):
        logits = model(x.rot90(k, (2, 3)))
        loss = -logits.log_softmax(dim=1)[:, k].mean() / 4
        loss.backward()
        losses.append(loss.detach())
        hits.append((logits.detach().argmax(1) == k).double().mean())
    optimizer.step()
    return sum(losses).item(), torch.stack(hits).mean().item()


# %% right: gradients by torch.autograd.grad, put into place by hand
def pretext_step(model, optimizer, x):
    for module in model.modules():
        module.training = True
    images, labels = rotation_task(x)
    scores = model(images)
    loss = nn.CrossEntropyLoss()(scores, labels)
    parameters = [p for p in model.parameters() if p.requires_grad]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    optimizer.zero_grad()
    correct = (scores.max(dim=1).indices == labels).sum()
    return float(loss), correct.item() / labels.numel()


# %% right: a closure, shuffled, the summed loss divided
def pretext_step(model, optimizer, x):
    images, labels = rotation_task(x)
    order = torch.randperm(len(labels), device=x.device)
    images, labels = images[order], labels[order]
    told = {}

    def closure():
        optimizer.zero_grad(set_to_none=False)
        logits = model(images)
        loss = F.cross_entropy(logits, labels, reduction="sum") / len(labels)
        loss.backward()
        told["accuracy"] = logits.softmax(1).argmax(1).eq(labels).float().mean().tolist()
        return loss

    model.train(True)
    loss = optimizer.step(closure)
    return loss.tolist(), told["accuracy"]


# %% base: all four rotations in one batch
def pretext_step(model, optimizer, x):
    images, labels = rotation_task(x)
    model.train()
    optimizer.zero_grad()
    logits = model(images)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == labels).float().mean().item()


# %% wrong: labels in another order than the pictures | says: the labels do not belong to the pictures
# -    images, labels = rotation_task(x)
# +    images, _ = rotation_task(x)
# +    labels = torch.arange(4).repeat(len(x))

# %% wrong: clockwise | says: the pictures are turned clockwise
# -    images, labels = rotation_task(x)
# +    images = torch.cat([x.rot90(-k, (2, 3)) for k in range(4)])
# +    labels = torch.arange(4).repeat_interleave(len(x))

# %% wrong: the summed loss | says: the summed loss
# -    loss = F.cross_entropy(logits, labels)
# +    loss = F.cross_entropy(logits, labels, reduction="sum")

# %% wrong: no zero_grad | says: gradients from before the step are part of it
# -    optimizer.zero_grad()

# %% wrong: up the loss | says: the step goes up the loss
# -    loss = F.cross_entropy(logits, labels)
# +    loss = -F.cross_entropy(logits, labels)
# -    return loss.item(), (logits.argmax(1) == labels).float().mean().item()
# +    return -loss.item(), (logits.argmax(1) == labels).float().mean().item()

# %% wrong: in whatever mode the model came | says: the step must be made in train mode
# -    model.train()

# %% wrong: leaves the model in eval mode | says: a training step leaves it in train mode
# -    optimizer.step()
# +    optimizer.step()
# +    model.eval()

# %% wrong: the accuracy in percent | says: the accuracy is in percent
# -    return loss.item(), (logits.argmax(1) == labels).float().mean().item()
# +    return loss.item(), 100 * (logits.argmax(1) == labels).float().mean().item()

# %% wrong: divided by N | says: divided by N: there are 4N of them
# -    return loss.item(), (logits.argmax(1) == labels).float().mean().item()
# +    return loss.item(), (logits.argmax(1) == labels).sum().item() / len(x)

# %% wrong: tensors | says: the loss must be a Python float, got a tensor
# -    return loss.item(), (logits.argmax(1) == labels).float().mean().item()
# +    return loss, (logits.argmax(1) == labels).float().mean()

# %% wrong: the accuracy as a tensor | says: the accuracy must be a Python float, got a tensor
# -    return loss.item(), (logits.argmax(1) == labels).float().mean().item()
# +    return loss.item(), (logits.argmax(1) == labels).float().mean()

# %% wrong: the other way round | says: return (loss, accuracy), in this order
# -    return loss.item(), (logits.argmax(1) == labels).float().mean().item()
# +    return (logits.argmax(1) == labels).double().mean().item(), loss.item()

# %% wrong: a random rotation of each picture | says: the change of the weights
# -    images, labels = rotation_task(x)
# +    labels = torch.randint(0, 4, (len(x),))
# +    images = rotate_batch(x, labels)


# %% wrong: only the pictures as they are | says: only the pictures as they are take part
def pretext_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    logits = model(x)
    y = torch.zeros(len(x), dtype=torch.long)
    loss = F.cross_entropy(logits, y)
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == y).float().mean().item()


# %% wrong: without the pictures as they are | says: the pictures as they are take no part
def pretext_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    images = torch.cat([x.rot90(k, (2, 3)) for k in (1, 2, 3)])
    labels = torch.arange(1, 4).repeat_interleave(len(x))
    logits = model(images)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == labels).float().mean().item()


# %% wrong: the loss of the last rotation alone | says: only one rotation takes part, 270 degrees
def pretext_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    for k in range(4):
        logits = model(x.rot90(k, (2, 3)))
        y = torch.full((len(x),), k)
        loss = F.cross_entropy(logits, y)
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == y).float().mean().item()


# %% wrong: the sum of the four losses | says: the sum of the four rotations' losses
def pretext_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    loss, right = 0, 0
    for k in range(4):
        logits = model(x.rot90(k, (2, 3)))
        loss = loss + F.cross_entropy(logits, torch.full((len(x),), k))
        right += (logits.argmax(1) == k).sum().item()
    loss.backward()
    optimizer.step()
    return loss.item(), right / (4 * len(x))


# %% wrong: zero_grad between backward and step | says: the optimiser made no step
def pretext_step(model, optimizer, x):
    images, labels = rotation_task(x)
    model.train()
    logits = model(images)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == labels).float().mean().item()


# %% wrong: a step for each rotation | says: a step is made for each rotation
def pretext_step(model, optimizer, x):
    model.train()
    losses, right = [], 0
    for k in range(4):
        optimizer.zero_grad()
        logits = model(x.rot90(k, (2, 3)))
        loss = F.cross_entropy(logits, torch.full((len(x),), k))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        right += (logits.argmax(1) == k).sum().item()
    return sum(losses) / 4, right / (4 * len(x))


# %% wrong: the accuracy after the step | says: that is the accuracy after the step
def pretext_step(model, optimizer, x):
    images, labels = rotation_task(x)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        accuracy = (model(images).argmax(1) == labels).float().mean().item()
    return loss.item(), accuracy


# %% wrong: the accuracy in eval mode | says: that is the accuracy in eval mode
def pretext_step(model, optimizer, x):
    images, labels = rotation_task(x)
    model.eval()
    with torch.no_grad():
        accuracy = (model(images).argmax(1) == labels).float().mean().item()
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item(), accuracy


# %% wrong: turns x itself | says: an input was written into
def pretext_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    loss, right = 0, 0
    for k in range(4):
        logits = model(x.clone())
        loss = loss + F.cross_entropy(logits, torch.full((len(x),), k)) / 4
        right += (logits.argmax(1) == k).sum().item()
        if k < 3:
            x.copy_(x.clone().rot90(1, (2, 3)))
    loss.backward()
    optimizer.step()
    return loss.item(), right / (4 * len(x))
