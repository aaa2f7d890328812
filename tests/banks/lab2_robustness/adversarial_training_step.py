# %% right: gradients by torch.autograd.grad, put into place by hand
def adversarial_training_step(model, optimizer, x, y, attack):
    with evaluating(model):
        x_adv = attack(model, x, y)
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    loss = F.cross_entropy(model(x_adv), y)
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    return float(loss.detach())


# %% right: a closure, log-probabilities by hand
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    hardened = attack(model, x, y).detach()
    model.train(True)

    def closure():
        optimizer.zero_grad(set_to_none=False)
        log_p = torch.log_softmax(model(hardened), dim=1)
        loss = -log_p[torch.arange(len(y), device=y.device), y].mean()
        loss.backward()
        return loss

    return optimizer.step(closure).item()


# %% right: gradients set to None one by one, flags by hand
def adversarial_training_step(model, optimizer, x, y, attack):
    for module in model.modules():
        module.training = False
    adversarial = attack(model, x, y)
    for module in model.modules():
        module.training = True
    for parameter in model.parameters():
        parameter.grad = None
    objective = torch.nn.CrossEntropyLoss()
    value = objective(model(adversarial), y)
    value.backward()
    optimizer.step()
    optimizer.zero_grad()
    return value.detach().cpu().numpy().item()


# %% right: the summed loss divided by the number of pictures
def adversarial_training_step(model, optimizer, x, y, attack):
    x_adv = attack(model.eval(), x.clone(), y.clone())
    model.train().zero_grad()
    loss = F.cross_entropy(model(x_adv), y, reduction="sum") / x.shape[0]
    loss.backward()
    optimizer.step()
    return loss.tolist()


# %% wrong: trains on the clean batch | says: the step is that of the clean batch
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: trains on both | says: clean and adversarial batch together
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y) + F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: half clean, half adversarial | says: half clean, half adversarial
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(torch.cat([x, x_adv])), torch.cat([y, y]))
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: the summed loss | says: the summed loss
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y, reduction="sum")
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: no step | says: the optimiser made no step
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    return loss.item()


# %% wrong: two steps | says: the step is made twice
def adversarial_training_step(model, optimizer, x, y, attack):
    for _ in range(2):
        model.eval()
        x_adv = attack(model, x, y)
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x_adv), y)
        loss.backward()
        optimizer.step()
    return loss.item()


# %% wrong: up the loss | says: the step goes up the loss
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = -F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return -loss.item()


# %% wrong: the loss is a tensor | says: call `.item()`
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return loss


# %% wrong: nothing comes back | says: needs a `return`
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    F.cross_entropy(model(x_adv), y).backward()
    optimizer.step()


# %% wrong: the loss after the step | says: that is the loss after the step
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    F.cross_entropy(model(x_adv), y).backward()
    optimizer.step()
    with torch.no_grad():
        return F.cross_entropy(model(x_adv), y).item()


# %% wrong: the attack meets train mode | says: the attack met the model in train mode
def adversarial_training_step(model, optimizer, x, y, attack):
    model.train()
    x_adv = attack(model, x, y)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: the step in eval mode, train mode afterwards | says: the step itself must run in train mode
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    model.train()
    return loss.item()


# %% wrong: left in eval mode | says: the model is left in eval mode
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    model.eval()
    return loss.item()


# %% wrong: the mode in which the model came, whatever it was | says: also where the model came in eval mode
def adversarial_training_step(model, optimizer, x, y, attack):
    with evaluating(model):
        x_adv = attack(model, x, y)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: the clean batch passes in train mode as well | says: noted the clean batch as well
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        (model(x).argmax(dim=1) == y).float().mean()  # clean accuracy, to watch
    return loss.item()


# %% wrong: the attack without gradients | says: under torch.no_grad()
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    with torch.no_grad():
        x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: gradients cleared before the attack only | says: gradients that the attack left in the parameters
def adversarial_training_step(model, optimizer, x, y, attack):
    optimizer.zero_grad()
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: gradients never cleared | says: gradients from before the step and those that the attack left
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: gradients cleared between backward and step | says: the optimiser made no step
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


# %% wrong: the attack gets what the network says for labels | says: the attack must get x and y as they were given
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, model(x).argmax(dim=1))
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: an optimiser of its own at every step | says: after three steps
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    own = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]["lr"])
    own.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    own.step()
    return loss.item()


# %% wrong: writes the attacked pictures into the caller's | says: an input was written into
def adversarial_training_step(model, optimizer, x, y, attack):
    model.eval()
    x.copy_(attack(model, x, y))
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()
