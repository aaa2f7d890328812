"""The matcher: whom it knows, how it scores, and where a verifier draws its line."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils.models import Encoder, Matcher, equal_error_rate


class Flat(nn.Module):
    """Its embedding is the picture itself."""

    def forward(self, x):
        return x.flatten(1) - 0.5


def pictures(n, seed=0):
    return torch.rand(n, 3, 4, 4, generator=torch.Generator().manual_seed(seed))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.1, 50), length=st.floats(0.01, 100))
def test_logits_are_scaled_cosines_whatever_the_lengths(seed, scale, length):
    x, gallery = pictures(3, seed), Flat()(pictures(5, seed + 1))
    logits = Matcher(Flat(), length * gallery, scale)(x)
    expected = scale * F.cosine_similarity(Flat()(x)[:, None], gallery[None], dim=2)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)


def test_enrolment_takes_the_mean_direction_of_a_persons_pictures():
    x = pictures(4)
    matcher = Matcher.enrol(Flat(), x, torch.tensor([1, 0, 1, 1]))
    each = F.normalize(Flat()(x), dim=1)
    expected = F.normalize(torch.stack([each[1], each[0] + each[2] + each[3]]), dim=1)
    torch.testing.assert_close(matcher.gallery, expected)
    assert matcher(x).argmax(dim=1)[1] == 0


def test_one_picture_each_is_found_again_with_similarity_one():
    x = pictures(6)
    similarity = Matcher.enrol(Flat(), x, torch.arange(6)).similarity(x)
    torch.testing.assert_close(similarity.diag(), torch.ones(6))
    assert torch.equal(similarity.argmax(dim=1), torch.arange(6))


def test_an_attack_gets_a_gradient_and_enrolment_leaves_no_trace():
    encoder = Encoder(width=4).train()
    x = torch.rand(4, 3, 16, 16)
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    matcher = Matcher.enrol(encoder, x, torch.arange(4))
    assert all(torch.equal(before[k], v) for k, v in encoder.state_dict().items())
    assert not matcher.training
    x.requires_grad_()
    matcher(x)[:, 0].sum().backward()
    assert (x.grad.flatten(1).abs().amax(dim=1) > 0).all()
    assert not matcher.gallery.requires_grad


def test_a_matcher_is_handed_out_in_eval_mode():
    encoder = nn.Sequential(Encoder(width=4).train())
    Matcher.enrol(encoder, torch.rand(2, 3, 16, 16), torch.arange(2))
    assert not any(module.training for module in encoder.modules())


@pytest.mark.parametrize(
    ("labels", "says"), [([0, 1, 2], "N = 4"), ([0, 1, 3, 3], "no picture of \\[2\\]")]
)
def test_enrolment_refuses_labels_that_cannot_be_meant(labels, says):
    with pytest.raises(ValueError, match=says):
        Matcher.enrol(Flat(), pictures(4), torch.tensor(labels))


def test_a_gallery_of_nobody_is_refused():
    with pytest.raises(ValueError, match="gallery must be"):
        Matcher(Flat(), torch.zeros(0, 48))


def test_the_equal_error_rate_of_perfect_and_of_useless_scores():
    error, threshold = equal_error_rate(torch.tensor([0.75, 0.9]), torch.tensor([0.1, 0.25]))
    assert error == 0
    assert 0.25 < threshold <= 0.75
    scores = torch.rand(4000, generator=torch.Generator().manual_seed(0))
    assert abs(equal_error_rate(scores[:2000], scores[2000:])[0] - 0.5) < 0.03


@settings(deadline=None, max_examples=30)
@given(
    same=st.lists(st.integers(0, 20), min_size=1, max_size=15),
    different=st.lists(st.integers(0, 20), min_size=1, max_size=15),
)
def test_the_equal_error_rate_against_counting(same, different):
    error, threshold = equal_error_rate(torch.tensor(same), torch.tensor(different))

    def errors(t):
        return (
            sum(s < t for s in same) / len(same),
            sum(d >= t for d in different) / len(different),
        )

    gaps = [abs(a - b) for a, b in (errors(s) for s in {*same, *different})]
    locked_out, let_in = errors(threshold)
    assert abs(abs(locked_out - let_in) - min(gaps)) < 1e-6
    assert abs(error - (locked_out + let_in) / 2) < 1e-6


def test_the_equal_error_rate_of_normal_scores_is_the_textbooks():
    """Two normal distributions d apart have it at Phi(-d / 2)."""
    generator = torch.Generator().manual_seed(0)
    same, different = torch.randn(2, 40_000, generator=generator)
    error, threshold = equal_error_rate(same + 2, different)
    assert abs(error - 0.1587) < 0.005
    assert abs(threshold - 1) < 0.03


def test_the_equal_error_rate_needs_pairs_of_both_kinds():
    with pytest.raises(ValueError, match="0 same"):
        equal_error_rate(torch.zeros(0), torch.zeros(3))


def test_with_a_threshold_whoever_resembles_no_one_is_nobody():
    x = pictures(3)
    matcher = Matcher.enrol(Flat(), x, torch.arange(3), scale=2.0, threshold=0.9)
    stranger = 1 - x[:1]  # its embedding is the opposite of person 0's, and far from the others'
    logits = matcher(torch.cat([x, stranger]))
    assert logits.argmax(dim=1).tolist() == [0, 1, 2, 3]
    torch.testing.assert_close(logits[:, 3], torch.full((4,), 1.8))
