"""The clips as a data set: splits that share none, a cache that can be trusted, whole clips for a training."""

from __future__ import annotations

import pytest
import torch

from course_utils import data
from course_utils.data.clips import Clips, clips, load_clips, sample_motions
from course_utils.data.clips.splits import _SPLITS, split_seed
from course_utils.data.errors import DatasetError
from course_utils.data.world import CLASSES, world
from course_utils.training import fit

SMALL = {"size": 16, "frames": 3, "n_train": 6, "n_validation": 2, "n_test": 3}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    return tmp_path / "clips"


def same(one, other):
    return all(
        torch.equal(getattr(one, part).pixels, getattr(other, part).pixels)
        and torch.equal(getattr(one, part).labels, getattr(other, part).labels)
        and all(
            torch.equal(values, getattr(other, part).attributes[name])
            for name, values in getattr(one, part).attributes.items()
        )
        for part in _SPLITS
    )


# ---- the data set ------------------------------------------------------------------------------


def test_load_gives_the_clips_and_says_nothing(capsys):
    dataset = data.load("clips", **SMALL)
    assert dataset.classes == CLASSES
    assert dataset.size == 16
    assert [len(getattr(dataset, part)) for part in _SPLITS] == [18, 6, 9]
    assert [len(Clips(getattr(dataset, part))) for part in _SPLITS] == [6, 2, 3]
    assert dataset.test.attributes["thing"].dtype == torch.bool
    assert dataset.unlabelled is None
    assert dataset.card.startswith("#")
    assert not capsys.readouterr().out
    assert "clips" in data.names()


def test_splits_share_no_clip_with_each_other_or_with_a_small_seed():
    drawn = [sample_motions(2000, split_seed(name, seed), 1) for name in _SPLITS for seed in (0, 1)]
    keys = [motions.front.key for motions in drawn] + [motions.back.key for motions in drawn]
    assert len(torch.cat(keys).unique()) == 2 * 12_000
    test = set(sample_motions(100, split_seed("test"), 1).front.key.tolist())
    assert all(not test & set(sample_motions(1000, s, 1).front.key.tolist()) for s in range(50))


def test_the_cache_gives_back_what_was_drawn(cache, monkeypatch):
    drawn = load_clips(**SMALL)
    assert len(list(cache.glob("*.safetensors"))) == 3
    assert same(drawn, load_clips(**SMALL, cache=False))
    monkeypatch.setattr("course_utils.data.clips.splits.draw", None)
    assert same(drawn, load_clips(**SMALL))


def test_another_renderer_draws_anew(cache, monkeypatch):
    load_clips(**SMALL)
    before = {path: path.read_bytes() for path in cache.glob("*.safetensors")}
    monkeypatch.setattr("course_utils.data.clips.splits._renderer", lambda: "another")
    load_clips(**SMALL)
    assert all(path.read_bytes() != content for path, content in before.items())


def test_other_sizes_lengths_and_seeds_are_kept_apart(cache):
    for other in ({}, {"size": 24}, {"frames": 2}, {"seed": 1}):
        load_clips(**SMALL | other)
    assert len(list(cache.glob("*.safetensors"))) == 12


@pytest.mark.parametrize(
    ("option", "says"),
    [({"size": 4}, "size = 4"), ({"n_train": 0}, "n_train = 0"), ({"frames": 0}, "frames = 0")],
)
def test_bad_options_are_named(option, says):
    with pytest.raises(DatasetError, match=says):
        load_clips(**SMALL | option)


# ---- frames put together -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def split():
    return clips(5, 2, 16, frames=4)


def test_clips_are_the_splits_frames_in_order(split):
    films = Clips(split)
    assert len(films) == 5
    assert films.frames == 4
    assert films.images.shape == (5, 4, 3, 16, 16)
    assert films.thing.shape == (5, 4, 16, 16)
    for clip in range(5):
        for time in range(4):
            assert torch.equal(films.images[clip, time], split.images[4 * clip + time])
            assert torch.equal(films.thing[clip, time], split.attributes["thing"][4 * clip + time])
    assert torch.equal(films.labels, split.labels[::4])


def test_slices_choose_among_clips(split):
    films = Clips(split)
    chosen = [
        (films[1:3], [1, 2]),
        (films[-1], [4]),
        (films[2], [2]),
        (films[torch.tensor([3, 0])], [3, 0]),
        (films[torch.tensor([True, False, False, True, False])], [0, 3]),
    ]
    for some, rows in chosen:
        assert torch.equal(some.pixels, films.pixels[rows])
        assert torch.equal(some.labels, films.labels[rows])
    assert len(films[:0]) == 0
    with pytest.raises(IndexError, match="clip 5 of 5"):
        films[5]


def test_batches_give_every_clip_once_with_its_label(split):
    films = Clips(split)
    batches = list(films.batches(2))
    assert [len(x) for x, _ in batches] == [2, 2, 1]
    assert torch.equal(torch.cat([x for x, _ in batches]), films.images)
    shuffled = list(films.batches(3, shuffle=True, generator=torch.Generator().manual_seed(1)))
    order = torch.randperm(5, generator=torch.Generator().manual_seed(1))
    assert torch.equal(torch.cat([x for x, _ in shuffled]), films.images[order])
    assert torch.equal(torch.cat([y for _, y in shuffled]), films.labels[order])


def test_a_training_takes_clips_as_they_are(split):
    class Middle(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.last = torch.nn.Linear(3, 10)

        def forward(self, x):  # (B, T, 3, H, W)
            return self.last(x.mean((1, 3, 4)))

    history = fit(
        Middle(),
        Clips(split),
        Clips(split)[:2],
        epochs=2,
        batch_size=2,
        device="cpu",
        progress=False,
    )
    assert len(history) == 2


def test_pictures_that_are_no_clips_are_refused(split):
    with pytest.raises(DatasetError, match="tell no time"):
        Clips(world(3, 0, 16))
    for part in (split[1:], split[:6], split[torch.arange(20).flip(0)]):
        with pytest.raises(DatasetError, match="not whole clips of 4 frames"):
            Clips(part)
    assert len(Clips(split[:8])) == 2
