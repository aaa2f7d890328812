# %% right: the position first, then places drawn until they fit
def sample_pair(image, patch_size, gap, jitter, generator=None):
    _, height, width = image.shape

    def whole(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    if patch_size > height or 2 * patch_size + gap - jitter > height:
        raise ValueError("nothing fits")
    position = whole(0, 7)
    row_step, column_step = neighbour_offset(position)
    while True:
        row, column = whole(0, height - patch_size), whole(0, width - patch_size)
        r = row + row_step * (patch_size + gap) + whole(-jitter, jitter)
        c = column + column_step * (patch_size + gap) + whole(-jitter, jitter)
        if 0 <= r <= height - patch_size and 0 <= c <= width - patch_size:
            break
    centre = image[:, row : row + patch_size, column : column + patch_size]
    return centre, image[:, r : r + patch_size, c : c + patch_size], position


# %% right: all corners by comparison, a multinomial draw
def sample_pair(image, patch_size, gap, jitter, generator=None):
    last = image.shape[-1] - patch_size
    if last < 0:
        raise ValueError(f"a patch of {patch_size} does not fit")
    corners = torch.arange(last + 1)
    way = corners[None, :] - corners[:, None]  # from the centre's corner (row) to the neighbour's

    def draw(step):
        fits = ((way - step * (patch_size + gap)).abs() <= jitter).double().flatten()
        if fits.sum() == 0:
            raise ValueError("no pair fits")
        index = torch.multinomial(fits, 1, generator=generator).item()
        return divmod(index, last + 1)

    draw_any = torch.randint(0, 8, (), generator=generator)
    row_step, column_step = neighbour_offset(int(draw_any))
    draw(1)  # a square picture has all positions or none
    (row, other_row), (column, other_column) = draw(row_step), draw(column_step)
    cut = lambda r, c: image.narrow(1, r, patch_size).narrow(2, c, patch_size).clone()
    return cut(row, column), cut(other_row, other_column), draw_any


# %% right: the jitter first, weighted by the places that it leaves
def sample_pair(image, patch_size, gap, jitter, generator=None):
    height, width = image.shape[1], image.shape[2]
    far = patch_size + gap

    def room(size, way):
        return max(0, size - patch_size - abs(way) + 1)

    def ways(size, step):
        return [(step * far + j, room(size, step * far + j)) for j in range(-jitter, jitter + 1)]

    places = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]
    fits = [
        i
        for i, (r, c) in enumerate(places)
        if patch_size <= min(height, width)
        and sum(n for _, n in ways(height, r))
        and sum(n for _, n in ways(width, c))
    ]
    if len(fits) == 0:
        raise ValueError("patches too large for the image")
    position = fits[torch.randint(len(fits), (1,), generator=generator)]

    def along(size, step):
        moves, rooms = zip(*ways(size, step))
        way = moves[torch.multinomial(torch.tensor(rooms, dtype=torch.float64), 1, generator=generator)]
        start = int(torch.randint(room(size, way), (1,), generator=generator)) + max(0, -way)
        return start, start + way

    (r1, r2), (c1, c2) = along(height, places[position][0]), along(width, places[position][1])
    centre = image[:, r1 : r1 + patch_size, c1 : c1 + patch_size].clone()
    neighbour = image[:, r2 : r2 + patch_size, c2 : c2 + patch_size].clone()
    return centre, neighbour, position


# %% right: the whole list of pairs of one position, uniform numbers from torch.rand
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size = image.shape[1]
    places = range(size - patch_size + 1)
    along = {}
    for step in (-1, 0, 1):
        wanted = step * (patch_size + gap)
        along[step] = [(a, b) for a in places for b in places if abs(b - a - wanted) <= jitter]
    if not along[1] or not along[-1]:
        raise ValueError("no two patches fit into this picture")
    u = torch.rand(3, generator=generator, dtype=torch.float64).tolist()
    position = int(u[0] * 8)
    row_step, column_step = neighbour_offset(position)
    rows, columns = along[row_step], along[column_step]
    (r1, r2), (c1, c2) = rows[int(u[1] * len(rows))], columns[int(u[2] * len(columns))]
    P = patch_size
    return [image[:, r1 : r1 + P, c1 : c1 + P], image[:, r2 : r2 + P, c2 : c2 + P], position]


