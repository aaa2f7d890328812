# %% right: gradients by torch.autograd.grad, second view on top
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.train(), head.train()
    view1, view2 = augment(x), augment(x)
    z = head(encoder(torch.cat([view2, view1], dim=0)))
    loss = nt_xent(z[len(x) :], z[: len(x)], temperature)
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    return float(loss.detach())


# %% right: interleaved views, a closure, a loss of its own
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    model = nn.Sequential(encoder, head).train()
    views = torch.stack(two_views(x, augment), dim=1).flatten(0, 1)

    def closure():
        optimizer.zero_grad(set_to_none=False)
        z = F.normalize(model(views), dim=1)
        s = z @ z.T / temperature
        s.fill_diagonal_(float("-inf"))
        loss = F.cross_entropy(s, torch.arange(len(z), device=z.device) ^ 1)
        loss.backward()
        return loss

    return optimizer.step(closure).item()


# %% right: gradients cleared first, flags module by module
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    for network in (encoder, head):
        for module in network.modules():
            module.training = True
        for parameter in network.parameters():
            parameter.grad = None
    with torch.no_grad():
        first, second = two_views(x, augment)
    features = encoder(torch.cat((first, second)))
    a, b = torch.split(head(features), len(x))
    loss = nt_xent(a, b, temperature)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.tolist()


# %% base: both views in one batch
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.train()
    head.train()
    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
    loss = nt_xent(z1, z2, temperature)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


# %% wrong: the networks look at one view after the other | says: the views pass one after the other
# -    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
# -    loss = nt_xent(z1, z2, temperature)
# +    view1, view2 = two_views(x, augment)
# +    loss = nt_xent(head(encoder(view1)), head(encoder(view2)), temperature)

# %% wrong: the encoder in two passes, the head in one | says: the views pass the encoder one after the other
# -    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
# +    view1, view2 = two_views(x, augment)
# +    z1, z2 = head(torch.cat([encoder(view1), encoder(view2)])).chunk(2)

# %% wrong: the head is left out | says: the head plays no part
# -    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
# +    z1, z2 = encoder(torch.cat(two_views(x, augment))).chunk(2)

# %% wrong: the encoder does not learn | says: only the head has learnt
# -    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
# +    with torch.no_grad():
# +        features = encoder(torch.cat(two_views(x, augment)))
# +    z1, z2 = head(features).chunk(2)

# %% wrong: the same view twice | says: augment was called 1 times
# -    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
# +    view = augment(x)
# +    z1, z2 = head(encoder(torch.cat([view, view]))).chunk(2)

# %% wrong: two views are made, and the first one used twice | says: both views are the first one
# -    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
# +    view1, view2 = two_views(x, augment)
# +    z1, z2 = head(encoder(torch.cat([view1, view1]))).chunk(2)

# %% wrong: one view is the picture itself | says: augment was called 1 times
# -    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
# +    z1, z2 = head(encoder(torch.cat([x, augment(x)]))).chunk(2)

# %% wrong: the temperature is forgotten | says: the temperature is 0.5 whatever is asked for
# -    loss = nt_xent(z1, z2, temperature)
# +    loss = nt_xent(z1, z2, 0.5)

# %% wrong: every other row for a half | says: the wrong vectors are taken for partners
# -    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
# -    loss = nt_xent(z1, z2, temperature)
# +    z = head(encoder(torch.cat(two_views(x, augment))))
# +    loss = nt_xent(z[0::2], z[1::2], temperature)

# %% wrong: no step | says: the optimiser made no step
# -    optimizer.step()

# %% wrong: gradients never emptied | says: gradients from before the step are part of it
# -    optimizer.zero_grad()

# %% wrong: up the loss | says: the step goes up the loss
# -    loss.backward()
# +    (-loss).backward()

# %% wrong: the summed loss | says: the step is that of the summed loss
# -    loss = nt_xent(z1, z2, temperature)
# +    loss = nt_xent(z1, z2, temperature) * 2 * len(x)

# %% wrong: the modes stay as they were | says: is left in eval mode
# -    encoder.train()
# -    head.train()

# %% wrong: the head keeps the mode in which it came | says: the head is left in eval mode
# -    head.train()

# %% wrong: left in eval mode | says: is left in eval mode
# -    optimizer.step()
# +    optimizer.step()
# +    encoder.eval()
# +    head.eval()

# %% wrong: the loss is a tensor | says: call `.item()`
# -    return loss.item()
# +    return loss

# %% wrong: another pass to look at the features | says: the running mean of the encoder's BatchNorm
# -    optimizer.step()
# +    optimizer.step()
# +    with torch.no_grad():
# +        encoder(x).std()

# %% wrong: the head's vectors of the second view are detached | says: the change of the weights is not what it should be
# -    loss = nt_xent(z1, z2, temperature)
# +    loss = nt_xent(z1, z2.detach(), temperature)


# %% wrong: gradients emptied between backward and step | says: the optimiser made no step
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.train()
    head.train()
    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
    loss = nt_xent(z1, z2, temperature)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


# %% wrong: two steps | says: augment was called 4 times
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.train()
    head.train()
    for _ in range(2):
        z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
        loss = nt_xent(z1, z2, temperature)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


# %% wrong: two steps on the same views | says: the step is made twice
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.train()
    head.train()
    views = torch.cat(two_views(x, augment))
    for _ in range(2):
        z1, z2 = head(encoder(views)).chunk(2)
        loss = nt_xent(z1, z2, temperature)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


# %% wrong: in eval mode, train mode afterwards | says: the networks work in eval mode
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.eval()
    head.eval()
    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
    loss = nt_xent(z1, z2, temperature)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    encoder.train()
    head.train()
    return loss.item()


# %% wrong: an optimiser of its own at every step | says: the optimizer's momentum is lost
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.train()
    head.train()
    parameters = [*encoder.parameters(), *head.parameters()]
    own = torch.optim.SGD(parameters, lr=optimizer.param_groups[0]["lr"])
    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
    loss = nt_xent(z1, z2, temperature)
    own.zero_grad()
    loss.backward()
    own.step()
    return loss.item()


# %% wrong: the loss after the step | says: that is the loss after the step
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.train()
    head.train()
    views = torch.cat(two_views(x, augment))
    loss = nt_xent(*head(encoder(views)).chunk(2), temperature)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        return nt_xent(*head(encoder(views)).chunk(2), temperature).item()


# %% wrong: nothing comes back | says: needs a `return`
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    encoder.train()
    head.train()
    z1, z2 = head(encoder(torch.cat(two_views(x, augment)))).chunk(2)
    optimizer.zero_grad()
    nt_xent(z1, z2, temperature).backward()
    optimizer.step()
