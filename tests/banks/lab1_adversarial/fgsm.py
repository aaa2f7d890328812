# %% right: backward on a copy of the model, in-place additions on a copy of the picture
import copy


def fgsm(model, x, y, eps):
    twin = copy.deepcopy(model).eval()
    picture = x.detach().clone().requires_grad_()
    F.cross_entropy(twin(picture), y).backward()
    result = x.clone()
    result += eps * torch.sign(picture.grad)
    return torch.clip(result, min=0, max=1)


# %% right: flags saved by hand, the mean loss (its sign is the same), where instead of sign
def fgsm(model, x, y, eps):
    flags = {m: m.training for m in model.modules()}
    model.eval()
    leaf = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(F.cross_entropy(model(leaf), y), leaf)
    for m, flag in flags.items():
        m.training = flag
    step = torch.where(g > 0, eps, 0.0) - torch.where(g < 0, eps, 0.0)
    return torch.minimum(torch.maximum(x + step.to(x.dtype), torch.zeros_like(x)), torch.ones_like(x))


# %% right: a loop over the pictures, numpy's clip at the end
def one_picture(model, image, label, eps):
    leaf = image[None].clone().requires_grad_()
    gradient = torch.autograd.grad(F.cross_entropy(model(leaf), label[None]), leaf)[0][0]
    return (image + eps * gradient.sign()).clip(0.0, 1.0)


def fgsm(model, x, y, eps):
    with evaluating(model):
        return torch.stack([one_picture(model, image, label, eps) for image, label in zip(x, y)])


# %% wrong: no clamp | says: leaves [0, 1]
def fgsm(model, x, y, eps):
    with evaluating(model):
        return x + eps * input_gradient(model, x, y).sign()


# %% wrong: clamped only from above | says: leaves [0, 1]
def fgsm(model, x, y, eps):
    with evaluating(model):
        return (x + eps * input_gradient(model, x, y).sign()).clamp(max=1)


# %% wrong: goes down the loss | says: did not rise
def fgsm(model, x, y, eps):
    with evaluating(model):
        return (x - eps * input_gradient(model, x, y).sign()).clamp(0, 1)


# %% wrong: no sign | says: without its sign
def fgsm(model, x, y, eps):
    with evaluating(model):
        g = input_gradient(model, x, y)
    return (x + (eps * g).clamp(-eps, eps) * 0 + eps * g).clamp(0, 1) if eps > 0.03 else (x + eps * g.sign()).clamp(0, 1)


# %% wrong: the gradient itself | says: no pixel may move further than eps
def fgsm(model, x, y, eps):
    with evaluating(model):
        return (x + eps * 10 * input_gradient(model, x, y)).clamp(0, 1)


# %% wrong: the gradient scaled to length eps, an L2 step | says: fgsm takes its sign
def fgsm(model, x, y, eps):
    with evaluating(model):
        g = input_gradient(model, x, y)
    return (x + eps * g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1)).clamp(0, 1)


# %% wrong: eps taken for a number out of 255 | says: eps is divided by 255
def fgsm(model, x, y, eps):
    with evaluating(model):
        return (x + eps / 255 * input_gradient(model, x, y).sign()).clamp(0, 1)


# %% wrong: the loss of the predicted class | says: did not rise
def fgsm(model, x, y, eps):
    with evaluating(model):
        return (x + eps * input_gradient(model, x, model(x).argmax(dim=1)).sign()).clamp(0, 1)


# %% wrong: only the perturbation | says: leaves [0, 1]
def fgsm(model, x, y, eps):
    with evaluating(model):
        return eps * input_gradient(model, x, y).sign()


# %% wrong: works in whatever mode the model is in | says: it worked in train mode
def fgsm(model, x, y, eps):
    return (x + eps * input_gradient(model, x, y).sign()).clamp(0, 1)


# %% wrong: eval mode, and left there | says: is in eval mode after it
def fgsm(model, x, y, eps):
    model.eval()
    return (x + eps * input_gradient(model, x, y).sign()).clamp(0, 1)


# %% wrong: model.train() for every layer afterwards | says: give every submodule its own flag back
def fgsm(model, x, y, eps):
    was_training = model.training
    model.eval()
    g = input_gradient(model, x, y)
    model.train(was_training)
    return (x + eps * g.sign()).clamp(0, 1)


# %% wrong: adds to the caller's picture | says: an input was written into
def fgsm(model, x, y, eps):
    with evaluating(model):
        g = input_gradient(model, x, y)
    return x.add_(eps * g.sign()).clamp_(0, 1)


# %% wrong: backward fills the gradients of the parameters | says: touches none
def fgsm(model, x, y, eps):
    with evaluating(model):
        leaf = x.detach().clone().requires_grad_()
        F.cross_entropy(model(leaf), y).backward()
    return (x + eps * leaf.grad.sign()).clamp(0, 1)


# %% wrong: the result carries a graph | says: detach it
def fgsm(model, x, y, eps):
    with evaluating(model):
        leaf = x.detach().clone().requires_grad_()
        g = torch.autograd.grad(F.cross_entropy(model(leaf), y), leaf)[0]
    return (leaf + eps * g.sign()).clamp(0, 1)


# %% wrong: a number out of 255 comes back | says: leaves [0, 1]
def fgsm(model, x, y, eps):
    with evaluating(model):
        return 255 * (x + eps * input_gradient(model, x, y).sign()).clamp(0, 1)


# %% wrong: double precision whatever came in | says: dtype
def fgsm(model, x, y, eps):
    with evaluating(model):
        g = input_gradient(model, x, y)
    return (x + eps * g.sign()).clamp(0, 1).float().double()
