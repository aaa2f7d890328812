"""A training that was cut off, by hand or by a crash: nothing is lost that was learnt."""

import copy

import pytest
import torch

from course_utils.models import Classifier, Encoder
from course_utils.training import fit
from tests.course_utils.small_training import (
    QUICK,
    START,
    TRAIN,
    VALIDATION,
    equal,
    jitter,
    model,
    timeless,
    weights,
)


class Stop(Exception):
    """As sudden as a power cut."""


def stopping_after(batches: int, error: type[BaseException]):
    """An augmentation that draws random numbers, and fails in the batch after so many."""
    calls = 0

    def augment(x):
        nonlocal calls
        calls += 1
        if calls > batches:
            raise error
        return jitter(x)

    return augment


@pytest.mark.parametrize("early_stop", [None, 5])
@pytest.mark.parametrize("batches", [7, 10, 14])  # an epoch has 7
def test_a_resumed_training_ends_like_an_uninterrupted_one(tmp_path, batches, early_stop):
    options = {**QUICK, "early_stop": early_stop}
    whole = copy.deepcopy(START)
    expected = fit(whole, TRAIN, VALIDATION, augment=jitter, **options)
    options["checkpoint"] = tmp_path / "folder" / "run.pt"
    with pytest.raises(Stop):
        fit(
            copy.deepcopy(START),
            TRAIN,
            VALIDATION,
            augment=stopping_after(batches, Stop),
            **options,
        )
    net = copy.deepcopy(START)
    history = fit(net, TRAIN, VALIDATION, augment=jitter, **options)
    assert equal(weights(net), weights(whole))
    assert timeless(history) == timeless(expected)
    assert history.best_epoch == expected.best_epoch


def test_a_finished_checkpoint_gives_its_model_back_without_training(tmp_path):
    options = {**QUICK, "checkpoint": tmp_path / "run.pt"}
    first = copy.deepcopy(START)
    fit(first, TRAIN, VALIDATION, **options)
    second = copy.deepcopy(START)
    history = fit(second, TRAIN, VALIDATION, augment=stopping_after(0, Stop), **options)
    assert equal(weights(first), weights(second))
    assert len(history) == 3


def test_a_checkpoint_of_other_settings_is_refused_with_what_differs(tmp_path):
    options = {**QUICK, "checkpoint": tmp_path / "run.pt"}
    fit(model(), TRAIN, **options)
    with pytest.raises(
        ValueError, match=r"lr 0.003 there, 0.1 now.*delete it, or name another file"
    ):
        fit(model(), TRAIN, lr=0.1, **options)
    with pytest.raises(ValueError, match="images 200 there, 60 now"):
        fit(model(), VALIDATION, **options)
    with pytest.raises(ValueError, match="another model"):
        fit(Classifier(Encoder(width=5), 4), TRAIN, **options)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 cut off"])
def test_a_damaged_checkpoint_is_refused_by_name(tmp_path, content):
    path = tmp_path / "run.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"run.pt cannot be read .* delete it to start afresh"):
        fit(model(), TRAIN, checkpoint=path, **QUICK)


def test_a_checkpoint_runs_no_code_of_a_stranger(tmp_path):
    class Evil:
        def __reduce__(self):
            return print, ("taken over",)

    path = tmp_path / "run.pt"
    torch.save({"settings": Evil()}, path)
    with pytest.raises(ValueError, match="cannot be read"):
        fit(model(), TRAIN, checkpoint=path, **QUICK)


@pytest.mark.parametrize("batches", [0, 3, 10])
def test_ctrl_c_leaves_a_usable_model_and_says_so_in_one_line(capsys, batches):
    net = copy.deepcopy(START)
    history = fit(
        net, TRAIN, VALIDATION, augment=stopping_after(batches, KeyboardInterrupt), **QUICK
    )
    done = batches // 7
    assert history.interrupted
    assert len(history) == done
    assert not net.training
    assert torch.isfinite(net(VALIDATION.images)).all()
    assert equal(weights(net), weights(START)) == (batches == 0)
    said = capsys.readouterr()
    assert said.out.strip().splitlines() == [
        f"Stopped by hand after {done} of 3 epochs: the model keeps what it has learnt."
    ]
    assert said.err == ""
    assert history.plot() is not None


def test_ctrl_c_with_a_checkpoint_can_be_gone_on_from(tmp_path, capsys):
    options = {**QUICK, "checkpoint": tmp_path / "run.pt"}
    whole = copy.deepcopy(START)
    fit(whole, TRAIN, VALIDATION, augment=jitter, **QUICK)
    stopped = stopping_after(10, KeyboardInterrupt)
    fit(copy.deepcopy(START), TRAIN, VALIDATION, augment=stopped, **options)
    assert "call fit again to go on from" in capsys.readouterr().out
    net = copy.deepcopy(START)
    history = fit(net, TRAIN, VALIDATION, augment=jitter, **options)
    assert equal(weights(net), weights(whole))
    assert not history.interrupted
