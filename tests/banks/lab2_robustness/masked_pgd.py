# %% right: a blend of the free step and the picture
def masked_pgd(model, x, target, mask, step_size, steps):
    here = x.clone()
    with evaluating(model):
        for _ in range(steps):
            leaf = here.detach().requires_grad_(True)
            loss = F.cross_entropy(model(leaf), target)
            step = torch.autograd.grad(loss, leaf)[0].sign() * step_size
            moved = torch.clamp(leaf.detach() - step, 0, 1)
            here = mask * moved + (1 - mask) * x
    return here.detach()


# %% right: a perturbation of its own, on a copy of the model
import copy


def masked_pgd(model, x, target, mask, step_size, steps):
    twin = copy.deepcopy(model).eval()
    delta = torch.zeros_like(x)
    for _ in range(steps):
        delta.requires_grad_()
        likely = torch.log_softmax(twin(x + delta), 1).gather(1, target[:, None]).sum()
        (g,) = torch.autograd.grad(likely, delta)
        delta = delta.detach() + step_size * mask * torch.sign(g)
        delta = (x + delta).clamp(0, 1) - x
    return (x + delta).clamp(0, 1)


# %% right: where, flags by hand, one picture at a time
def masked_pgd(model, x, target, mask, step_size, steps):
    flags = {m: m.training for m in model.modules()}
    model.eval()
    done = []
    for image, label in zip(x.split(1), target.split(1)):
        z = image.detach().clone()
        for _ in range(steps):
            z = z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), label), z)[0]
            z = torch.where(mask.bool(), z.detach() - step_size * g.sign(), image)
            z = z.clip(0, 1)
        done.append(z.detach())
    for m, flag in flags.items():
        m.training = flag
    return torch.cat(done)


# %% right: in place on its own copy
def masked_pgd(model, x, target, mask, step_size, steps):
    x_adv = x.detach().clone()
    inside = mask.expand_as(x) > 0
    with evaluating(model):
        for _ in range(steps):
            x_adv.requires_grad_(True)
            (g,) = torch.autograd.grad(F.cross_entropy(model(x_adv), target, reduction="sum"), [x_adv])
            x_adv.requires_grad_(False)
            x_adv[inside] -= step_size * g[inside].sign()
            x_adv.clamp_(0, 1)
    return x_adv


# %% wrong: the mask is forgotten | says: pixels outside the mask have changed
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = (z.detach() - step_size * g.sign()).clamp(0, 1)
    return z


# %% wrong: the mask the other way round | says: pixels outside the mask have changed
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = (z.detach() - step_size * (1 - mask) * g.sign()).clamp(0, 1)
    return z


# %% wrong: the picture is multiplied by the mask | says: pixels outside the mask have changed
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = ((z.detach() - step_size * g.sign()) * mask).clamp(0, 1)
    return z


# %% wrong: away from the target | says: the target did not become likelier
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = (z.detach() + step_size * mask * g.sign()).clamp(0, 1)
    return z


# %% wrong: no clamp | says: leaves [0, 1]
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = z.detach() - step_size * mask * g.sign()
    return z


# %% wrong: one clamp at the end | says: clamp after every step
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = z.detach() - step_size * mask * g.sign()
    return z.clamp(0, 1)


# %% wrong: no sign | says: without its sign
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target, reduction="sum"), z)[0]
            z = (z.detach() - step_size * mask * g).clamp(0, 1)
    return z


# %% wrong: the gradient at x in every step | says: use the gradient where the picture now is
def masked_pgd(model, x, target, mask, step_size, steps):
    leaf = x.detach().clone().requires_grad_()
    with evaluating(model):
        g = torch.autograd.grad(F.cross_entropy(model(leaf), target), leaf)[0]
    z = x
    for _ in range(steps):
        z = (z - step_size * mask * g.sign()).clamp(0, 1)
    return z.clone()


# %% wrong: limited to step_size | says: has no limit but [0, 1]
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = z.detach() - step_size * mask * g.sign()
            z = (x + (z - x).clamp(-step_size, step_size)).clamp(0, 1)
    return z


# %% wrong: one step too few | says: one step too few
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(1, steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = (z.detach() - step_size * mask * g.sign()).clamp(0, 1)
    return z


# %% wrong: a random start inside the mask | says: what it should be
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x * (1 - mask) + mask * torch.rand_like(x)
    with evaluating(model):
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = (z.detach() - step_size * mask * g.sign()).clamp(0, 1)
    return z


# %% wrong: in whatever mode the model is | says: it worked in train mode
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    for _ in range(steps):
        z.requires_grad_()
        g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
        z = (z.detach() - step_size * mask * g.sign()).clamp(0, 1)
    return z


# %% wrong: left in eval mode | says: is in eval mode after it
def masked_pgd(model, x, target, mask, step_size, steps):
    model.eval()
    z = x.detach().clone()
    for _ in range(steps):
        z.requires_grad_()
        g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
        z = (z.detach() - step_size * mask * g.sign()).clamp(0, 1)
    return z


# %% wrong: model.train() for every layer afterwards | says: give every submodule its own flag back
def masked_pgd(model, x, target, mask, step_size, steps):
    model.eval()
    z = x.detach().clone()
    for _ in range(steps):
        z.requires_grad_()
        g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
        z = (z.detach() - step_size * mask * g.sign()).clamp(0, 1)
    model.train()
    return z


# %% wrong: backward fills the parameters' gradients | says: touches none
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            z = z.detach().requires_grad_()
            F.cross_entropy(model(z), target).backward()
            z = (z - step_size * mask * z.grad.sign()).clamp(0, 1)
    return z.detach()


# %% wrong: steps in the caller's pictures | says: an input was written into
def masked_pgd(model, x, target, mask, step_size, steps):
    with evaluating(model):
        for _ in range(steps):
            leaf = x.detach().clone().requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(leaf), target), leaf)[0]
            x.sub_(step_size * mask * g.sign()).clamp_(0, 1)
    return x.clone()


# %% wrong: the graph hangs on | says: detach it
def masked_pgd(model, x, target, mask, step_size, steps):
    z = x.detach().clone().requires_grad_()
    with evaluating(model):
        for _ in range(steps):
            g = torch.autograd.grad(F.cross_entropy(model(z), target), z)[0]
            z = (z - step_size * mask * g.sign()).clamp(0, 1)
    return z
