# %% right: gradients by torch.autograd.grad, put into place by hand
def pretext_step(model, optimizer, centres, neighbours, positions):
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    logits = model(centres, neighbours)
    loss = nn.CrossEntropyLoss()(logits, positions)
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    right = (logits.argmax(dim=-1) == positions).sum().item()
    return float(loss.detach()), right / len(positions)


# %% right: zero_grad first, log-probabilities by hand, everything in a list
def pretext_step(model, optimizer, centres, neighbours, positions):
    optimizer.zero_grad(set_to_none=False)
    model.train(True)
    log_p = torch.log_softmax(model(centres, neighbours), dim=1)
    loss = -log_p[torch.arange(len(positions), device=positions.device), positions].mean()
    loss.backward()
    optimizer.step()
    _, guess = log_p.max(dim=1)
    return [loss.item(), torch.eq(guess, positions).float().mean().item()]


# %% right: a closure
def pretext_step(model, optimizer, centres, neighbours, positions):
    said = []

    def closure():
        optimizer.zero_grad()
        logits = model(centres, neighbours)
        said.append(logits.detach())
        loss = F.nll_loss(F.log_softmax(logits, dim=1), positions)
        loss.backward()
        return loss

    model.train()
    loss = optimizer.step(closure).item()
    return loss, float((said[0].argmax(1) == positions).double().mean())


# %% right: the summed loss divided by the number of pairs, gradients put to None
def pretext_step(model, optimizer, centres, neighbours, positions):
    for module in model.modules():
        module.training = True
    for parameter in model.parameters():
        parameter.grad = None
    logits = model(centres, neighbours)
    loss = F.cross_entropy(logits, positions, reduction="sum") / centres.shape[0]
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    hits = [int(a == b) for a, b in zip(logits.argmax(1).tolist(), positions.tolist())]
    return loss.tolist(), sum(hits) / len(hits)


# %% base: in as few lines as it takes
def pretext_step(model, optimizer, centres, neighbours, positions):
    model.train()
    logits = model(centres, neighbours)
    loss = F.cross_entropy(logits, positions)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == positions).float().mean().item()


# %% wrong: the patches swapped | says: centres and neighbours are swapped
# -    logits = model(centres, neighbours)
# +    logits = model(neighbours, centres)

# %% wrong: no step | says: the optimizer made no step
# -    optimizer.step()

# %% wrong: the summed loss | says: the step is that of the summed loss
# -    loss = F.cross_entropy(logits, positions)
# +    loss = F.cross_entropy(logits, positions, reduction="sum")

# %% wrong: up the loss | says: the step goes up the loss
# -    loss = F.cross_entropy(logits, positions)
# +    loss = -F.cross_entropy(logits, positions)
# -    return loss.item(), (logits.argmax(1) == positions).float().mean().item()
# +    return -loss.item(), (logits.argmax(1) == positions).float().mean().item()

# %% wrong: gradients never cleared | says: gradients from before the step are part of it
# -    optimizer.zero_grad()

# %% wrong: in the mode that the model came in | says: came in eval mode
# -    model.train()

# %% wrong: in eval mode | says: left in eval mode
# -    model.train()
# +    model.eval()

# %% wrong: eval mode for the step, train mode afterwards | says: have noted nothing
# -    model.train()
# +    model.eval()
# -    optimizer.step()
# +    optimizer.step()
# +    model.train()

# %% wrong: accuracy in percent | says: that is in percent
# -    return loss.item(), (logits.argmax(1) == positions).float().mean().item()
# +    return loss.item(), 100 * (logits.argmax(1) == positions).float().mean().item()

# %% wrong: the number of right answers | says: divide by the size of the batch
# -    return loss.item(), (logits.argmax(1) == positions).float().mean().item()
# +    return loss.item(), float((logits.argmax(1) == positions).sum())

# %% wrong: the error rate | says: that is the error rate
# -    return loss.item(), (logits.argmax(1) == positions).float().mean().item()
# +    return loss.item(), (logits.argmax(1) != positions).float().mean().item()

# %% wrong: tensors | says: call `.item()`
# -    return loss.item(), (logits.argmax(1) == positions).float().mean().item()
# +    return loss.detach(), (logits.argmax(1) == positions).float().mean()

# %% wrong: accuracy first | says: the loss comes first
# -    return loss.item(), (logits.argmax(1) == positions).float().mean().item()
# +    return (logits.argmax(1) == positions).float().mean().item(), loss.item()


# %% wrong: two steps | says: make it once
def pretext_step(model, optimizer, centres, neighbours, positions):
    model.train()
    for _ in range(2):
        logits = model(centres, neighbours)
        loss = F.cross_entropy(logits, positions)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item(), (logits.argmax(1) == positions).float().mean().item()


# %% wrong: gradients cleared between backward and step | says: zero_grad() comes before backward()
def pretext_step(model, optimizer, centres, neighbours, positions):
    model.train()
    logits = model(centres, neighbours)
    loss = F.cross_entropy(logits, positions)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == positions).float().mean().item()


# %% wrong: a second call in train mode for the accuracy | says: have noted the batch twice
def pretext_step(model, optimizer, centres, neighbours, positions):
    model.train()
    loss = F.cross_entropy(model(centres, neighbours), positions)
    optimizer.zero_grad()
    loss.backward()
    with torch.no_grad():
        accuracy = (model(centres, neighbours).argmax(1) == positions).float().mean()
    optimizer.step()
    return loss.item(), accuracy.item()


# %% wrong: the loss after the step | says: that is the loss after the step
def pretext_step(model, optimizer, centres, neighbours, positions):
    model.train()
    optimizer.zero_grad()
    logits = model(centres, neighbours)
    F.cross_entropy(logits, positions).backward()
    optimizer.step()
    with torch.no_grad():
        loss = F.cross_entropy(model(centres, neighbours), positions).item()
    return loss, (logits.argmax(1) == positions).float().mean().item()


# %% wrong: the loss alone | says: return the pair (loss, accuracy)
def pretext_step(model, optimizer, centres, neighbours, positions):
    model.train()
    loss = F.cross_entropy(model(centres, neighbours), positions)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: an optimizer of its own | says: after three steps
def pretext_step(model, optimizer, centres, neighbours, positions):
    model.train()
    own = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]["lr"])
    logits = model(centres, neighbours)
    loss = F.cross_entropy(logits, positions)
    own.zero_grad()
    loss.backward()
    own.step()
    return loss.item(), (logits.argmax(1) == positions).float().mean().item()
