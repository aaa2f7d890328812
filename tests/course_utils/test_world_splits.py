"""The world as a data set: splits that share nothing, and a cache that can be trusted."""

from __future__ import annotations

import pytest
import torch

from course_utils import data
from course_utils.data.world import CLASSES, load_world, sample
from course_utils.data.world.splits import _SPLITS, split_seed

SMALL = {"size": 16, "n_train": 30, "n_validation": 20, "n_test": 20, "n_unlabelled": 25}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    return tmp_path / "world"


def same(one, other):
    return all(
        torch.equal(getattr(one, part).pixels, getattr(other, part).pixels) for part in _SPLITS
    )


def test_splits_share_no_picture():
    keys = [sample(10_000, split_seed(name, seed)).key for name in _SPLITS for seed in (0, 1)]
    assert len(torch.cat(keys).unique()) == 80_000


def test_no_one_trains_on_the_test_split_by_a_small_seed():
    test = set(sample(1000, split_seed("test")).key.tolist())
    assert all(not test & set(sample(1000, seed).key.tolist()) for seed in range(50))


def test_load_gives_the_world():
    dataset = data.load("world", **SMALL)
    assert dataset.classes == CLASSES
    assert dataset.size == 16
    assert [len(getattr(dataset, part)) for part in _SPLITS] == [30, 20, 20, 25]
    assert (dataset.unlabelled.labels == -1).all()
    assert dataset.train.attributes["colour_agrees"].dtype == torch.bool
    assert dataset.card.startswith("#")


def test_without_unlabelled_pictures_there_is_no_such_split():
    assert load_world(**SMALL | {"n_unlabelled": 0}).unlabelled is None


def test_the_cache_gives_back_what_was_drawn(cache):
    drawn = load_world(**SMALL)
    assert len(list(cache.glob("*.safetensors"))) == 4
    assert same(drawn, load_world(**SMALL))
    assert same(drawn, load_world(**SMALL, cache=False))


def test_the_cache_is_used(cache, monkeypatch):
    drawn = load_world(**SMALL)
    monkeypatch.setattr("course_utils.data.world.splits.render", None)
    assert same(drawn, load_world(**SMALL))


def test_other_settings_are_other_files(cache):
    load_world(**SMALL)
    load_world(**SMALL, seed=1)
    load_world(**SMALL, background="scene")
    assert len(list(cache.glob("*.safetensors"))) == 12


def test_another_renderer_draws_anew_over_the_old_file(cache, monkeypatch):
    load_world(**SMALL)
    monkeypatch.setattr("course_utils.data.world.splits._renderer", lambda: "another")
    before = {path: path.read_bytes() for path in cache.glob("*.safetensors")}
    load_world(**SMALL)
    after = {path: path.read_bytes() for path in cache.glob("*.safetensors")}
    assert before.keys() == after.keys()
    assert all(before[path] != after[path] for path in before)


def flipped(content: bytes) -> bytes:
    return content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]


@pytest.mark.parametrize(
    "spoil",
    [lambda c: b"", lambda c: c[: len(c) // 2], lambda c: b"\0" * len(c), flipped],
    ids=["empty", "cut off", "zeros", "one bit"],
)
def test_a_corrupt_cache_file_is_said_and_drawn_again(cache, capsys, spoil):
    drawn = load_world(**SMALL)
    (path,) = cache.glob("test-*.safetensors")
    path.write_bytes(spoil(path.read_bytes()))
    again = load_world(**SMALL)
    said = capsys.readouterr()
    assert str(path) in said.out
    assert "damaged" in said.out
    assert len(said.out.strip().splitlines()) == 1
    assert not said.err
    assert same(drawn, again)
    assert same(drawn, load_world(**SMALL))
    assert not capsys.readouterr().out


def test_a_cache_folder_that_cannot_be_written_costs_only_the_cache(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("COURSE_CACHE", str(blocked))
    assert len(load_world(**SMALL).train) == 30


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ({"size": 4}, "size = 4"),
        ({"n_train": 0}, "n_train = 0"),
        ({"n_test": 2.5}, "n_test = 2.5"),
        ({"colour_cue": 2}, "colour_cue = 2"),
        ({"background": "moon"}, "no background 'moon'"),
    ],
)
def test_bad_options_are_named(option, says):
    with pytest.raises(ValueError, match=says):
        load_world(**SMALL | option)