# %% base: places drawn until they fit
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size

    def whole(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    if 2 * P + gap - jitter > size:
        raise ValueError("nothing fits")
    position = whole(0, 7)
    a, b = neighbour_offset(position)
    while True:
        row, column = whole(0, size - P), whole(0, size - P)
        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
        if 0 <= r <= size - P and 0 <= c <= size - P:
            return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], position


# %% wrong: row and column swapped when cutting the neighbour | says: row and column are swapped
# -    a, b = neighbour_offset(position)
# +    b, a = neighbour_offset(position)

# %% wrong: the gap is forgotten | says: the gap is forgotten
# -        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
# +        r, c = row + a * P + whole(-jitter, jitter), column + b * P + whole(-jitter, jitter)

# %% wrong: a gap between rows only | says: a gap between rows, but none between columns
# -        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
# +        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * P + whole(-jitter, jitter)

# %% wrong: centre and neighbour swapped | says: the neighbour lies on the opposite side
# -            return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], position
# +            return image[:, r : r + P, c : c + P], image[:, row : row + P, column : column + P], position

# %% wrong: the centre counts as a position | says: the centre is counted as a position
# -    a, b = neighbour_offset(position)
# +    a, b = position // 3 - 1, position % 3 - 1

# %% wrong: no jitter | says: never moved off its grid place
# -    if 2 * P + gap - jitter > size:
# +    if 2 * P + gap > size:
# -        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
# +        r, c = row + a * (P + gap), column + b * (P + gap)

# %% wrong: moved only in the direction of the position | says: the jitter does not depend on the position
# -        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
# +        r = row + a * (P + gap + whole(-jitter, jitter))
# +        c = column + b * (P + gap + whole(-jitter, jitter))

# %% wrong: the upper end of the jitter is never drawn | says: torch.randint does not draw its upper end
# -        return int(torch.randint(low, high + 1, (1,), generator=generator))
# +        return int(torch.randint(low, high + 1, (1,), generator=generator))
# +
# +    def move():
# +        return int(torch.randint(-jitter, jitter, (1,), generator=generator)) if jitter else 0
# -        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
# +        r, c = row + a * (P + gap) + move(), column + b * (P + gap) + move()

# %% wrong: both patches are moved | says: it is moved once, from its grid place, and the centre is not
# -    a, b = neighbour_offset(position)
# +    a, b = neighbour_offset(position)
# +    last = size - P
# -        row, column = whole(0, size - P), whole(0, size - P)
# +        row, column = whole(0, last), whole(0, last)
# -        if 0 <= r <= size - P and 0 <= c <= size - P:
# +        row, column = row + whole(-jitter, jitter), column + whole(-jitter, jitter)
# +        if min(row, column, r, c) >= 0 and max(row, column, r, c) <= last:

# %% wrong: everything is drawn anew until it fits | says: favours positions with more room
# -    position = whole(0, 7)
# -    a, b = neighbour_offset(position)
# -    while True:
# +    while True:
# +        position = whole(0, 7)
# +        a, b = neighbour_offset(position)

# %% wrong: the last position is never drawn | says: all must be equally likely
# -    position = whole(0, 7)
# +    position = int(torch.randint(0, 7, (1,), generator=generator))

# %% wrong: the position as a pair | says: the position must be an int, got tuple
# -    position = whole(0, 7)
# -    a, b = neighbour_offset(position)
# +    a, b = neighbour_offset(whole(0, 7))
# -            return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], position
# +            return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], (a, b)

# %% wrong: marks the patches in the picture | says: an input was written into
# -            return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], position
# +            break
# +    centre = image[:, row : row + P, column : column + P].clone()
# +    neighbour = image[:, r : r + P, c : c + P].clone()
# +    image[:, row : row + P, column : column + P] = 0  # so that nobody cuts it again
# +    return centre, neighbour, position


