"""The loop learns, repeats itself, counts rightly, and stops where it is told to."""

import copy
import math
import subprocess
import sys
import warnings

import matplotlib
import pytest
import torch
from torch import nn

from course_utils import training
from course_utils.data.dataset import Split
from course_utils.training import History, classification, evaluate, fit
from course_utils.training.run import one_cycle
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

matplotlib.use("Agg")


def test_it_learns_and_says_how_it_went():
    net = model()
    history = fit(net, TRAIN, VALIDATION, **{**QUICK, "epochs": 12})
    assert history["validation_accuracy"][-1] > 0.9
    assert history["train_loss"][-1] < history["train_loss"][0]
    assert history["epoch"] == list(range(1, 13))
    assert not net.training
    assert not history.interrupted


def test_what_it_says_is_what_evaluating_says():
    net = model()
    history = fit(net, TRAIN, VALIDATION, **QUICK)
    measured = evaluate(net, VALIDATION)
    assert measured["accuracy"] == pytest.approx(history["validation_accuracy"][-1])
    assert measured["loss"] == pytest.approx(history["validation_loss"][-1], rel=1e-5)
    right = (net(VALIDATION.images).argmax(dim=1) == VALIDATION.labels).float().mean().item()
    assert measured["accuracy"] == pytest.approx(right)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    def run(seed):
        torch.manual_seed(seed + 100)  # the caller's own random state must not matter
        net = copy.deepcopy(START)
        history = fit(net, TRAIN, VALIDATION, seed=seed, augment=jitter, **QUICK)
        return weights(net), timeless(history)

    first, again, other = run(1), run(1), run(2)
    assert equal(first[0], again[0])
    assert first[1] == again[1]
    assert not equal(first[0], other[0])


def test_the_callers_random_state_is_left_alone():
    torch.manual_seed(9)
    expected = torch.rand(3)
    net = copy.deepcopy(START)
    torch.manual_seed(9)
    fit(net, TRAIN, augment=jitter, **{**QUICK, "epochs": 1})
    assert torch.equal(torch.rand(3), expected)


def scripted(accuracies: list[float]):
    """An objective whose validation accuracy follows a script, epoch by epoch."""
    epoch = -1

    def objective(net, x, y):
        nonlocal epoch
        if net.training:
            return classification(net, x, y)
        if torch.equal(y, VALIDATION.labels[: len(y)]):
            epoch += 1
        seen.append(weights(net))
        return {"loss": torch.tensor(0.0), "accuracy": torch.tensor(accuracies[epoch])}

    seen: list = []
    return objective, seen


@pytest.mark.parametrize(
    ("accuracies", "patience", "epochs_run", "best"),
    [
        ([0.1, 0.5, 0.4, 0.5, 0.9, 0.9], 2, 4, 2),  # equal is no better
        ([0.1, 0.5, 0.4, 0.6, 0.3, 0.2], 2, 6, 4),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.4], 1, 6, 5),  # ran to its end, yet the best is given back
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 1, 6, 6),
    ],
)
def test_early_stop_gives_the_best_epochs_weights_back(accuracies, patience, epochs_run, best):
    objective, seen = scripted(accuracies)
    net = copy.deepcopy(START)
    options = {**QUICK, "epochs": 6, "batch_size": 100}
    history = fit(net, TRAIN, VALIDATION, objective=objective, early_stop=patience, **options)
    assert len(history) == epochs_run
    assert history.best_epoch == best
    assert equal(weights(net), seen[best - 1])
    assert f"weights of epoch {best}" in repr(history)


def test_without_early_stop_the_last_weights_are_kept():
    objective, seen = scripted([0.9, 0.5, 0.1])
    net = copy.deepcopy(START)
    history = fit(net, TRAIN, VALIDATION, objective=objective, **{**QUICK, "batch_size": 100})
    assert history.best_epoch is None
    assert equal(weights(net), seen[-1])


def test_without_an_accuracy_the_loss_decides():
    history = History([{"epoch": 1, "validation_loss": 2.0}, {"epoch": 2, "validation_loss": 1.0}])
    assert history.score(2) > history.score(1)


def test_at_equal_accuracy_the_loss_decides():
    history = History(
        [{"validation_loss": loss, "validation_accuracy": 1.0} for loss in (2.0, 1.0)]
    )
    assert history.score(2) > history.score(1)


def test_an_objective_of_ones_own_needs_no_labels():
    """Self-supervision in the same loop: its loss and its metrics end up in the history."""
    unlabelled = Split(TRAIN.pixels, torch.full((200,), -1))

    def brightness(net, x, y):
        assert (y == -1).all()
        error = (net(x)[:, 0] - x.mean(dim=(1, 2, 3))).square().mean()
        return {"loss": error, "error": error.sqrt()}

    history = fit(model(), unlabelled, objective=brightness, **QUICK)
    assert set(history.epochs[0]) == {"epoch", "train_loss", "train_error", "seconds"}
    assert history["train_loss"][-1] < history["train_loss"][0]


