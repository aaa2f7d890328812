"""Rotation: exact turns, labels that fit them, an objective that `fit` descends, and a detector that leaves no trace."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data import Split
from course_utils.models import Classifier, Encoder
from course_utils.selfsup.rotation import rotate_batch, rotation, rotation_task, upside_down
from course_utils.training import evaluate, fit

turns_of_some = st.lists(st.integers(-5, 9), min_size=1, max_size=5)


def some(n: int, size: int = 6, seed: int = 0) -> torch.Tensor:
    return torch.rand(n, 3, size, size, generator=torch.Generator().manual_seed(seed))


@given(turns_of_some, st.integers(1, 7))
def test_each_picture_is_turned_as_numpy_turns_it(turns, size):
    x = some(len(turns), size)
    turned = rotate_batch(x, torch.tensor(turns))
    for picture, before, k in zip(turned, x, turns, strict=True):
        assert np.array_equal(picture.numpy(), np.rot90(before.numpy(), k, axes=(1, 2)))


@given(turns_of_some)
def test_turning_back_gives_the_pictures_back_to_the_last_bit(turns):
    x, k = some(len(turns)), torch.tensor(turns)
    assert torch.equal(rotate_batch(rotate_batch(x, k), -k), x)


def test_one_turn_is_counter_clockwise():
    x = torch.zeros(1, 1, 3, 3)
    x[0, 0, 0, 2] = 1  # in the top right corner
    assert rotate_batch(x, torch.tensor([1]))[0, 0, 0, 0] == 1  # now in the top left one


def test_the_pictures_that_are_given_are_not_written_into():
    x = some(4)
    before = x.clone()
    turned = rotate_batch(x, torch.tensor([0, 1, 2, 3]))
    turned.zero_()
    task, _ = rotation_task(x)
    task.zero_()
    assert torch.equal(x, before)


def test_dtype_and_graph_are_as_the_labs_say():
    x = some(2).double().requires_grad_()
    assert rotate_batch(x, torch.tensor([0, 3])).dtype == torch.float64
    assert not rotate_batch(x, torch.tensor([0, 3])).requires_grad
    assert not rotation_task(x)[0].requires_grad


@pytest.mark.parametrize("call", [lambda x: rotate_batch(x, torch.tensor([1])), rotation_task])
def test_what_is_not_square_is_refused_with_a_remedy(call):
    with pytest.raises(ValueError, match=r"square.*\(1, 3, 4, 6\).*crop"):
        call(torch.rand(1, 3, 4, 6))


@pytest.mark.parametrize("k", [torch.tensor([1]), torch.tensor([0.0, 1.0]), torch.tensor(1)])
def test_turns_that_do_not_fit_the_pictures_are_refused(k):
    with pytest.raises(ValueError, match="a whole number for each of the 2 pictures"):
        rotate_batch(some(2), k)


@given(st.integers(1, 4))
def test_the_task_is_all_pictures_at_each_turn_in_order(n):
    x = some(n)
    turned, labels = rotation_task(x)
    assert labels.dtype == torch.int64
    assert labels.tolist() == [k for k in range(4) for _ in range(n)]
    assert torch.equal(turned, rotate_batch(x.repeat(4, 1, 1, 1), labels))


class ByCorner(torch.nn.Module):
    """Sees which corner of a picture is the brightest: top left, bottom left, bottom right, top right."""

    def __init__(self) -> None:
        super().__init__()
        self.flags: list[bool] = []
        self.scale = torch.nn.Parameter(torch.tensor(50.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.flags.append(self.training)
        corners = x.mean(dim=1)[:, [0, -1, -1, 0], [0, 0, -1, -1]]  # counter-clockwise
        return self.scale * corners


def bright_corner(n: int) -> torch.Tensor:
    x = torch.zeros(n, 3, 4, 4)
    x[:, :, 0, 0] = 1
    return x


def test_a_network_that_knows_gets_the_task_right_whatever_the_labels_are():
    network, x = ByCorner(), bright_corner(3)
    for y in (torch.zeros(3, dtype=torch.long), torch.full((3,), -1)):
        metrics = rotation(network, x, y)
        assert metrics["accuracy"] == 1
        assert metrics["loss"] < 1e-6


def test_the_loss_is_the_mean_cross_entropy_over_all_four_positions():
    network, x = Classifier(Encoder(4), 4).eval(), some(3, 16)
    with torch.no_grad():
        says = torch.stack([network(x.rot90(k, (2, 3))) for k in range(4)])  # (4, N, 4)
    by_hand = -np.mean(
        [says.double().log_softmax(2)[k, i, k].item() for k in range(4) for i in range(3)]
    )
    assert rotation(network, x, torch.zeros(3))["loss"].item() == pytest.approx(by_hand, abs=1e-6)


def test_fit_learns_which_way_is_up_from_pictures_without_labels():
    noise = torch.Generator().manual_seed(0)
    x = torch.rand(96, 3, 16, 16, generator=noise) * 100
    x[:, :, :5] += 155  # light from above
    split = Split(x.to(torch.uint8), torch.full((96,), -1))
    torch.manual_seed(0)
    network = Classifier(Encoder(8), 4)
    before = evaluate(network, split, rotation)["accuracy"]
    fit(network, split, epochs=8, batch_size=16, objective=rotation, device="cpu", progress=False)
    assert before < 0.5
    assert evaluate(network, split, rotation)["accuracy"] > 0.95


def test_the_detector_compares_standing_up_with_standing_on_its_head_and_nothing_else():
    logits = torch.tensor([[3.0, 9, 1, 9], [1.0, 9, 3, 9], [2.0, 0, 2, 0]])
    answer = upside_down(lambda x: logits, some(3))  # a function has no modes to restore
    assert answer.dtype == torch.bool
    assert answer.tolist() == [False, True, False]


def test_the_detector_leaves_the_network_as_it_was():
    network = ByCorner().train()
    x = bright_corner(2)
    assert upside_down(network, x).tolist() == [False, False]
    assert upside_down(network, x.flip(2, 3)).tolist() == [True, True]
    assert network.flags == [False, False]
    assert network.training
    assert network.scale.grad is None