# %% base: tried again and again, then refused
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size

    def whole(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    position = whole(0, 7)
    a, b = neighbour_offset(position)
    for _ in range(2000):
        row, column = whole(0, size - P), whole(0, size - P)
        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
        if 0 <= r <= size - P and 0 <= c <= size - P:
            return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], position
    raise ValueError("nothing fits")


# %% wrong: rows and columns share their jitter | says: rows and columns are moved by the same number
# -    position = whole(0, 7)
# +    if 2 * P + gap - jitter > size:
# +        raise ValueError("nothing fits")
# +    position = whole(0, 7)
# -        row, column = whole(0, size - P), whole(0, size - P)
# -        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
# +        row, column, move = whole(0, size - P), whole(0, size - P), whole(-jitter, jitter)
# +        r, c = row + a * (P + gap) + move, column + b * (P + gap) + move

# %% wrong: only the rows are moved | says: never moved along the columns
# -        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
# +        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap)

# %% wrong: the jitter moves down and right only | says: it must go up and left as well
# -    for _ in range(2000):
# +    for _ in range(300):
# -        r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
# +        r, c = row + a * (P + gap) + whole(0, jitter), column + b * (P + gap) + whole(0, jitter)

# %% wrong: None where nothing fits | says: nothing fits, but a pair came back
# -        row, column = whole(0, size - P), whole(0, size - P)
# +        row, column = whole(0, max(size - P, 0)), whole(0, max(size - P, 0))
# -    raise ValueError("nothing fits")
# +    return None


# %% wrong: the centre anywhere, the neighbour cut short at the edge | says: part of it lies outside the picture
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size

    def whole(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    if 2 * P + gap - jitter > size:
        raise ValueError("nothing fits")
    position = whole(0, 7)
    a, b = neighbour_offset(position)
    row, column = whole(0, size - P), whole(0, size - P)
    r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
    return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], position


# %% wrong: a neighbour outside is pushed back in | says: off its grid place
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size

    def whole(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    if 2 * P + gap - jitter > size:
        raise ValueError("nothing fits")
    position = whole(0, 7)
    a, b = neighbour_offset(position)
    row, column = whole(0, size - P), whole(0, size - P)
    r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
    r, c = min(max(r, 0), size - P), min(max(c, 0), size - P)
    return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], position


