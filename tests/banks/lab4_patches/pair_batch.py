# %% right: a loop that fills three tensors
def pair_batch(images, patch_size, gap, jitter, generator=None):
    n = images.shape[0]
    centres = images.new_empty(n, 3, patch_size, patch_size)
    neighbours = torch.empty_like(centres)
    positions = torch.empty(n, dtype=torch.int64, device=images.device)
    for i in range(n):
        centres[i], neighbours[i], positions[i] = sample_pair(
            images[i], patch_size, gap, jitter, generator=generator
        )
    return centres, neighbours, positions


# %% right: lists and stack, a list comes back
def pair_batch(images, patch_size, gap, jitter, generator=None):
    first, second, answers = [], [], []
    for image in images.unbind(0):
        one, two, position = sample_pair(image, patch_size, gap, jitter, generator)
        first.append(one)
        second.append(two)
        answers.append(torch.as_tensor(position))
    return [torch.stack(first), torch.stack(second), torch.stack(answers).long().to(images.device)]


# %% right: no loop over the pictures, all places of one step in a table
def places_of(step, size, patch_size, gap, jitter):
    last = size - patch_size
    start, move = torch.meshgrid(
        torch.arange(last + 1), torch.arange(-jitter, jitter + 1), indexing="ij"
    )
    end = start + step * (patch_size + gap) + move
    fits = (end >= 0) & (end <= last)
    return torch.stack([start[fits], end[fits]], dim=1)


def pair_batch(images, patch_size, gap, jitter, generator=None):
    n, _, height, width = images.shape
    offsets = torch.tensor([neighbour_offset(p) for p in range(8)])
    positions = torch.randint(8, (n,), generator=generator)
    corners = []
    for axis, size in enumerate((height, width)):
        tables = {step: places_of(step, size, patch_size, gap, jitter) for step in (-1, 0, 1)}
        drawn = torch.empty(n, 2, dtype=torch.int64)
        for step, table in tables.items():
            mine = offsets[positions, axis] == step
            drawn[mine] = table[torch.randint(len(table), (int(mine.sum()),), generator=generator)]
        corners.append(drawn)
    rows, columns = corners
    along, picture = torch.arange(patch_size), torch.arange(n).view(n, 1, 1, 1)
    patches = []
    for which in (0, 1):
        r = (rows[:, which, None] + along).view(n, 1, patch_size, 1)
        c = (columns[:, which, None] + along).view(n, 1, 1, patch_size)
        patches.append(images[picture, torch.arange(3).view(1, 3, 1, 1), r, c])
    return patches[0], patches[1], positions.to(images.device)


# %% right: map and zip, the positions by a fixed dtype
def pair_batch(images, patch_size, gap, jitter, generator=None):
    draw = lambda image: sample_pair(image, patch_size, gap, jitter, generator)
    columns = list(zip(*map(draw, images)))
    return (
        torch.cat([patch[None] for patch in columns[0]]),
        torch.cat([patch[None] for patch in columns[1]]),
        torch.LongTensor([int(p) for p in columns[2]]).to(images.device),
    )


# %% wrong: one draw for the whole batch | says: every picture has the same draw
def pair_batch(images, patch_size, gap, jitter, generator=None):
    seed = int(torch.randint(1000000, (1,), generator=generator))
    pairs = [
        sample_pair(image, patch_size, gap, jitter, torch.Generator().manual_seed(seed))
        for image in images
    ]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)


# %% wrong: one position for the whole batch | says: Draw one position a picture
def pair_batch(images, patch_size, gap, jitter, generator=None):
    wanted = int(torch.randint(8, (1,), generator=generator))
    centres, neighbours, positions = [], [], []
    for image in images:
        position = None
        while position != wanted:
            one, two, position = sample_pair(image, patch_size, gap, jitter, generator)
        centres.append(one)
        neighbours.append(two)
        positions.append(position)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)


# %% wrong: all pairs from the first picture | says: all patches come from the first picture
def pair_batch(images, patch_size, gap, jitter, generator=None):
    pairs = [sample_pair(images[0], patch_size, gap, jitter, generator) for _ in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)


