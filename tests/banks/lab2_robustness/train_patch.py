# %% right: Adam, two loops and a counter
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.full((3, size, size), 0.5, device=next(model.parameters()).device)
    patch.requires_grad_()
    optimizer = torch.optim.Adam([patch], lr=lr)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = x.shape[0]
                a = torch.rand(n, generator=generator) * 2 * torch.pi
                s = torch.rand(n, generator=generator) * 0.3 + 0.2
                free = 1 - s * (a.sin().abs() + a.cos().abs())
                t = (torch.rand(n, 2, generator=generator) * 2 - 1) * free.unsqueeze(1)
                logits = model(paste_patch(x, patch, a.to(x), s.to(x), t.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (patch.grad,) = torch.autograd.grad(loss, patch)
                optimizer.step()
                with torch.no_grad():
                    patch.clamp_(0, 1)
                done += 1
    return patch.detach()


# %% right: a sigmoid keeps it in [0, 1], one pose for a batch, places that suit every angle
from itertools import cycle


def train_patch(model, batches, target, size, steps, lr, generator=None):
    flags = [(m, m.training) for m in model.modules()]
    model.eval()
    free = torch.randn(3, size, size, generator=generator)
    optimizer = None
    endless = cycle(batches)
    for _ in range(steps):
        x, _ = next(endless)
        if optimizer is None:
            free = free.to(x).requires_grad_()
            optimizer = torch.optim.Adam([free], lr=2 * lr)
        u = torch.rand(4, generator=generator).tolist()
        scale = 0.2 + 0.3 * u[0]
        room = 1 - scale * 2**0.5
        shift = torch.tensor([[room * (2 * u[1] - 1), room * (2 * u[2] - 1)]])
        pose = (torch.tensor([6.2832 * u[3]]), torch.tensor([scale]), shift)
        pose = [part.to(x).expand(len(x), *part.shape[1:]) for part in pose]
        logits = model(paste_patch(x, torch.sigmoid(free), *pose))
        loss = -torch.log_softmax(logits, dim=1)[:, target].mean()
        free.grad = torch.autograd.grad(loss, free)[0]
        optimizer.step()
    for m, flag in flags:
        m.training = flag
    return torch.sigmoid(free).detach()


# %% right: gradient descent on a copy of the model, poses drawn until they fit
import copy


def pose(n, generator):
    angle = 2 * torch.pi * torch.rand(n, generator=generator)
    scale = torch.empty(n).uniform_(0.2, 0.5, generator=generator)
    shift = torch.empty(n, 2)
    for i in range(n):
        reach = scale[i] * (angle[i].cos().abs() + angle[i].sin().abs())
        while True:
            shift[i].uniform_(-1, 1, generator=generator)
            if (shift[i].abs() + reach).max() <= 1:
                break
    return angle, scale, shift


def train_patch(model, batches, target, size, steps, lr, generator=None):
    twin = copy.deepcopy(model).eval().requires_grad_(False)
    patch = torch.rand(3, size, size, generator=generator)
    step = 0
    while step < steps:
        for images, _ in batches:
            patch = patch.to(images).detach().requires_grad_()
            posed = paste_patch(images, patch, *(p.to(images) for p in pose(len(images), generator)))
            wanted = torch.full((len(images),), target, dtype=torch.int64, device=images.device)
            F.cross_entropy(twin(posed), wanted, reduction="sum").backward()
            with torch.no_grad():
                patch = (patch - lr * patch.grad).clamp(0, 1)
            step += 1
            if step == steps:
                break
    return patch


# %% right: pastes by itself, on a grid of its own, and the gradient scaled to its largest entry
def train_patch(model, batches, target, size, steps, lr, generator=None):
    batches = list(batches)
    x = batches[0][0]
    draw = lambda *shape: torch.rand(shape, generator=generator).to(x)
    patch = draw(3, size, size)
    with evaluating(model):
        for step in range(steps):
            x, y = batches[step % len(batches)]
            n, side = len(x), x.shape[-1]
            angle, scale = 6.283185 * draw(n), 0.2 + 0.3 * draw(n)
            c, s = angle.cos(), angle.sin()
            room = 1 - scale * (c.abs() + s.abs())
            place = room[:, None] * (2 * draw(n, 2) - 1)
            at = (2 * torch.arange(side).to(x) + 1) / side - 1
            dx, dy = at[None, None, :] - place[:, :1, None], at[None, :, None] - place[:, 1:, None]
            c, s, scale = (v[:, None, None] for v in (c, s, scale))
            u, v = (c * dx - s * dy) / scale, (s * dx + c * dy) / scale  # (N, H, W)
            inside = ((u.abs() <= 1) & (v.abs() <= 1))[:, None].to(x)
            column = ((u + 1) / 2 * size).long().clamp(0, size - 1)
            row = ((v + 1) / 2 * size).long().clamp(0, size - 1)
            patch.requires_grad_()
            seen = x * (1 - inside) + patch[:, row, column].transpose(0, 1) * inside
            loss = F.cross_entropy(model(seen), torch.full_like(y, target))
            (g,) = torch.autograd.grad(loss, patch)
            patch = (patch.detach() - lr * g / g.abs().max().clamp(min=1e-12)).clamp(0, 1)
    return patch


# %% wrong: away from the target | says: away from the target
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() + lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: away from the label instead of towards the target | says: go down the cross-entropy of target
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = -F.cross_entropy(logits, y)
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: towards the label | says: of unseen pictures with the patch read as the target
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, y)
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: not trained | says: is the patch trained at all
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = leaf.detach()
                done += 1
    return patch


# %% wrong: not clamped | says: the patch leaves [0, 1]
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign())
                done += 1
    return patch


