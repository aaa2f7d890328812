# %% right: a loop over the patches
def drop_colour(patches, generator=None):
    result = patches.clone()
    for i, patch in enumerate(patches):
        kept = int(torch.randint(0, 3, (1,), generator=generator))
        channel = patch[kept]
        for c in range(3):
            if c != kept:
                noise = torch.randn(channel.shape, generator=generator).to(channel)
                result[i, c] = channel.mean() + 0.01 * channel.std() * noise
    return result


# %% right: the mean and the biased standard deviation, a mask that multiplies
def drop_colour(patches, generator=None):
    n, _, h, w = patches.shape
    choice = torch.rand(n, 3, generator=generator).argmax(dim=1).to(patches.device)
    mask = torch.eye(3, device=patches.device, dtype=patches.dtype)[choice].reshape(n, 3, 1, 1)
    channel = (patches * mask).sum(dim=1, keepdim=True)
    mean = channel.mean(dim=(2, 3), keepdim=True)
    std = ((channel - mean) ** 2).mean(dim=(2, 3), keepdim=True).sqrt()
    noise = torch.randn((n, 3, h, w), generator=generator).to(patches)
    return patches * mask + (1 - mask) * (mean + std * noise / 100)


# %% right: gather, torch.normal
def drop_colour(patches, generator=None):
    n, c, h, w = patches.shape
    kept = torch.multinomial(torch.ones(c), n, replacement=True, generator=generator)
    index = kept.to(patches.device).view(n, 1, 1, 1)
    channel = patches.gather(1, index.expand(n, 1, h, w))
    mean = channel.mean((1, 2, 3), keepdim=True).cpu().expand(n, c, h, w)
    std = channel.std((1, 2, 3), keepdim=True).cpu().expand(n, c, h, w) / 100
    noisy = torch.normal(mean.double(), std.double(), generator=generator).to(patches)
    return noisy.scatter(1, index.expand(n, 1, h, w), channel)


# %% right: clamped as well, which changes nothing where there is room
def drop_colour(patches, generator=None):
    out = []
    for patch in patches.split(1):
        keep = torch.randperm(3, generator=generator)[0]
        sd, mu = torch.std_mean(patch[0, keep])
        new = (mu + sd / 100 * torch.randn(patch.shape, generator=generator).to(patch)).clamp(0, 1)
        new[0, keep] = patch[0, keep]
        out.append(new)
    return torch.cat(out)


# %% wrong: nothing is dropped | says: nothing was dropped
def drop_colour(patches, generator=None):
    return patches.clone()


# %% wrong: grey | says: no channel is kept as it is
def drop_colour(patches, generator=None):
    return patches.mean(dim=1, keepdim=True).expand_as(patches).clone()


# %% wrong: one channel is replaced, two are kept | says: only one channel is replaced
def drop_colour(patches, generator=None):
    result = patches.clone()
    for i, patch in enumerate(patches):
        drop, keep = torch.randperm(3, generator=generator)[:2].tolist()
        noise = torch.randn(patch[keep].shape, generator=generator).to(patch)
        result[i, drop] = patch[keep].mean() + patch[keep].std() / 100 * noise
    return result


# %% wrong: the same channel for the whole batch | says: every patch keeps the same channel
def drop_colour(patches, generator=None):
    kept = int(torch.randint(3, (1,), generator=generator))
    channel = patches[:, kept : kept + 1]
    mean, std = channel.mean((2, 3), keepdim=True), channel.std((2, 3), keepdim=True)
    result = mean + std / 100 * torch.randn(patches.shape, generator=generator).to(patches)
    result[:, kept] = patches[:, kept]
    return result


# %% wrong: blue is never kept | says: channel 2 is never kept
def drop_colour(patches, generator=None):
    result = torch.empty_like(patches)
    for i, patch in enumerate(patches):
        kept = int(torch.randint(0, 2, (1,), generator=generator))
        std, mean = torch.std_mean(patch[kept])
        result[i] = mean + std / 100 * torch.randn(patch.shape, generator=generator).to(patch)
        result[i, kept] = patch[kept]
    return result


# %% wrong: constant instead of noise | says: every pixel has a draw of its own
def drop_colour(patches, generator=None):
    result = torch.empty_like(patches)
    for i, patch in enumerate(patches):
        kept = int(torch.randint(0, 3, (1,), generator=generator))
        result[i] = patch[kept].mean()
        result[i, kept] = patch[kept]
    return result