# %% wrong: centres and neighbours swapped | says: centres and neighbours are swapped
def pair_batch(images, patch_size, gap, jitter, generator=None):
    pairs = [sample_pair(image, patch_size, gap, jitter, generator) for image in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(neighbours), torch.stack(centres), torch.tensor(positions)


# %% wrong: a list of triples | says: got 12 values
def pair_batch(images, patch_size, gap, jitter, generator=None):
    return [sample_pair(image, patch_size, gap, jitter, generator) for image in images]


# %% wrong: the positions as a list | says: the positions must be a torch.Tensor, got list
def pair_batch(images, patch_size, gap, jitter, generator=None):
    pairs = [sample_pair(image, patch_size, gap, jitter, generator) for image in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), list(positions)


# %% wrong: the positions as floats | says: the positions must have dtype torch.int64
def pair_batch(images, patch_size, gap, jitter, generator=None):
    pairs = [sample_pair(image, patch_size, gap, jitter, generator) for image in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), torch.Tensor(positions)


# %% wrong: the positions as a column | says: the positions must have shape (12,), got (12, 1)
def pair_batch(images, patch_size, gap, jitter, generator=None):
    pairs = [sample_pair(image, patch_size, gap, jitter, generator) for image in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)[:, None]


# %% wrong: the patches laid side by side | says: the centres must have shape
def pair_batch(images, patch_size, gap, jitter, generator=None):
    pairs = [sample_pair(image, patch_size, gap, jitter, generator) for image in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.cat(centres), torch.cat(neighbours), torch.tensor(positions)


# %% wrong: the generator is not passed on | says: the same seed gave two results
def pair_batch(images, patch_size, gap, jitter, generator=None):
    pairs = [sample_pair(image, patch_size, gap, jitter) for image in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)


# %% wrong: a seed of its own, always the same | says: two seeds gave one result
def pair_batch(images, patch_size, gap, jitter, generator=None):
    generator = torch.Generator().manual_seed(0)
    pairs = [sample_pair(image, patch_size, gap, jitter, generator) for image in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)


# %% wrong: gap and jitter swapped | says: the gap comes before the jitter
def pair_batch(images, patch_size, gap, jitter, generator=None):
    pairs = [sample_pair(image, patch_size, jitter, gap, generator) for image in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)


# %% wrong: every second position belongs to another pair | says: Position i belongs to pair i
def pair_batch(images, patch_size, gap, jitter, generator=None):
    pairs = [sample_pair(image, patch_size, gap, jitter, generator) for image in images]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions).sort().values


# %% wrong: the order of the pictures is shuffled | says: Pair i comes from picture i
def pair_batch(images, patch_size, gap, jitter, generator=None):
    order = torch.randperm(len(images), generator=generator)
    pairs = [sample_pair(image, patch_size, gap, jitter, generator) for image in images[order]]
    centres, neighbours, positions = zip(*pairs)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)


# %% wrong: everything drawn anew until it fits, in its own code | says: the position comes first, then the places
def pair_batch(images, patch_size, gap, jitter, generator=None):
    P, last = patch_size, images.shape[-1] - patch_size
    centres, neighbours, positions = [], [], []
    for image in images:
        while True:
            position, row, column, i, j = (
                int(torch.randint(n, (1,), generator=generator))
                for n in (8, last + 1, last + 1, 2 * jitter + 1, 2 * jitter + 1)
            )
            a, b = neighbour_offset(position)
            r, c = row + a * (P + gap) + i - jitter, column + b * (P + gap) + j - jitter
            if 0 <= r <= last and 0 <= c <= last:
                break
        centres.append(image[:, row : row + P, column : column + P])
        neighbours.append(image[:, r : r + P, c : c + P])
        positions.append(position)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)


# %% wrong: a jitter that is rounded, so its ends come half as often | says: each must have about a third
def pair_batch(images, patch_size, gap, jitter, generator=None):
    P, last = patch_size, images.shape[-1] - patch_size

    def move():
        return round(float(2 * jitter * torch.rand(1, generator=generator)) - jitter)

    centres, neighbours, positions = [], [], []
    for image in images:
        position = int(torch.randint(8, (1,), generator=generator))
        a, b = neighbour_offset(position)
        while True:
            row, column = torch.randint(last + 1, (2,), generator=generator).tolist()
            r, c = row + a * (P + gap) + move(), column + b * (P + gap) + move()
            if 0 <= r <= last and 0 <= c <= last:
                break
        centres.append(image[:, row : row + P, column : column + P])
        neighbours.append(image[:, r : r + P, c : c + P])
        positions.append(position)
    return torch.stack(centres), torch.stack(neighbours), torch.tensor(positions)