def test_adversarial_training_is_an_objective():
    from course_utils.attacks import fgsm

    def adversarial(net, x, y):
        return classification(net, fgsm(net, x, y, 0.1), y)

    net = copy.deepcopy(START)
    history = fit(net, TRAIN, VALIDATION, objective=adversarial, **QUICK)
    plain = copy.deepcopy(START)
    fit(plain, TRAIN, VALIDATION, **QUICK)
    robust, fragile = (evaluate(each, VALIDATION, adversarial)["loss"] for each in (net, plain))
    assert robust < fragile
    assert len(history) == 3


def test_the_mean_of_an_epoch_counts_images_not_batches():
    def objective(net, x, y):
        return {"loss": 0 * net(x).sum() + x.mean()}

    history = fit(model(), TRAIN, objective=objective, **{**QUICK, "batch_size": 64})
    assert history["train_loss"][0] == pytest.approx(TRAIN.images.mean().item(), rel=1e-5)


def test_a_batch_that_does_not_fit_gives_the_same_update_in_pieces():
    """Without batch normalisation the gradient of the pieces is that of the whole."""

    def linear():
        torch.manual_seed(0)
        return nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 4))

    def cramped(net, x, y):
        if net.training and len(x) > 16:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return classification(net, x, y)

    whole, pieces = linear(), linear()
    expected = fit(whole, TRAIN, VALIDATION, **QUICK)
    with pytest.warns(UserWarning, match="a batch of 32 does not fit") as told:
        history = fit(pieces, TRAIN, VALIDATION, objective=cramped, **QUICK)
    assert len(told) == 1, "what was learnt in the first batch is kept"
    for name, tensor in pieces.state_dict().items():
        torch.testing.assert_close(tensor, whole.state_dict()[name], atol=1e-5, rtol=1e-4)
    assert history["train_loss"] == pytest.approx(expected["train_loss"], rel=1e-4)


def test_a_loss_that_is_no_number_stops_with_the_remedy():
    def broken(net, x, y):
        return {"loss": net(x).sum() * math.nan}

    with pytest.raises(RuntimeError, match=r"diverged; try a lower learning rate than lr=0\.003"):
        fit(model(), TRAIN, objective=broken, **QUICK)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"lr": 0}, "lr must be a number above 0"),
        ({"lr": math.inf}, "lr must be a number above 0"),
        ({"early_stop": 2}, "early_stop needs validation data"),
        ({"early_stop": 0, "validation": VALIDATION}, "early_stop must be at least 1"),
        ({"train": TRAIN[:0]}, "the number of training images must be at least 1"),
        ({"validation": VALIDATION[:0]}, "the number of validation images must be at least 1"),
        ({"device": "gpu"}, "'gpu' is no device"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(change, says):
    arguments = {"model": model(), "train": TRAIN, **QUICK} | change
    with pytest.raises(ValueError, match=says):
        fit(**arguments)


def test_the_learning_rate_rises_to_its_peak_and_falls_to_zero():
    factors = [one_cycle(i / 100) for i in range(101)]
    assert max(factors) == factors[15] == 1
    assert factors[:16] == sorted(factors[:16])
    assert factors[15:] == sorted(factors[15:], reverse=True)
    assert factors[-1] == pytest.approx(0, abs=1e-12)


def test_the_history_plots_itself_with_labelled_axes():
    history = fit(model(), TRAIN, VALIDATION, early_stop=2, **QUICK)
    figure = history.plot()
    assert [axis.get_ylabel() for axis in figure.axes] == ["loss", "accuracy"]
    for axis in figure.axes:
        assert axis.get_xlabel() == "epoch"
        assert axis.get_title()
        labels = [text.get_text() for text in axis.get_legend().get_texts()]
        assert {"train", "validation"} <= set(labels)
    from matplotlib import pyplot

    assert not pyplot.get_fignums(), "an open figure would be shown a second time"


def test_the_history_names_what_it_has_when_asked_for_something_else():
    history = fit(model(), TRAIN, **QUICK)
    with pytest.raises(KeyError, match="train_loss"):
        history["validation_acuracy"]
    assert repr(history).startswith("<History: 3 epochs; train_loss ")


def test_nothing_is_said_without_progress(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(model(), TRAIN, VALIDATION, **QUICK)
    assert capfd.readouterr() == ("", "")


CONSOLE = """
import sys
sys.modules["ipywidgets"] = None
from course_utils._progress import bar
with bar(3, "working") as shown:
    shown.update(3)
print(type(shown).__module__)
"""

# What tqdm looks at to find out that it is in a notebook.
NOTEBOOK = (
    """
import sys, types
IPython = types.ModuleType("IPython")
IPython.get_ipython = lambda: types.SimpleNamespace(config={"IPKernelApp": True})
sys.modules["IPython"] = IPython
"""
    + CONSOLE
)


@pytest.mark.parametrize("code", [CONSOLE, NOTEBOOK], ids=["console", "notebook"])
def test_the_bar_does_without_widgets_and_never_speaks_on_stderr(code):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.strip() == "tqdm.std"


def test_the_room_offers_what_the_course_uses():
    assert set(training.__all__) >= {"History", "classification", "evaluate", "fit"}