# %% wrong: the whole standard deviation | says: the noise has the whole standard deviation
def drop_colour(patches, generator=None):
    result = torch.empty_like(patches)
    for i, patch in enumerate(patches):
        kept = int(torch.randint(0, 3, (1,), generator=generator))
        std, mean = torch.std_mean(patch[kept])
        result[i] = mean + std * torch.randn(patch.shape, generator=generator).to(patch)
        result[i, kept] = patch[kept]
    return result


# %% wrong: a hundredth of the variance | says: a hundredth of the variance
def drop_colour(patches, generator=None):
    result = torch.empty_like(patches)
    for i, patch in enumerate(patches):
        kept = int(torch.randint(0, 3, (1,), generator=generator))
        std = (patch[kept].var() / 100).sqrt()
        result[i] = patch[kept].mean() + std * torch.randn(patch.shape, generator=generator).to(patch)
        result[i, kept] = patch[kept]
    return result


# %% wrong: scaled by the variance | says: scaled by the kept channel's variance
def drop_colour(patches, generator=None):
    result = torch.empty_like(patches)
    for i, patch in enumerate(patches):
        kept = int(torch.randint(0, 3, (1,), generator=generator))
        var, mean = torch.var_mean(patch[kept])
        result[i] = mean + var / 100 * torch.randn(patch.shape, generator=generator).to(patch)
        result[i, kept] = patch[kept]
    return result


# %% wrong: noise of 0.01 everywhere | says: standard deviation 0.01 in every patch
def drop_colour(patches, generator=None):
    result = torch.empty_like(patches)
    for i, patch in enumerate(patches):
        kept = int(torch.randint(0, 3, (1,), generator=generator))
        result[i] = patch[kept].mean() + 0.01 * torch.randn(patch.shape, generator=generator).to(patch)
        result[i, kept] = patch[kept]
    return result


# %% wrong: the spread of the channel that goes | says: the replaced channel's own standard deviation
def drop_colour(patches, generator=None):
    kept = torch.randint(3, (len(patches),), generator=generator).to(patches.device)
    rows = torch.arange(len(patches), device=patches.device)
    mean = patches[rows, kept].mean((1, 2)).view(-1, 1, 1, 1)
    std = patches.std((2, 3), keepdim=True)
    result = mean + std / 100 * torch.randn(patches.shape, generator=generator).to(patches)
    result[rows, kept] = patches[rows, kept]
    return result


# %% wrong: the spread of the whole patch | says: the standard deviation of the whole patch
def drop_colour(patches, generator=None):
    kept = torch.randint(3, (len(patches),), generator=generator).to(patches.device)
    rows = torch.arange(len(patches), device=patches.device)
    mean = patches[rows, kept].mean((1, 2)).view(-1, 1, 1, 1)
    std = patches.std((1, 2, 3), keepdim=True)
    result = mean + std / 100 * torch.randn(patches.shape, generator=generator).to(patches)
    result[rows, kept] = patches[rows, kept]
    return result


# %% wrong: one spread for all kept channels | says: each patch has its own
def drop_colour(patches, generator=None):
    kept = torch.randint(3, (len(patches),), generator=generator).to(patches.device)
    rows = torch.arange(len(patches), device=patches.device)
    channel = patches[rows, kept]
    mean = channel.mean((1, 2)).view(-1, 1, 1, 1)
    result = mean + channel.std() / 100 * torch.randn(patches.shape, generator=generator).to(patches)
    result[rows, kept] = channel
    return result


# %% wrong: around zero | says: the noise lies around 0
def drop_colour(patches, generator=None):
    kept = torch.randint(3, (len(patches),), generator=generator).to(patches.device)
    rows = torch.arange(len(patches), device=patches.device)
    channel = patches[rows, kept]
    std = channel.std((1, 2)).view(-1, 1, 1, 1)
    result = std / 100 * torch.randn(patches.shape, generator=generator).to(patches)
    result[rows, kept] = channel
    return result


# %% wrong: around the means of the channels that go | says: the replaced channel's own mean
def drop_colour(patches, generator=None):
    kept = torch.randint(3, (len(patches),), generator=generator).to(patches.device)
    rows = torch.arange(len(patches), device=patches.device)
    channel = patches[rows, kept]
    std = channel.std((1, 2)).view(-1, 1, 1, 1)
    mean = patches.mean((2, 3), keepdim=True)
    result = mean + std / 100 * torch.randn(patches.shape, generator=generator).to(patches)
    result[rows, kept] = channel
    return result


# %% wrong: around the mean of the patch | says: around the mean of the whole patch
def drop_colour(patches, generator=None):
    kept = torch.randint(3, (len(patches),), generator=generator).to(patches.device)
    rows = torch.arange(len(patches), device=patches.device)
    channel = patches[rows, kept]
    std = channel.std((1, 2)).view(-1, 1, 1, 1)
    mean = patches.mean((1, 2, 3), keepdim=True)
    result = mean + std / 100 * torch.randn(patches.shape, generator=generator).to(patches)
    result[rows, kept] = channel
    return result


