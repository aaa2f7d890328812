"""Accuracy is counted by image, in eval mode, with the attack that was asked for."""

import pytest
import torch
from torch import nn

from course_utils import robustness
from course_utils.attacks import fgsm, pgd
from course_utils.data.dataset import Split


class Brightest(nn.Module):
    """Says which colour channel is brightest; always right about the images below."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(10.0))
        self.dropout = nn.Dropout(0.9)

    def forward(self, x):
        return self.scale * self.dropout(x.mean(dim=(2, 3)))


def images(n):
    y = torch.arange(n) % 3
    x = torch.full((n, 3, 4, 4), 0.4)
    x[torch.arange(n), y] += 0.1
    return x, y


def test_images_count_not_batches():
    x, y = images(10)
    wrong = (y + 1) % 3
    batches = [(x[:9], y[:9]), (x[9:], wrong[9:])]
    assert robustness.accuracy(Brightest(), batches) == 0.9


def test_the_model_is_in_eval_mode_while_measured_and_as_before_afterwards():
    model = Brightest().train()
    assert robustness.accuracy(model, [images(30)]) == 1.0  # with dropout it would not be
    assert model.training
    assert model.dropout.training


def test_the_attack_decides_how_much_is_left():
    model, data = Brightest(), [images(9), images(4)]
    weak = robustness.accuracy(model, data, lambda m, x, y: fgsm(m, x, y, 0.01))
    strong = robustness.accuracy(model, data, lambda m, x, y: pgd(m, x, y, 0.1, steps=5))
    assert (weak, strong) == (1.0, 0.0)
    assert model.scale.grad is None


def test_the_attack_is_called_with_the_model_the_images_and_the_labels():
    x, y = images(5)
    seen = []
    model = Brightest()
    robustness.accuracy(model, [(x, y)], lambda *given: seen.append(given) or given[1])
    assert seen[0][0] is model
    assert torch.equal(seen[0][1], x)
    assert torch.equal(seen[0][2], y)


def test_a_splits_batches_will_do():
    x, y = images(7)
    split = Split((255 * x).byte(), y)
    result = robustness.accuracy(Brightest(), split.batches(3))
    assert isinstance(result, float)
    assert result == 1.0


def test_a_batch_that_does_not_fit_is_halved():
    def cramped(model, x, y):
        if len(x) > 5:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return x

    with pytest.warns(UserWarning, match="in pieces of 5"):
        assert robustness.accuracy(Brightest(), [images(10)], cramped) == 1.0


def test_no_images_is_said():
    with pytest.raises(ValueError, match="no images"):
        robustness.accuracy(Brightest(), iter(()))
