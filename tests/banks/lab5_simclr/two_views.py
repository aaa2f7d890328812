# %% right: one after the other, as a list
def two_views(x, augment):
    views = [augment(x) for _ in range(2)]
    return views


# %% right: the second first, on copies
def two_views(x, augment):
    second = augment(x.clone())
    first = augment(x.clone())
    return first, second


# %% right: a generator expression, without gradients
def two_views(x, augment):
    with torch.no_grad():
        return tuple(augment(x) for _ in "12")


# %% wrong: the same view twice | says: both views are the same tensor
def two_views(x, augment):
    view = augment(x)
    return view, view


# %% wrong: a view and a copy of it | says: both views are the same tensor
def two_views(x, augment):
    view = augment(x)
    return view, view.clone()


# %% wrong: only the second is augmented | says: one of the views is x itself
def two_views(x, augment):
    return x, augment(x)


# %% wrong: only the first is augmented | says: one of the views is x itself
def two_views(x, augment):
    return augment(x), x.clone()


# %% wrong: the second view of the first | says: the second view is made from the first
def two_views(x, augment):
    first = augment(x)
    return first, augment(first)


# %% wrong: one call for both halves | says: augment was called once, on both halves together
def two_views(x, augment):
    return augment(torch.cat([x, x])).chunk(2)


# %% wrong: one call a picture | says: augment got a part of the batch
def two_views(x, augment):
    first = torch.cat([augment(picture[None]) for picture in x])
    second = torch.cat([augment(picture[None]) for picture in x])
    return first, second


# %% wrong: half of the batch each | says: augment got a part of the batch
def two_views(x, augment):
    a, b = x.tensor_split(2)
    return augment(a), augment(b)


# %% wrong: one batch of 2N | says: return the pair (view1, view2)
def two_views(x, augment):
    return torch.cat([augment(x), augment(x)])


# %% wrong: only one comes back | says: return the pair (view1, view2)
def two_views(x, augment):
    first, second = augment(x), augment(x)
    return first


# %% wrong: nothing comes back | says: return (view1, view2)
def two_views(x, augment):
    first, second = augment(x), augment(x)


# %% wrong: three views | says: got 3 values
def two_views(x, augment):
    return augment(x), augment(x), x


# %% wrong: the second view of mirrored pictures | says: augment must get x as it was given
def two_views(x, augment):
    return augment(x), augment(x.flip(3))


# %% wrong: the second view in another order | says: augment must get x as it was given
def two_views(x, augment):
    return augment(x), augment(x.roll(1, 0))


# %% wrong: cuts off what leaves [0, 1] | says: Hand on what augment returned
def two_views(x, augment):
    return augment(x).clamp(0, 1), augment(x).clamp(0, 1)


# %% wrong: three calls, to be sure | says: augment was called 3 times
def two_views(x, augment):
    augment(x)
    return augment(x), augment(x)


# %% wrong: brings the views to the size of x | says: must have shape
def two_views(x, augment):
    side = x.shape[-1]
    return tuple(F.interpolate(augment(x), size=(side, side)) for _ in range(2))
