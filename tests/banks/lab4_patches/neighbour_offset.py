# %% right: a table of eight pairs
def neighbour_offset(position):
    table = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]
    if position < 0 or position > 7:
        raise ValueError("there are eight positions, 0 to 7")
    return table[position]


# %% right: a dictionary, made once, its KeyError turned into a ValueError
PLACES = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if row or column]
OFFSETS = dict(enumerate(PLACES))


def neighbour_offset(position):
    try:
        return OFFSETS[position]
    except KeyError:
        raise ValueError(position) from None


# %% right: a tensor of all places, without the middle
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(f"no neighbour {position}")
    grid = torch.cartesian_prod(torch.arange(-1, 2), torch.arange(-1, 2))
    row, column = grid[torch.arange(9) != 4][position]
    return row, column


# %% right: NumPy's arithmetic, a list
import numpy as np


def neighbour_offset(position):
    if position not in list(range(8)):
        raise ValueError
    return list(np.array(np.unravel_index(position + int(position >= 4), (3, 3))) - 1)


# %% wrong: column first | says: the row comes first
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    row, column = divmod(position + (position > 3), 3)
    return column - 1, row - 1


# %% wrong: the centre is counted | says: from there on every position is one place further
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    return position // 3 - 1, position % 3 - 1


# %% wrong: one off at the centre | says: the positions behind it are right
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    row, column = divmod(position + (position > 4), 3)
    return row - 1, column - 1


# %% wrong: counted from 0 to 2 | says: count them from the centre
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    return divmod(position + (position > 3), 3)


# %% wrong: rows count upwards | says: rows count downwards
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    row, column = divmod(position + (position > 3), 3)
    return 1 - row, column - 1


# %% wrong: columns count to the left | says: columns count to the right
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    row, column = divmod(position + (position > 3), 3)
    return row - 1, 1 - column


# %% wrong: seen from the neighbour | says: the way from the neighbour to the centre
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    row, column = divmod(position + (position > 3), 3)
    return 1 - row, 1 - column


# %% wrong: round the centre, clockwise | says: number them row by row
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    return [(-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1)][position]


# %% wrong: from angles, as floats | says: must be an int, got float
import math


def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    angle = [225, 270, 315, 180, 0, 135, 90, 45][position] * math.pi / 180
    return round(math.sin(angle), 0), round(math.cos(angle), 0)


# %% wrong: one number | says: return the pair
def neighbour_offset(position):
    if not 0 <= position <= 7:
        raise ValueError(position)
    return position + (position > 3) - 4


# %% wrong: a list without a look at the number | says: position 8 raises IndexError
def neighbour_offset(position):
    return [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)][position]


# %% wrong: only too large positions are refused | says: position -1 gives (1, 1)
def neighbour_offset(position):
    if position > 7:
        raise ValueError(position)
    return [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)][position]


# %% wrong: None outside | says: position 8 gives None
def neighbour_offset(position):
    if 0 <= position <= 7:
        row, column = divmod(position + (position > 3), 3)
        return row - 1, column - 1


# %% wrong: clamped into 0 to 7 | says: it does not exist
def neighbour_offset(position):
    row, column = divmod(min(max(position, 0), 7) + (position > 3), 3)
    return row - 1, column - 1


# %% wrong: an assertion | says: raises AssertionError
def neighbour_offset(position):
    assert 0 <= position <= 7
    row, column = divmod(position + (position > 3), 3)
    return row - 1, column - 1


# %% wrong: a wrong number is only printed | says: it does not exist
def neighbour_offset(position):
    if not 0 <= position <= 7:
        print("ValueError: no such position")
    row, column = divmod(position + (position > 3), 3)
    return row - 1, column - 1
