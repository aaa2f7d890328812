# %% right: fgsm with a negative step, the loss summed by hand
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        leaf = x.detach().clone().requires_grad_()
        log_p = model(leaf).log_softmax(dim=1)
        loss = -log_p[range(len(target)), target].sum()
        (g,) = torch.autograd.grad(loss, leaf)
    return (x - eps * g.sign()).clamp(0, 1)


# %% right: up the log-probability of the target
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        leaf = x.detach().clone().requires_grad_()
        gain = F.log_softmax(model(leaf), dim=1).gather(1, target.unsqueeze(1)).sum()
        up = torch.autograd.grad(gain, leaf)[0]
    return torch.clamp(x + eps * torch.sign(up), 0, 1)


# %% right: a copy of the model, backward, one picture at a time
import copy


def fgsm_targeted(model, x, target, eps):
    twin = copy.deepcopy(model).eval()
    results = []
    for i in range(x.shape[0]):
        picture = x[i : i + 1].detach().clone().requires_grad_()
        F.cross_entropy(twin(picture), target[i : i + 1]).backward()
        results.append((picture.detach() - eps * picture.grad.sign()).clamp(0, 1))
    return torch.cat(results)


# %% wrong: goes up the loss of the target | says: goes away from the target
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        return (x + eps * input_gradient(model, x, target).sign()).clamp(0, 1)


# %% wrong: leaves the predicted class and forgets the target | says: goes away from the target
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        return (x + eps * input_gradient(model, x, model(x).argmax(dim=1)).sign()).clamp(0, 1)


# %% wrong: no clamp | says: leaves [0, 1]
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        return x - eps * input_gradient(model, x, target).sign()


# %% wrong: clamped only from below | says: leaves [0, 1]
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        return (x - eps * input_gradient(model, x, target).sign()).clamp(min=0)


# %% wrong: the gradient scaled to length eps | says: take its sign
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        g = input_gradient(model, x, target)
    return (x - eps * g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1)).clamp(0, 1)


# %% wrong: two steps | says: no pixel may move further than eps
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        x = (x - eps * input_gradient(model, x, target).sign()).clamp(0, 1)
        return (x - eps * input_gradient(model, x, target).sign()).clamp(0, 1)


# %% wrong: half a step | says: is not what it should be
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        return (x - eps / 2 * input_gradient(model, x, target).sign()).clamp(0, 1)


# %% wrong: eps taken for a number out of 255 | says: eps is divided by 255
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        return (x - eps / 255 * input_gradient(model, x, target).sign()).clamp(0, 1)


# %% wrong: works in whatever mode the model is in | says: it worked in train mode
def fgsm_targeted(model, x, target, eps):
    return (x - eps * input_gradient(model, x, target).sign()).clamp(0, 1)


# %% wrong: model.train() for every layer afterwards | says: give every submodule its own flag back
def fgsm_targeted(model, x, target, eps):
    model.eval()
    g = input_gradient(model, x, target)
    model.train()
    return (x - eps * g.sign()).clamp(0, 1)


# %% wrong: subtracts from the caller's picture | says: an input was written into
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        x -= eps * input_gradient(model, x, target).sign()
    return x.clamp(0, 1)


# %% wrong: only the perturbation | says: leaves [0, 1]
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        return -eps * input_gradient(model, x, target).sign()


# %% wrong: returns the prediction beside the picture | says: must be a torch.Tensor
def fgsm_targeted(model, x, target, eps):
    with evaluating(model):
        x_adv = (x - eps * input_gradient(model, x, target).sign()).clamp(0, 1)
        return x_adv, model(x_adv).argmax(dim=1)
