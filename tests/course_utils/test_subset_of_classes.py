"""A network held to some of its classes, and what it answers to a whole test set."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils import models, robustness
from course_utils.attacks import pgd
from course_utils.data.dataset import Split


class Linear(nn.Module):
    """A small network of 10 classes."""

    def __init__(self, seed=0):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.weight = nn.Parameter(torch.randn(48, 10, generator=generator))
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.dropout(x.flatten(1)) @ self.weight


def images(n, seed=1):
    return torch.rand(n, 3, 4, 4, generator=torch.Generator().manual_seed(seed))


some_classes = st.lists(st.integers(0, 9), min_size=1, max_size=10, unique=True)


@given(indices=some_classes)
def test_its_logits_are_the_networks_own_in_the_order_asked_for(indices):
    network = Linear().eval()
    x = images(4)
    assert torch.equal(models.Subset(network, indices)(x), network(x)[:, indices])


@given(indices=some_classes, seed=st.integers(0, 9))
def test_fewer_classes_to_choose_from_never_make_a_right_answer_wrong(indices, seed):
    network, x = Linear(seed).eval(), images(40)
    place = torch.randint(len(indices), (40,), generator=torch.Generator().manual_seed(seed))
    of_all = robustness.accuracy(network, [(x, torch.tensor(indices)[place])])
    of_some = robustness.accuracy(models.Subset(network, indices), [(x, place)])
    assert of_some >= of_all


@pytest.mark.parametrize("indices", [[], [1, 1], [-1, 3]])
def test_indices_that_cannot_be_are_named(indices):
    with pytest.raises(ValueError, match="indices = "):
        models.Subset(Linear(), indices)


def test_it_is_a_model_like_every_other():
    """Modes, devices and attacks reach the network inside; its weights are the network's."""
    network = Linear().eval()
    subset = models.Subset(network, [3, 7])
    assert not subset.training
    assert set(subset.state_dict()) == {"network.weight"}
    x, y = images(20), torch.zeros(20, dtype=torch.long)
    fooled = pgd(subset, x, y, 0.3, steps=5)
    with torch.no_grad():
        margin = (subset(x)[:, 0] - subset(x)[:, 1], subset(fooled)[:, 0] - subset(fooled)[:, 1])
    assert (margin[1] < margin[0]).all()
    assert network.weight.grad is None


# ---- answers ---------------------------------------------------------------------------------


def told(n=30):
    network, x = Linear(), images(n)
    y = torch.arange(n) % 10
    return network, x, y, robustness.answers(network, [(x[:7], y[:7]), (x[7:], y[7:])])


def test_answers_agree_with_the_softmax_picture_by_picture():
    network, x, y, answers = told()
    confidence, said = network.eval()(x).softmax(dim=1).max(dim=1)
    assert torch.equal(answers.truth, y)
    assert torch.equal(answers.said, said)
    torch.testing.assert_close(answers.confidence, confidence.detach())


def test_answers_count_as_accuracy_does():
    network, x, y, answers = told()
    assert answers.accuracy == robustness.accuracy(network, [(x, y)])


def test_the_model_is_in_eval_mode_while_asked_and_as_before_afterwards():
    network = Linear().train()
    x = images(30)
    first, second = (robustness.answers(network, [(x, torch.zeros(30).long())]) for _ in range(2))
    assert torch.equal(first.confidence, second.confidence)  # with dropout it would not be
    assert network.training
    assert network.dropout.training


def test_mistakes_come_surest_first_and_are_all_there_is():
    *_, answers = told()
    mistakes = answers.mistakes
    sure = answers.confidence[mistakes]
    assert (sure[:-1] >= sure[1:]).all()
    assert sorted(mistakes.tolist()) == (answers.said != answers.truth).nonzero()[:, 0].tolist()


def test_captions_name_truth_answer_and_confidence():
    answers = robustness.Answers(
        torch.tensor([0, 1]), torch.tensor([1, 1]), torch.tensor([0.994, 0.5])
    )
    assert answers.captions(answers.mistakes, ["dragonfly", "manhole cover"]) == [
        "dragonfly\ncalled manhole cover (99%)"
    ]


def test_a_batch_that_does_not_fit_is_halved():
    class Cramped(Linear):
        def forward(self, x):
            if len(x) > 5:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory")
            return super().forward(x)

    x, y = images(10), torch.arange(10)
    with pytest.warns(UserWarning, match="in pieces of 5"):
        answers = robustness.answers(Cramped(), [(x, y)])
    assert torch.equal(answers.said, robustness.answers(Linear(), [(x, y)]).said)


def test_a_splits_batches_and_a_plain_function_will_do():
    split = Split((255 * images(7)).byte(), torch.arange(7))
    weight = Linear().weight.detach()
    answers = robustness.answers(lambda x: x.flatten(1) @ weight, split.batches(3))
    assert torch.equal(answers.said, robustness.answers(Linear(), split.batches(7)).said)


def test_no_pictures_have_no_accuracy():
    answers = robustness.answers(Linear(), iter(()))
    assert len(answers.mistakes) == 0
    with pytest.raises(ValueError, match="no images"):
        _ = answers.accuracy