# %% wrong: noise added to the channels that should go | says: the noise is added to the old channel
def drop_colour(patches, generator=None):
    kept = torch.randint(3, (len(patches),), generator=generator).to(patches.device)
    rows = torch.arange(len(patches), device=patches.device)
    channel = patches[rows, kept]
    std = channel.std((1, 2)).view(-1, 1, 1, 1)
    result = patches + std / 100 * torch.randn(patches.shape, generator=generator).to(patches)
    result[rows, kept] = channel
    return result


# %% wrong: both channels get the same noise | says: both replaced channels of a patch have the same noise
def drop_colour(patches, generator=None):
    n, _, h, w = patches.shape
    kept = torch.randint(3, (n,), generator=generator).to(patches.device)
    rows = torch.arange(n, device=patches.device)
    std, mean = (of.view(n, 1, 1, 1) for of in torch.std_mean(patches[rows, kept], dim=(1, 2)))
    noise = torch.randn(n, 1, h, w, generator=generator).to(patches)
    result = (mean + std / 100 * noise).expand(n, 3, h, w).clone()
    result[rows, kept] = patches[rows, kept]
    return result


# %% wrong: all patches get the same noise | says: all patches have the same noise
def drop_colour(patches, generator=None):
    n, _, h, w = patches.shape
    kept = torch.randint(3, (n,), generator=generator).to(patches.device)
    rows = torch.arange(n, device=patches.device)
    std, mean = (of.view(n, 1, 1, 1) for of in torch.std_mean(patches[rows, kept], dim=(1, 2)))
    result = mean + std / 100 * torch.randn(3, h, w, generator=generator).to(patches)
    result[rows, kept] = patches[rows, kept]
    return result


# %% wrong: uniform noise of the right spread | says: use torch.randn
def drop_colour(patches, generator=None):
    n, _, h, w = patches.shape
    kept = torch.randint(3, (n,), generator=generator).to(patches.device)
    rows = torch.arange(n, device=patches.device)
    std, mean = (of.view(n, 1, 1, 1) for of in torch.std_mean(patches[rows, kept], dim=(1, 2)))
    noise = (2 * torch.rand(patches.shape, generator=generator).to(patches) - 1) * 3**0.5
    result = mean + std / 100 * noise
    result[rows, kept] = patches[rows, kept]
    return result


# %% wrong: noise between 0 and 1 | says: Gaussian noise
def drop_colour(patches, generator=None):
    n, _, h, w = patches.shape
    kept = torch.randint(3, (n,), generator=generator).to(patches.device)
    rows = torch.arange(n, device=patches.device)
    std, mean = (of.view(n, 1, 1, 1) for of in torch.std_mean(patches[rows, kept], dim=(1, 2)))
    result = mean + std / 100 * torch.rand(patches.shape, generator=generator).to(patches)
    result[rows, kept] = patches[rows, kept]
    return result


# %% wrong: writes into the patches | says: an input was written into
def drop_colour(patches, generator=None):
    for patch in patches:
        kept = int(torch.randint(0, 3, (1,), generator=generator))
        std, mean = torch.std_mean(patch[kept])
        noise = mean + std / 100 * torch.randn(patch.shape, generator=generator).to(patch)
        for c in range(3):
            if c != kept:
                patch[c] = noise[c]
    return patches


# %% wrong: the channels from the generator, the noise not | says: draw both the channels and the noise
def drop_colour(patches, generator=None):
    n = len(patches)
    kept = torch.randint(3, (n,), generator=generator).to(patches.device)
    rows = torch.arange(n, device=patches.device)
    std, mean = (of.view(n, 1, 1, 1) for of in torch.std_mean(patches[rows, kept], dim=(1, 2)))
    result = mean + std / 100 * torch.randn_like(patches)
    result[rows, kept] = patches[rows, kept]
    return result


# %% wrong: the channels take turns | says: patch by patch the same channels are kept
def drop_colour(patches, generator=None):
    n = len(patches)
    kept = torch.arange(n, device=patches.device) % 3
    rows = torch.arange(n, device=patches.device)
    std, mean = (of.view(n, 1, 1, 1) for of in torch.std_mean(patches[rows, kept], dim=(1, 2)))
    result = mean + std / 100 * torch.randn(patches.shape, generator=generator).to(patches)
    result[rows, kept] = patches[rows, kept]
    return result
