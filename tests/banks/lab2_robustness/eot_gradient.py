# %% right: one loss of all views, one gradient
def eot_gradient(model, x, y, transforms):
    picture = x.detach().clone().requires_grad_(True)
    losses = [F.cross_entropy(model(t(picture)), y, reduction="sum") for t in transforms]
    return torch.autograd.grad(sum(losses) / len(losses), picture)[0]


# %% right: backward on a copy of the model, gradients gathered in .grad
import copy


def eot_gradient(model, x, y, transforms):
    twin = copy.deepcopy(model)
    leaf = torch.nn.Parameter(x.detach().clone())
    for t in transforms:
        (F.cross_entropy(twin(t(leaf)), y, reduction="none").sum() / len(transforms)).backward()
    return leaf.grad.detach().clone()


# %% right: in eval mode, all views in one batch
def eot_gradient(model, x, y, transforms):
    leaf = x.clone().detach().requires_grad_()
    with evaluating(model):
        logits = model(torch.cat([transform(leaf) for transform in transforms]))
    labels = y.repeat(len(transforms))
    loss = -torch.log_softmax(logits, 1).gather(1, labels[:, None]).sum()
    (g,) = torch.autograd.grad(loss, leaf)
    return g.div(len(transforms))


# %% right: stacked gradients and their mean, one picture at a time
def eot_gradient(model, x, y, transforms):
    rows = []
    for image, label in zip(x.split(1), y.split(1)):
        found = []
        for transform in transforms:
            leaf = image.detach().clone().requires_grad_()
            loss = F.cross_entropy(model(transform(leaf)), label)
            found.append(torch.autograd.grad(loss, leaf)[0])
        rows.append(torch.stack(found).mean(dim=0))
    return torch.cat(rows)


# %% wrong: the sum | says: divide by the number of transformations
def eot_gradient(model, x, y, transforms):
    total = 0
    for transform in transforms:
        leaf = x.detach().clone().requires_grad_()
        loss = F.cross_entropy(model(transform(leaf)), y, reduction="sum")
        total = total + torch.autograd.grad(loss, leaf)[0]
    return total


# %% wrong: the mean loss | says: reduction='sum'
def eot_gradient(model, x, y, transforms):
    total = 0
    for transform in transforms:
        leaf = x.detach().clone().requires_grad_()
        total = total + torch.autograd.grad(F.cross_entropy(model(transform(leaf)), y), leaf)[0]
    return total / len(transforms)


# %% wrong: the last transformation alone | says: only the last transformation counts
def eot_gradient(model, x, y, transforms):
    for transform in transforms:
        leaf = x.detach().clone().requires_grad_()
        loss = F.cross_entropy(model(transform(leaf)), y, reduction="sum")
        g = torch.autograd.grad(loss, leaf)[0]
    return g


# %% wrong: the last one, divided by all | says: the gradients of all but the last transformation are lost
def eot_gradient(model, x, y, transforms):
    for transform in transforms:
        leaf = x.detach().clone().requires_grad_()
        loss = F.cross_entropy(model(transform(leaf)), y, reduction="sum")
        g = torch.autograd.grad(loss, leaf)[0]
    return g / len(transforms)


# %% wrong: returns inside the loop | says: only the first transformation counts
def eot_gradient(model, x, y, transforms):
    for transform in transforms:
        leaf = x.detach().clone().requires_grad_()
        loss = F.cross_entropy(model(transform(leaf)), y, reduction="sum")
        return torch.autograd.grad(loss, leaf)[0]


# %% wrong: with respect to the transformed picture | says: differentiate with respect to x
def eot_gradient(model, x, y, transforms):
    total = 0
    for transform in transforms:
        leaf = transform(x.detach().clone()).requires_grad_()
        loss = F.cross_entropy(model(leaf), y, reduction="sum")
        total = total + torch.autograd.grad(loss, leaf)[0]
    return total / len(transforms)


# %% wrong: the gradient of the mean picture | says: average gradients, not pictures
def eot_gradient(model, x, y, transforms):
    leaf = x.detach().clone().requires_grad_()
    mean = sum(transform(leaf) for transform in transforms) / len(transforms)
    return torch.autograd.grad(F.cross_entropy(model(mean), y, reduction="sum"), leaf)[0]


# %% wrong: the gradient of the mean logits | says: average the losses' gradients
def eot_gradient(model, x, y, transforms):
    leaf = x.detach().clone().requires_grad_()
    logits = sum(model(transform(leaf)) for transform in transforms) / len(transforms)
    return torch.autograd.grad(F.cross_entropy(logits, y, reduction="sum"), leaf)[0]


# %% wrong: one transformation after the other | says: the transformations are chained
def eot_gradient(model, x, y, transforms):
    leaf = x.detach().clone().requires_grad_()
    view = leaf
    for transform in transforms:
        view = transform(view)
    return torch.autograd.grad(F.cross_entropy(model(view), y, reduction="sum"), leaf)[0]


# %% wrong: no transformation | says: the model must see transform(x)
def eot_gradient(model, x, y, transforms):
    leaf = x.detach().clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(model(leaf), y, reduction="sum"), leaf)[0]


# %% wrong: its sign | says: that is the sign of the gradient
def eot_gradient(model, x, y, transforms):
    leaf = x.detach().clone().requires_grad_()
    loss = sum(F.cross_entropy(model(t(leaf)), y, reduction="sum") for t in transforms)
    return torch.autograd.grad(loss, leaf)[0].sign()


# %% wrong: the mean of the signs | says: the signs are averaged
def eot_gradient(model, x, y, transforms):
    total = 0
    for transform in transforms:
        leaf = x.detach().clone().requires_grad_()
        loss = F.cross_entropy(model(transform(leaf)), y, reduction="sum")
        total = total + torch.autograd.grad(loss, leaf)[0].sign()
    return total / len(transforms)


# %% wrong: down the loss | says: the gradient has the wrong sign
def eot_gradient(model, x, y, transforms):
    leaf = x.detach().clone().requires_grad_()
    loss = sum(F.cross_entropy(model(t(leaf)), y, reduction="sum") for t in transforms)
    return -torch.autograd.grad(loss, leaf)[0] / len(transforms)


# %% wrong: backward fills the parameters' gradients | says: touches none
def eot_gradient(model, x, y, transforms):
    leaf = x.detach().clone().requires_grad_()
    for t in transforms:
        (F.cross_entropy(model(t(leaf)), y, reduction="sum") / len(transforms)).backward()
    return leaf.grad


# %% wrong: the caller's picture becomes a leaf | says: requires_grad=True
def eot_gradient(model, x, y, transforms):
    x.requires_grad_()
    loss = sum(F.cross_entropy(model(t(x)), y, reduction="sum") for t in transforms)
    return torch.autograd.grad(loss, x)[0] / len(transforms)


# %% wrong: left in eval mode | says: is in eval mode after it
def eot_gradient(model, x, y, transforms):
    model.eval()
    leaf = x.detach().clone().requires_grad_()
    loss = sum(F.cross_entropy(model(t(leaf)), y, reduction="sum") for t in transforms)
    return torch.autograd.grad(loss, leaf)[0] / len(transforms)


# %% wrong: one graph, gone through twice | says: second time
def eot_gradient(model, x, y, transforms):
    leaf = x.detach().clone().requires_grad_()
    loss = sum(F.cross_entropy(model(t(leaf)), y, reduction="sum") for t in transforms)
    total = sum(torch.autograd.grad(loss, leaf)[0] for _ in range(2))
    return total / 2 / len(transforms)
