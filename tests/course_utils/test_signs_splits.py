"""The signs as a data set: splits that share no pose, a cache that can be trusted, a reader that can read."""

from __future__ import annotations

import pytest
import torch

from course_utils import data
from course_utils.data.errors import DatasetError
from course_utils.data.signs import (
    BACKGROUNDS,
    CLASSES,
    load_signs,
    plate,
    sample_poses,
    signs,
    view,
)
from course_utils.data.signs.splits import _SPLITS, split_seed
from course_utils.models import zoo
from course_utils.robustness import accuracy

SMALL = {"size": 16, "n_train": 30, "n_validation": 20, "n_test": 20}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    return tmp_path / "signs"


def same(one, other):
    return all(
        torch.equal(getattr(one, part).pixels, getattr(other, part).pixels)
        and torch.equal(getattr(one, part).labels, getattr(other, part).labels)
        for part in _SPLITS
    )


def test_the_same_seed_draws_the_same_signs_whatever_their_number():
    few, many = signs(5, 7, 24), signs(12, 7, 24)
    assert torch.equal(few.labels, many.labels[:5])
    apart = (few.pixels.int() - many.pixels[:5].int()).abs()
    assert apart.max() <= 1  # the last bit of a sum may depend on the batch
    assert not torch.equal(signs(5, 8, 24).pixels, few.pixels)


def test_a_picture_is_its_plate_in_its_pose():
    split = signs(6, 3, 32)
    poses = sample_poses(6, 3)
    for i, label in enumerate(split.labels.tolist()):
        drawn = view(*plate(label), poses[i], 32)[0]
        assert (drawn - split.images[i]).abs().max() < 1.5 / 255
    for name in ("yaw", "pitch", "roll", "distance", "exposure", "background"):
        assert torch.equal(split.attributes[name], getattr(poses, name))


def test_labels_and_poses_can_be_asked_for():
    split = signs(3, 0, 16, labels=["stop", 9, "no entry"], background="night", yaw=(0.1, 0.2))
    assert split.labels.tolist() == [0, 9, CLASSES.index("no entry")]
    assert (split.attributes["background"] == BACKGROUNDS.index("night")).all()
    assert ((split.attributes["yaw"] >= 0.1) & (split.attributes["yaw"] <= 0.2)).all()
    assert signs(2, 0, 16, labels="turtles").labels.tolist() == [9, 9]
    assert signs(2, 0, 16, labels=torch.tensor([4, 5])).labels.tolist() == [4, 5]


def test_signs_come_equally_often():
    poses = sample_poses(10_000, 1)
    split = signs(200, 1, 8)
    assert split.labels.bincount(minlength=10).min() > 8
    assert poses.background.bincount().min() > 1000


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"labels": "halt"}, "no sign 'halt'"),
        ({"labels": [1, 2]}, "2 labels for 3 pictures"),
        ({"yaw": 3.0}, "yaw from 3"),
        ({"size": 4}, "size = 4"),
    ],
)
def test_what_cannot_be_drawn_is_named(asked, says):
    with pytest.raises(DatasetError, match=says):
        signs(3, 0, **asked)


def test_splits_share_no_pose_with_each_other_or_with_a_small_seed():
    keys = [sample_poses(10_000, split_seed(name, seed)).key for name in _SPLITS for seed in (0, 1)]
    assert len(torch.cat(keys).unique()) == 60_000
    test = set(sample_poses(2000, split_seed("test")).key.tolist())
    assert all(not test & set(sample_poses(1000, seed).key.tolist()) for seed in range(50))


def test_load_gives_the_signs_and_says_nothing(capsys):
    dataset = data.load("signs", **SMALL)
    assert dataset.classes == CLASSES
    assert dataset.size == 16
    assert [len(getattr(dataset, part)) for part in _SPLITS] == [30, 20, 20]
    assert dataset.unlabelled is None
    assert dataset.card.startswith("#")
    assert not capsys.readouterr().out
    assert "signs" in data.names()


def test_the_cache_gives_back_what_was_drawn(cache, monkeypatch):
    drawn = load_signs(**SMALL)
    assert len(list(cache.glob("*.safetensors"))) == 3
    assert same(drawn, load_signs(**SMALL, cache=False))
    monkeypatch.setattr("course_utils.data.signs.splits.view", None)
    again = load_signs(**SMALL)
    assert same(drawn, again)
    assert torch.equal(drawn.test.attributes["yaw"], again.test.attributes["yaw"])


def test_another_renderer_draws_anew(cache, monkeypatch):
    load_signs(**SMALL)
    before = {path: path.read_bytes() for path in cache.glob("*.safetensors")}
    monkeypatch.setattr("course_utils.data.signs.splits._renderer", lambda: "another")
    load_signs(**SMALL)
    assert all(path.read_bytes() != content for path, content in before.items())


@pytest.mark.parametrize(
    ("option", "says"), [({"size": 4}, "size = 4"), ({"n_train": 0}, "n_train = 0")]
)
def test_bad_options_are_named(option, says):
    with pytest.raises(DatasetError, match=says):
        load_signs(**SMALL | option)


def test_the_zoos_reader_reads_signs_it_has_not_seen():
    fresh = signs(300, 424_242)
    assert accuracy(zoo.load("signs_classifier"), fresh.batches(100)) >= 0.95