# %% wrong: the picture is padded with black | says: is no piece of the picture
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size

    def whole(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    if 2 * P + gap - jitter > size:
        raise ValueError("nothing fits")
    edge = P + gap + jitter
    padded = F.pad(image, (edge, edge, edge, edge))
    position = whole(0, 7)
    a, b = neighbour_offset(position)
    row, column = edge + whole(0, size - P), edge + whole(0, size - P)
    r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
    return padded[:, row : row + P, column : column + P], padded[:, r : r + P, c : c + P], position


# %% wrong: one of the list of everything that fits | says: favours positions with more room
def sample_pair(image, patch_size, gap, jitter, generator=None):
    last, P = image.shape[1] - patch_size, patch_size
    rows = {
        step: [
            (c, c + step * (P + gap) + j)
            for c in range(last + 1)
            for j in range(-jitter, jitter + 1)
            if 0 <= c + step * (P + gap) + j <= last
        ]
        for step in (-1, 0, 1)
    }
    counts = [len(rows[a]) * len(rows[b]) for a, b in map(neighbour_offset, range(8))]
    if sum(counts) == 0:
        raise ValueError("nothing fits")
    weights = torch.tensor(counts, dtype=torch.float64)
    position = int(torch.multinomial(weights, 1, generator=generator))
    a, b = neighbour_offset(position)
    (r1, r2), (c1, c2) = (
        rows[step][int(torch.randint(len(rows[step]), (1,), generator=generator))] for step in (a, b)
    )
    return image[:, r1 : r1 + P, c1 : c1 + P], image[:, r2 : r2 + P, c2 : c2 + P], position


# %% wrong: a jitter drawn first, whatever room it leaves | says: every combination of places that fits
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size

    def whole(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    if 2 * P + gap - jitter > size:
        raise ValueError("nothing fits")
    position = whole(0, 7)

    def along(step):
        while True:
            way = step * (P + gap) + whole(-jitter, jitter)
            if P + abs(way) <= size:
                start = whole(max(0, -way), size - P - max(0, way))
                return start, start + way

    (r1, r2), (c1, c2) = map(along, neighbour_offset(position))
    return image[:, r1 : r1 + P, c1 : c1 + P], image[:, r2 : r2 + P, c2 : c2 + P], position


# %% wrong: the centre first, then a jitter that fits it | says: every combination of places that fits
def sample_pair(image, patch_size, gap, jitter, generator=None):
    last, P = image.shape[1] - patch_size, patch_size

    def pick(among):
        return among[int(torch.randint(len(among), (1,), generator=generator))]

    def ends(start, step):
        moves = range(-jitter, jitter + 1)
        return [n for n in (start + step * (P + gap) + move for move in moves) if 0 <= n <= last]

    def along(step):
        start = pick([start for start in range(last + 1) if ends(start, step)])
        return start, pick(ends(start, step))

    if 2 * P + gap - jitter > image.shape[1]:
        raise ValueError("nothing fits")
    position = pick(range(8))
    (r1, r2), (c1, c2) = map(along, neighbour_offset(position))
    return image[:, r1 : r1 + P, c1 : c1 + P], image[:, r2 : r2 + P, c2 : c2 + P], position


# %% wrong: room is kept for the largest jitter | says: there are pairs that fit
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size
    far = P + gap + jitter
    if P + far > size:
        raise ValueError("nothing fits")

    def whole(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    def along(step):
        low = far if step < 0 else jitter if step == 0 and size - P >= 2 * jitter else 0
        high = size - P - (far if step > 0 else jitter if step == 0 and size - P >= 2 * jitter else 0)
        start = whole(low, high)
        return start, start + step * (P + gap) + whole(-jitter, jitter)

    position = whole(0, 7)
    (r1, r2), (c1, c2) = map(along, neighbour_offset(position))
    return image[:, r1 : r1 + P, c1 : c1 + P], image[:, r2 : r2 + P, c2 : c2 + P], position


# %% wrong: the centre patch is always in the middle | says: the centre patch hardly moves
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size

    def whole(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    position = whole(0, 7)
    a, b = neighbour_offset(position)
    row = column = (size - P) // 2
    if row - P - gap - jitter < 0:
        raise ValueError("nothing fits")
    r, c = row + a * (P + gap) + whole(-jitter, jitter), column + b * (P + gap) + whole(-jitter, jitter)
    return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], position


# %% wrong: draws from Python's random numbers | says: the same seed gave two different pairs
import random


def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size
    if 2 * P + gap - jitter > size:
        raise ValueError("nothing fits")
    position = random.randrange(8)
    a, b = neighbour_offset(position)
    while True:
        row, column = random.randint(0, size - P), random.randint(0, size - P)
        r = row + a * (P + gap) + random.randint(-jitter, jitter)
        c = column + b * (P + gap) + random.randint(-jitter, jitter)
        if 0 <= r <= size - P and 0 <= c <= size - P:
            return image[:, row : row + P, column : column + P], image[:, r : r + P, c : c + P], position


# %% wrong: nothing is refused | says: nothing fits, so raise ValueError
def sample_pair(image, patch_size, gap, jitter, generator=None):
    last, P = image.shape[1] - patch_size, patch_size

    def along(step):
        fits = [
            (c, c + step * (P + gap) + j)
            for c in range(last + 1)
            for j in range(-jitter, jitter + 1)
            if 0 <= c + step * (P + gap) + j <= last
        ]
        return fits[int(torch.randint(len(fits), (1,), generator=generator))]

    position = int(torch.randint(8, (1,), generator=generator))
    (r1, r2), (c1, c2) = map(along, neighbour_offset(position))
    return image[:, r1 : r1 + P, c1 : c1 + P], image[:, r2 : r2 + P, c2 : c2 + P], position


# %% wrong: only two come back | says: got 2 values
def sample_pair(image, patch_size, gap, jitter, generator=None):
    size, P = image.shape[1], patch_size
    position = int(torch.randint(8, (1,), generator=generator))
    a, b = neighbour_offset(position)
    r, c = ((size - P) // 2 + step * (P + gap) for step in (a, b))
    return image[:, r : r + P, c : c + P], position
