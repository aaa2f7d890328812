# %% right: everything in one function, uniform_ for the start
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    flags = {m: m.training for m in model.modules()}
    model.eval()
    delta = torch.zeros_like(x)
    if random_start:
        delta.uniform_(-eps, eps, generator=generator) if eps > 0 else None
    delta = (x + delta).clamp(0, 1) - x
    for _ in range(steps):
        leaf = (x + delta).detach().requires_grad_()
        g = torch.autograd.grad(F.cross_entropy(model(leaf), y), leaf)[0]
        delta = (delta + step_size * g.sign()).clamp(-eps, eps)
        delta = (x + delta).clamp(0, 1) - x
    for m, flag in flags.items():
        m.training = flag
    return (x + delta).clamp(0, 1).detach()


# %% right: a copy of the model and backward, minimum and maximum for the box
import copy


def pgd(net, images, labels, eps, step_size, steps, random_start=True, generator=None):
    twin = copy.deepcopy(net).eval()
    low, high = (images - eps).clamp(min=0), (images + eps).clamp(max=1)
    current = images.clone()
    if random_start:
        noise = torch.rand(images.shape, generator=generator, dtype=images.dtype).to(images.device)
        current = torch.clamp(images + (noise * 2 - 1) * eps, 0, 1)
    for _ in range(steps):
        current.requires_grad_()
        loss = F.cross_entropy(twin(current), labels, reduction="sum")
        loss.backward()
        current = torch.max(torch.min(current.detach() + step_size * current.grad.sign(), high), low)
    return current.detach()


# %% right: one picture at a time, after one draw for all
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    start = x.clone()
    if random_start:
        u = torch.rand(x.numel(), generator=generator, dtype=torch.float64).reshape(x.shape)
        start = (x + (eps * (2 * u - 1)).to(x)).clamp(0, 1)
    results = []
    with evaluating(model):
        for image, label, z in zip(x, y, start):
            image, label, z = image[None], label[None], z[None]
            for _ in range(steps):
                z = z.detach().requires_grad_()
                (g,) = torch.autograd.grad(F.cross_entropy(model(z), label), z)
                z = (image + (z.detach() + step_size * g.sign() - image).clamp(-eps, eps)).clamp(0, 1)
            results.append(z.detach())
    return torch.cat(results)


# %% wrong: no projection at all | says: no pixel may move further than eps
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = (x_adv + step_size * input_gradient(model, x_adv, y).sign()).clamp(0, 1)
    return x_adv


# %% wrong: projects only at the end | says: project after every step
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = x_adv + step_size * input_gradient(model, x_adv, y).sign()
    return project_linf(x_adv, x, eps)


# %% wrong: the ball walks along with the picture | says: no pixel may move further than eps
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            step = x_adv + step_size * input_gradient(model, x_adv, y).sign()
            x_adv = project_linf(step, x_adv, eps)
    return x_adv


# %% wrong: the gradient is always that at x | says: use the gradient where the picture now is
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    with evaluating(model):
        g = input_gradient(model, x, y)
        for _ in range(steps):
            x_adv = project_linf(x_adv + step_size * g.sign(), x, eps)
    return x_adv


# %% wrong: goes down the loss | says: did not rise
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = project_linf(x_adv - step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: no sign | says: without its sign
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y), x, eps)
    return x_adv


# %% wrong: one step too few | says: one step too few
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(1, steps):
            x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: step_size is ignored | says: the step has size eps / steps
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = project_linf(x_adv + eps / steps * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: the random start is forgotten | says: the start must be random
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    with evaluating(model):
        for _ in range(steps):
            x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: the generator is ignored | says: the same seed gave two results
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        x_adv = (x + eps * (2 * torch.rand_like(x) - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: Gaussian noise, cut at eps | says: the noise is not uniform
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        noise = torch.randn(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * noise.clamp(-1, 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: noise only upwards | says: the noise is not uniform
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        noise = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * noise).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: one number a picture | says: the noise repeats
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        noise = torch.rand(len(x), 1, 1, 1, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * noise - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: the start is not clamped | says: clamp it
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        noise = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = x + eps * (2 * noise - 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: the start is drawn, then lost | says: the start
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        noise = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * noise - 1)).clamp(0, 1)
    with evaluating(model):
        for i in range(steps):
            x_adv = x if i == 0 else x_adv
            x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: in whatever mode the model is | says: it worked in train mode
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    for _ in range(steps):
        x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    return x_adv


# %% wrong: model.train() for every layer afterwards | says: give every submodule its own flag back
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    model.eval()
    for _ in range(steps):
        x_adv = project_linf(x_adv + step_size * input_gradient(model, x_adv, y).sign(), x, eps)
    model.train()
    return x_adv


# %% wrong: the last graph is still attached | says: detach it
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        u = torch.rand(x.shape, generator=generator, dtype=x.dtype).to(x.device)
        x_adv = (x + eps * (2 * u - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            leaf = x_adv.detach().requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(leaf), y), leaf)[0]
            x_adv = (x + (leaf + step_size * g.sign() - x).clamp(-eps, eps)).clamp(0, 1)
    return x_adv
