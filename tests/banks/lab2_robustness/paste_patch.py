# %% right: the 3 x 3 matrix of the way there, inverted, one picture at a time
def paste_patch(x, patch, angle, scale, shift):
    pasted = []
    for i in range(len(x)):
        a, s = float(angle[i]), float(scale[i])
        c, n = torch.cos(torch.tensor(a)).item() * s, torch.sin(torch.tensor(a)).item() * s
        there = torch.tensor(
            [[c, n, float(shift[i, 0])], [-n, c, float(shift[i, 1])], [0, 0, 1]], dtype=torch.float64
        )
        theta = torch.linalg.inv(there)[None, :2].to(x)
        grid = F.affine_grid(theta, x[i : i + 1].shape, align_corners=False)
        both = torch.cat([patch, torch.ones_like(patch[:1])])[None]
        found = F.grid_sample(both, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
        pasted.append(x[i] * (1 - found[0, 3:]) + found[0, :3])
    return torch.stack(pasted)


# %% right: the grid by hand, the mask of one channel
def paste_patch(x, patch, angle, scale, shift):
    n, _, h, w = x.shape
    ys = (torch.arange(h, device=x.device, dtype=x.dtype) * 2 + 1) / h - 1
    xs = (torch.arange(w, device=x.device, dtype=x.dtype) * 2 + 1) / w - 1
    down, right = torch.meshgrid(ys, xs, indexing="ij")
    dx = right[None] - shift[:, 0].view(-1, 1, 1)
    dy = down[None] - shift[:, 1].view(-1, 1, 1)
    cos, sin, size = (v.view(-1, 1, 1) for v in (angle.cos(), angle.sin(), scale))
    grid = torch.stack([(cos * dx - sin * dy) / size, (sin * dx + cos * dy) / size], dim=-1)
    sampled = F.grid_sample(patch.repeat(n, 1, 1, 1), grid, align_corners=False)
    ones = torch.ones(n, 1, *patch.shape[1:], device=x.device, dtype=x.dtype)
    return torch.lerp(x, torch.zeros_like(x), F.grid_sample(ones, grid, align_corners=False)) + sampled


# %% right: theta filled entry by entry, a helper in the same cell
def matrices(angle, scale, shift):
    theta = torch.zeros(len(angle), 2, 3, dtype=angle.dtype, device=angle.device)
    theta[:, 0, 0] = torch.cos(angle) / scale
    theta[:, 0, 1] = -torch.sin(angle) / scale
    theta[:, 1, 0] = torch.sin(angle) / scale
    theta[:, 1, 1] = torch.cos(angle) / scale
    theta[:, :, 2] = -torch.einsum("nij,nj->ni", theta[:, :, :2], shift)
    return theta


def paste_patch(x, patch, angle, scale, shift):
    size = (len(x), 3, *x.shape[2:])
    grid = F.affine_grid(matrices(angle, scale, shift), size, align_corners=False)
    tiles = patch.unsqueeze(0).expand(len(x), -1, -1, -1)
    mask = F.grid_sample(torch.ones_like(tiles), grid, align_corners=False)
    return x - x * mask + F.grid_sample(tiles, grid, align_corners=False)


# %% right: results clamped, which changes nothing
def paste_patch(x, patch, angle, scale, shift):
    rotation = torch.stack(
        [torch.stack([angle.cos(), angle.sin()], 1), torch.stack([-angle.sin(), angle.cos()], 1)], 1
    )
    inverse = rotation.transpose(1, 2) / scale[:, None, None]
    offset = torch.bmm(inverse, -shift.unsqueeze(2))
    grid = F.affine_grid(torch.cat((inverse, offset), 2), x.size(), align_corners=False)
    patches = torch.stack([patch] * len(x))
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    sampled = F.grid_sample(patches, grid, align_corners=False)
    return ((1 - mask) * x + sampled).clamp(0, 1)


# %% wrong: clockwise | says: the patch turns clockwise
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, sin, -sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: never turned | says: angle is ignored
def paste_patch(x, patch, angle, scale, shift):
    zero, one = torch.zeros_like(scale), 1 / scale
    linear = torch.stack([one, zero, zero, one], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: degrees | says: angle is taken for degrees
def paste_patch(x, patch, angle, scale, shift):
    angle = torch.deg2rad(angle)
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: scale instead of 1 / scale | says: 1 / scale
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() * scale, angle.sin() * scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: scale taken for half the side | says: twice as large as it should be
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / (2 * scale), angle.sin() / (2 * scale)
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: y up | says: the second entry of shift leads down
def paste_patch(x, patch, angle, scale, shift):
    shift = torch.stack([shift[:, 0], -shift[:, 1]], dim=1)
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: x and y of shift exchanged | says: the first entry of shift leads to the right
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift.flip(1)[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: shift the wrong way | says: moved the opposite way
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, linear @ shift[:, :, None]], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: shift itself as the right column | says: minus the left part times shift
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, shift[:, :, None]], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: minus shift as the right column | says: shift is not multiplied by the matrix
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -shift[:, :, None]], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: shift scaled but not turned | says: the place is turned along with the patch
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(shift / scale[:, None])[:, :, None]], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: the first pose for all | says: each has its own
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)[:1].expand(len(x), 2, 3)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: where the patch is black the picture shows | says: black pixels of the patch are see-through
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    sampled = F.grid_sample(patch.expand(len(x), *patch.shape), grid, align_corners=False)
    return torch.where(sampled.sum(dim=1, keepdim=True) > 0, sampled, x)


# %% wrong: added to the picture | says: the patch is added to the picture
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return x + F.grid_sample(patch.expand(len(x), *patch.shape), grid, align_corners=False)


# %% wrong: the mask rounded | says: the edges are not blended
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return torch.where(mask > 0.5, F.grid_sample(patches, grid, align_corners=False), x)


# %% wrong: align_corners=True | says: align_corners is True
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=True)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=True)


# %% wrong: the nearest pixel | says: the edges are not blended
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, mode="nearest", align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, mode="nearest", align_corners=False)


# %% wrong: the patch detached | says: does not depend on the patch any more
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.detach().expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: all under no_grad | says: torch.no_grad()
@torch.no_grad()
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: pastes into the caller's pictures | says: an input was written into
def paste_patch(x, patch, angle, scale, shift):
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x.mul_(1 - mask) + F.grid_sample(patches, grid, align_corners=False)


# %% wrong: single precision whatever came in | says: must have dtype torch.float64
def paste_patch(x, patch, angle, scale, shift):
    x, patch, angle, scale, shift = (v.float() for v in (x, patch, angle, scale, shift))
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)
