"""What the faces promise: a person stays the person, a shot differs, and glasses sit where they should."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import data
from course_utils.data import DatasetError
from course_utils.data.faces import POSE, eyeglasses, faces, render, sample, wear, worn
from course_utils.data.faces.hair import STYLES
from course_utils.data.faces.splits import _SPLITS, split_seed
from course_utils.data.world import draws

SMALL = {"size": 16, "n_train": 4, "n_validation": 3, "n_test": 2, "shots": 3}


def test_the_same_seed_draws_the_same_faces():
    first, again = faces(2, 2, 7, 24), faces(2, 2, 7, 24)
    assert torch.equal(first.pixels, again.pixels)
    assert first.labels.tolist() == [0, 0, 1, 1]
    assert not torch.equal(first.pixels, faces(2, 2, 8, 24).pixels)


def test_two_seeds_share_no_person_and_two_persons_no_shot():
    one, other = sample(500, 4, 0), sample(500, 4, 1)
    assert not set(one.person.tolist()) & set(other.person.tolist())
    assert len(torch.cat([one.shot, other.shot]).unique()) == 4000


@settings(deadline=None, max_examples=8)
@given(persons=st.integers(1, 5), shots=st.integers(1, 4), i=st.integers(0, 19))
def test_a_picture_depends_on_person_and_shot_alone(persons, shots, i):
    i %= persons * shots
    among = render(sample(persons, shots, 3), 16)[i]
    larger = sample(6, 9, 3)
    alone = larger[(larger.label == i // shots).nonzero()[i % shots]]
    assert torch.equal(among, render(alone, 16)[0])


def test_later_shots_are_of_the_same_persons():
    now, later = sample(3, 4, 0), sample(3, 2, 0, first=2)
    rows = torch.tensor([2, 3, 6, 7, 10, 11])
    assert torch.equal(now[rows].shot, later.shot)
    assert torch.equal(now[rows].person, later.person)


def test_every_head_of_hair_can_be_drawn_at_any_size():
    portraits = sample(150, 1, 0)
    style = draws.choice(portraits.person, "style", len(STYLES))
    first = torch.stack([(style == k).nonzero()[0, 0] for k in range(len(STYLES))])
    for size in (8, 31):
        pixels = render(portraits[first], size)
        assert pixels.shape == (len(STYLES), 3, size, size)
        assert (pixels.float().flatten(1).std(dim=1) > 10).all()


def test_one_changed_number_changes_nothing_of_what_lies_elsewhere():
    straight = sample(6, 1, 0, glasses=0).aligned()
    sad, glad = render(straight.with_(smile=-0.7), 48), render(straight.with_(smile=1.0), 48)
    changed = (sad != glad).any(dim=1)
    assert changed.flatten(1).any(dim=1).all()
    assert not changed[:, :12].any()  # the hair does not smile


def test_drawn_glasses_lie_where_the_mask_says():
    portraits = sample(5, 3, 2)
    bare, dressed = (render(portraits.with_(glasses=g), 64) for g in (False, True))
    changed = (bare != dressed).any(dim=1, keepdim=True).float()
    mask = worn(portraits.pose, 64)
    assert (changed[mask > 0] == 1).float().mean() > 0.97
    near = torch.nn.functional.max_pool2d(mask, 5, 1, 2)  # soft edges and their shading
    assert not changed[near == 0].any()


def test_eyeglasses_are_the_mask_of_an_aligned_face():
    mask, aligned = eyeglasses(64), sample(1, 1, 0).aligned()
    assert mask.shape == (1, 64, 64)
    assert torch.equal(mask, worn(aligned.pose, 64)[0])
    assert torch.equal(mask, mask.flip(2))
    assert 0.06 < mask.mean() < 0.12


def test_a_texture_is_worn_as_it_was_painted_on_an_aligned_face():
    aligned = sample(2, 1, 0).aligned()
    texture = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
    x = torch.full((2, 3, 32, 32), 0.25)
    mask = eyeglasses(32).bool().expand_as(x)
    seen = wear(x, texture, aligned.pose)
    torch.testing.assert_close(seen[mask], texture.expand_as(x)[mask], atol=1e-5, rtol=0)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), size=st.sampled_from([16, 33, 64]))
def test_wearing_changes_nothing_outside_the_frame_and_stays_a_picture(seed, size):
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(3, 3, size, size, generator=generator)
    pose = sample(3, 1, seed).pose
    seen = wear(x, torch.rand(3, 40, 40, generator=generator), pose)
    outside = (worn(pose, size) == 0).expand_as(x)
    assert torch.equal(seen[outside], x[outside])
    assert 0 <= seen.min() <= seen.max() <= 1


def test_what_is_worn_can_be_optimised_and_only_where_it_is_seen():
    texture = torch.full((3, 48, 48), 0.5, requires_grad=True)
    pose = sample(4, 4, 0).pose
    wear(torch.rand(16, 3, 48, 48), texture, pose).sum().backward()
    touched = (texture.grad != 0).any(dim=0)
    near = torch.nn.functional.max_pool2d(eyeglasses(48)[None], 5, 1, 2)[0, 0].bool()
    assert touched.float().mean() > 0.02
    assert not touched[~near].any()


def test_wear_is_differentiable_to_the_last_digit():
    texture = torch.rand(3, 12, 12, dtype=torch.float64, requires_grad=True) * 0.8 + 0.1
    pose = sample(2, 1, 0).pose.double()
    x = torch.rand(2, 3, 12, 12, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda t: wear(x, t, pose), texture)


@pytest.mark.parametrize(
    ("x", "texture", "pose", "says"),
    [
        ((2, 3, 8, 9), (3, 8, 8), (2, 8), "square"),
        ((2, 3, 8, 8), (2, 3, 8, 8), (2, 8), "texture must be"),
        ((2, 3, 8, 8), (3, 8, 8), (3, 8), "pose must be"),
    ],
)
def test_what_does_not_fit_is_told(x, texture, pose, says):
    with pytest.raises(DatasetError, match=says):
        wear(torch.zeros(x), torch.zeros(texture), torch.zeros(pose))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: sample(-1, 1, 0), "persons = -1"),
        (lambda: sample(1, 2.5, 0), "shots = 2.5"),
        (lambda: sample(1, 1, 0, glasses=2), "glasses = 2"),
        (lambda: sample(1, 1, 0).with_(mood=1), "no 'mood'"),
        (lambda: sample(2, 1, 0).with_(yaw=torch.zeros(3)), "doesn't fit 2"),
        (lambda: eyeglasses(3), "size = 3"),
        (lambda: faces(1, 1, 0, 2), "size = 2"),
    ],
)
def test_refusals_name_the_value(call, says):
    with pytest.raises(DatasetError, match=says):
        call()


def test_no_persons_are_a_batch_of_none():
    split = faces(0, 3, 0, 16)
    assert len(split) == 0
    assert split.attributes["pose"].shape == (0, len(POSE))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    return tmp_path / "faces"


def test_load_gives_splits_that_share_no_person(cache):
    dataset = data.load("faces", **SMALL)
    labels = [set(getattr(dataset, part).labels.tolist()) for part in _SPLITS]
    assert labels == [{0, 1, 2, 3}, {4, 5, 6}, {7, 8}]
    assert dataset.num_classes == 9
    assert dataset.train.attributes["pose"].shape == (12, len(POSE))
    assert dataset.card.startswith("#")
    persons = [sample(500, 1, split_seed(name, seed)).person for name in _SPLITS for seed in (0, 1)]
    small = [sample(500, 1, seed).person for seed in range(20)]
    assert len(torch.cat(persons + small).unique()) == 500 * 26


def test_the_cache_gives_back_what_was_drawn(cache, monkeypatch):
    drawn = data.load("faces", **SMALL)
    assert len(list(cache.glob("*.safetensors"))) == 3
    monkeypatch.setattr("course_utils.data.faces.splits.render", None)
    read = data.load("faces", **SMALL)
    assert all(
        torch.equal(getattr(drawn, part).pixels, getattr(read, part).pixels) for part in _SPLITS
    )
