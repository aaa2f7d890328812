# %% right: without rotate_batch
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)) for k in range(4)])
    labels = torch.cat([torch.full((len(x),), k, device=x.device) for k in range(4)])
    return images, labels


# %% right: with loops and lists
def rotation_task(x):
    images, labels = [], []
    for k in range(4):
        for picture in x:
            images.append(torch.rot90(picture, k, (1, 2)))
            labels.append(k)
    return torch.stack(images), torch.tensor(labels, device=x.device)


# %% right: picture by picture first, then put in order
def rotation_task(x):
    n = x.size(0)
    each = torch.stack([torch.rot90(x, k, (-2, -1)) for k in range(4)], dim=1)
    labels = torch.arange(4).repeat(n, 1).to(x.device)
    return each.transpose(0, 1).reshape(4 * n, *x.shape[1:]), labels.T.reshape(-1)


# %% right: with rotate_batch, k by k
def rotation_task(x):
    labels = torch.zeros(4 * x.shape[0], dtype=torch.long, device=x.device)
    parts = []
    for k in (0, 1, 2, 3):
        ks = torch.full((x.shape[0],), k, dtype=torch.long, device=x.device)
        parts.append(rotate_batch(x, ks))
        labels[k * x.shape[0] : (k + 1) * x.shape[0]] = k
    return torch.cat(parts, dim=0), labels


# %% wrong: picture by picture | says: picture by picture
def rotation_task(x):
    images = x.repeat_interleave(4, dim=0)
    labels = torch.arange(4, device=x.device).repeat(len(x))
    return rotate_batch(images, labels), labels


# %% wrong: labels picture by picture, images in blocks | says: the labels go picture by picture
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)) for k in range(4)])
    return images, torch.arange(4).repeat(len(x))


# %% wrong: images picture by picture, labels in blocks | says: the images go picture by picture
def rotation_task(x):
    images = torch.stack([torch.rot90(p, k, (1, 2)) for p in x for k in range(4)])
    return images, torch.arange(4).repeat_interleave(len(x))


# %% wrong: clockwise | says: the pictures are turned clockwise
def rotation_task(x):
    images = torch.cat([torch.rot90(x, -k, (2, 3)) for k in range(4)])
    return images, torch.arange(4).repeat_interleave(len(x))


# %% wrong: labels as int32 | says: labels must have dtype torch.int64, got torch.int32
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)) for k in range(4)])
    return images, torch.arange(4, dtype=torch.int32).repeat_interleave(len(x))


# %% wrong: labels as floats | says: labels must have dtype torch.int64, got torch.float32
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)) for k in range(4)])
    return images, torch.cat([torch.full((len(x),), float(k)) for k in range(4)])


# %% wrong: labels one-hot | says: labels must have shape (12,)
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)) for k in range(4)])
    return images, F.one_hot(torch.arange(4).repeat_interleave(len(x)))


# %% wrong: labels in degrees | says: the labels are in degrees
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)) for k in range(4)])
    return images, 90 * torch.arange(4).repeat_interleave(len(x))


# %% wrong: labels from 1 | says: the labels count from 1
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)) for k in range(4)])
    return images, 1 + torch.arange(4).repeat_interleave(len(x))


# %% wrong: without the pictures as they are | says: labels must have shape (12,)
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)) for k in (1, 2, 3)])
    return images, torch.arange(1, 4).repeat_interleave(len(x))


# %% wrong: one random rotation of each | says: labels must have shape (12,)
def rotation_task(x):
    labels = torch.randint(0, 4, (len(x),))
    return rotate_batch(x, labels), labels


# %% wrong: each block turned from the one before | says: the turns add up
def rotation_task(x):
    parts, turned = [], x
    for k in range(4):
        turned = torch.rot90(turned, k, (2, 3))
        parts.append(turned)
    return torch.cat(parts), torch.arange(4).repeat_interleave(len(x))


# %% wrong: shuffled | says: the labels
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)) for k in range(4)])
    labels = torch.arange(4).repeat_interleave(len(x))
    order = torch.randperm(len(images))
    return images[order], labels[order]


# %% wrong: transposed | says: the positions are mirror images
def rotation_task(x):
    images = torch.cat([torch.rot90(x, k, (2, 3)).transpose(2, 3) for k in range(4)])
    return images, torch.arange(4).repeat_interleave(len(x))


# %% wrong: nothing is turned | says: nothing is turned
def rotation_task(x):
    return x.repeat(4, 1, 1, 1), torch.arange(4).repeat_interleave(len(x))


# %% wrong: only the images | says: return the pair (images, labels)
def rotation_task(x):
    return torch.cat([torch.rot90(x, k, (2, 3)) for k in range(4)])


# %% wrong: a fifth dimension | says: images must have shape (12, 3, 8, 8)
def rotation_task(x):
    images = torch.stack([torch.rot90(x, k, (2, 3)) for k in range(4)])
    return images, torch.arange(4).repeat_interleave(len(x))


# %% wrong: turns x itself on the way | says: an input was written into
def rotation_task(x):
    parts = []
    for k in range(4):
        parts.append(x.clone())
        x.copy_(torch.rot90(x.clone(), 1, (2, 3)))
    x.copy_(parts[1])
    return torch.cat(parts), torch.arange(4).repeat_interleave(len(x))