# %% wrong: always in the middle | says: always lies in the same place
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = torch.zeros(n, 2)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: never turned | says: the patch hardly turns
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = torch.zeros(n)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: turned a little | says: the patch hardly turns
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 0.5 * torch.rand(n, generator=generator) - 0.25
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: always of one size | says: always has the same size
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = torch.full((n,), 0.35)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: of any size | says: draw the scale between 0.2 and 0.5
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.1 + 0.6 * torch.rand(n, generator=generator)
                room = (1 - scale * (angle.cos().abs() + angle.sin().abs())).clamp(min=0)
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: anywhere, the edge of the picture too | says: reaches beyond the picture's edge
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: the turned corners outside | says: reaches beyond the picture's edge
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: one pass over the batches | says: stops after one pass
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        if done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: the first batch alone | says: go through all of them
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in list(batches)[:1]:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: steps counts passes | says: not one pass over all of them
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
            done += 1
    return patch


# %% wrong: one step too few | says: asked for 7 steps over three batches, the training made 6
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps - 1:
            for x, y in batches:
                if done == steps - 1:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: the poses ignore the generator | says: the same seed gave two results
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: a seed of its own | says: two seeds gave one result
def train_patch(model, batches, target, size, steps, lr, generator=None):
    generator = torch.Generator().manual_seed(0)
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: the model in train mode | says: running statistics changed
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    for _ in range(1):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: left in eval mode | says: is in eval mode after it
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    for _ in range(model.eval().training + 1):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: backward fills the parameters' gradients | says: touches none
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                loss.backward()
                g = leaf.grad
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch


# %% wrong: the patch of one picture, not one for all | says: must have shape (3, 8, 8), got (1, 3, 8, 8)
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch[None]


# %% wrong: still a leaf that wants gradients | says: detach it
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
    return patch.requires_grad_()


# %% wrong: pastes into the caller's pictures | says: an input was written into
def train_patch(model, batches, target, size, steps, lr, generator=None):
    patch = torch.rand(3, size, size, generator=generator)
    done = 0
    with evaluating(model):
        while done < steps:
            for x, y in batches:
                if done == steps:
                    break
                n = len(x)
                angle = 2 * torch.pi * torch.rand(n, generator=generator)
                scale = 0.2 + 0.3 * torch.rand(n, generator=generator)
                room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
                shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1)
                leaf = patch.to(x).requires_grad_()
                logits = model(paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x)))
                loss = F.cross_entropy(logits, torch.full_like(y, target))
                (g,) = torch.autograd.grad(loss, leaf)
                patch = (leaf.detach() - lr * g.sign()).clamp(0, 1)
                done += 1
                x.copy_(paste_patch(x, patch, angle.to(x), scale.to(x), shift.to(x)))
    return patch
