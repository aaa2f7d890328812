# %% right: backward on a copy of the picture, the model's gradients put back
import copy


def input_gradient(model, x, y):
    twin = copy.deepcopy(model)
    picture = x.detach().clone()
    picture.requires_grad = True
    loss = F.cross_entropy(twin(picture), y, reduction="sum")
    loss.backward()
    return picture.grad.detach()


# %% right: a loop over the pictures
def input_gradient(net, images, labels):
    rows = []
    for image, label in zip(images, labels):
        image = image[None].clone().requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(net(image), label[None])
        rows.append(torch.autograd.grad(loss, image)[0][0])
    return torch.stack(rows)


# %% right: the mean loss times N, log-softmax by hand, a helper in the same cell
def summed_loss(logits, labels):
    log_p = logits - logits.logsumexp(dim=1, keepdim=True)
    return -log_p[torch.arange(len(labels), device=labels.device), labels].mean() * len(labels)


def input_gradient(model, x, y):
    leaf = x.clone().detach().requires_grad_(True)
    return torch.autograd.grad(summed_loss(model(leaf), y), [leaf])[0]


# %% wrong: the mean of the batch | says: mean loss
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(model(x), y), x)[0]


# %% wrong: the sign is taken here already | says: fgsm takes its sign
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)[0].sign()


# %% wrong: points down the loss | says: wrong sign
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(-F.cross_entropy(model(x), y, reduction="sum"), x)[0]


# %% wrong: backward fills the gradients of the parameters | says: touches none
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    F.cross_entropy(model(x), y, reduction="sum").backward()
    return x.grad


# %% wrong: zero_grad loses the gradients that were there | says: do not call zero_grad
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    F.cross_entropy(model(x), y, reduction="sum").backward()
    model.zero_grad()
    return x.grad


# %% wrong: the caller's tensor is switched to requires_grad | says: requires_grad=True
def input_gradient(model, x, y):
    x.requires_grad_()
    return torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)[0]


# %% wrong: the loss of the predicted class | says: use the label y
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    logits = model(x)
    return torch.autograd.grad(F.cross_entropy(logits, logits.argmax(dim=1), reduction="sum"), x)[0]


# %% wrong: the gradient still carries its graph | says: detach it
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    loss = F.cross_entropy(model(x), y, reduction="sum")
    return torch.autograd.grad(loss, x, create_graph=True)[0]


# %% wrong: no return | says: return
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)[0]


# %% wrong: the slope of the logit of y, not of its cross-entropy | says: is not what it should be
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    score = model(x).gather(1, y[:, None]).sum()
    return torch.autograd.grad(-score, x)[0]


# %% wrong: the model is left in eval mode | says: was in train mode before
def input_gradient(model, x, y):
    model.eval()
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)[0]


# %% wrong: parameters are frozen and thawed | says: requires_grad
def input_gradient(model, x, y):
    model.requires_grad_(False)
    x = x.detach().clone().requires_grad_()
    gradient = torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)[0]
    model.requires_grad_(True)
    return gradient


# %% wrong: the gradient is normalised to length 1 | says: rescaled
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    g = torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)[0]
    return g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


# %% wrong: the batch is summed away | says: shape
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)[0].sum(dim=0)


# %% wrong: no copy that requires grad | says: stopped with RuntimeError
def input_gradient(model, x, y):
    return torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)[0]
