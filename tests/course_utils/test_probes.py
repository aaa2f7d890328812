"""The probes: features as they are, few labels fairly drawn, and numbers that outside oracles confirm."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from course_utils.data import Split
from course_utils.models import Encoder
from course_utils.selfsup import (
    extract_features,
    few_labels,
    fine_tune,
    fit_linear,
    knn_accuracy,
    linear_probe,
)
from course_utils.training import evaluate


def split_of(n=60, classes=3, size=8, seed=0):
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(256, (n, 3, size, size), dtype=torch.uint8, generator=generator)
    return Split(pixels, torch.arange(n) % classes, {"number": torch.arange(n)})


def clouds(n=90, dim=6, classes=3, seed=0):
    """Features in overlapping clouds, each feature with another scale and place, and their labels."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % classes
    centres = torch.randn(classes, dim, generator=torch.Generator().manual_seed(99))
    features = centres[labels] + torch.randn(n, dim, generator=generator)
    scale = torch.logspace(-2, 2, dim)
    return features * scale + 10 * scale, labels


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return Encoder(width=4)


# --- features


def test_features_come_in_the_order_of_the_pictures_whatever_the_batches(encoder):
    split = split_of(23)
    features, labels = extract_features(encoder, split.batches(5))
    encoder.eval()
    with torch.no_grad():
        assert torch.allclose(features, encoder(split.images), atol=1e-6)
    assert torch.equal(labels, split.labels)


def test_features_have_no_graph_and_the_encoder_keeps_flags_statistics_and_gradients(encoder):
    encoder.train()
    encoder.stages[2].eval()
    encoder.stages[0][0].weight.requires_grad_(False)
    encoder.stages[1][0].weight.grad = torch.ones_like(encoder.stages[1][0].weight)
    flags = [module.training for module in encoder.modules()]
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    features, _ = extract_features(encoder, split_of().batches(16))
    assert not features.requires_grad
    assert flags == [module.training for module in encoder.modules()]
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    assert encoder.stages[1][0].weight.grad.eq(1).all()
    assert encoder.stages[0][0].weight.grad is None


def test_the_flags_come_back_after_an_error_too(encoder):
    encoder.train()
    with pytest.raises(RuntimeError):
        extract_features(encoder, [(torch.rand(2, 2, 8, 8), torch.zeros(2).long())])
    assert all(module.training for module in encoder.modules())


def test_no_pictures_are_told_with_what_may_have_happened(encoder):
    with pytest.raises(ValueError, match="used up"):
        extract_features(encoder, [])


# --- few labels


@given(per_class=st.integers(1, 20), seed=st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_a_draw_has_as_many_of_each_class_and_pictures_of_the_split_with_their_labels(
    per_class, seed
):
    split = split_of(60, 3)
    drawn = few_labels(split, per_class, seed)
    assert drawn.labels.bincount().tolist() == [per_class] * 3
    numbers = drawn.attributes["number"]
    assert len(numbers.unique()) == 3 * per_class
    assert torch.equal(drawn.pixels, split.pixels[numbers])


def test_a_larger_draw_holds_the_smaller_one_and_another_seed_draws_others():
    split = split_of(60, 3)
    few, more, other = (few_labels(split, *which) for which in ((5, 1), (10, 1), (5, 2)))
    numbers = [set(drawn.attributes["number"].tolist()) for drawn in (few, more, other)]
    assert numbers[0] < numbers[1]
    assert numbers[0] != numbers[2]


def test_all_labels_are_all_that_have_one():
    split = split_of(60, 3)
    split.labels[:4] = -1
    assert few_labels(split, None, 0).attributes["number"].tolist() == list(range(4, 60))
    assert few_labels(split, 5, 0).labels.min() == 0


def test_too_many_or_no_labels_are_refused_with_the_number_there_is():
    with pytest.raises(ValueError, match="only 20 pictures"):
        few_labels(split_of(60, 3), 21, 0)
    with pytest.raises(ValueError, match="at least 1"):
        few_labels(split_of(60, 3), 0, 0)


# --- linear probe


@pytest.mark.parametrize("C", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_linear_probe_is_scikit_learn_s_pipeline(C, classes):
    train, test = clouds(90, classes=classes, seed=1), clouds(300, classes=classes, seed=2)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000))
    pipeline.fit(train[0].double().numpy(), train[1].numpy())
    expected = pipeline.score(test[0].double().numpy(), test[1].numpy())
    assert 1 / classes < expected < 1
    assert linear_probe(*train, *test, C=C) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_layer_says_what_the_regression_says_with_the_same_probabilities(classes):
    train, test = clouds(90, classes=classes, seed=1), clouds(300, classes=classes, seed=2)
    head = fit_linear(*train, C=0.5)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.5, max_iter=1000))
    pipeline.fit(train[0].double().numpy(), train[1].numpy())
    with torch.no_grad():
        probabilities = head(test[0]).softmax(dim=1)
    np.testing.assert_allclose(
        probabilities, pipeline.predict_proba(test[0].double().numpy()), atol=1e-4
    )
    said = (probabilities.argmax(dim=1) == test[1]).double().mean().item()
    assert said == pytest.approx(linear_probe(*train, *test, C=0.5), abs=1e-9)


def test_the_test_features_have_no_say_in_their_own_standardisation():
    train, (features, labels) = clouds(seed=1), clouds(12, seed=2)
    whole = linear_probe(*train, features, labels)
    one_by_one = [linear_probe(*train, features[i : i + 1], labels[i : i + 1]) for i in range(12)]
    assert sum(one_by_one) / 12 == pytest.approx(whole)


@given(seed=st.integers(0, 20))
@settings(max_examples=10, deadline=None)
def test_units_and_offsets_of_the_features_do_not_matter(seed):
    train, test = clouds(seed=1), clouds(60, seed=2)
    generator = torch.Generator().manual_seed(seed)
    scale, shift = 0.1 + torch.rand(6, generator=generator), torch.randn(6, generator=generator)
    rescaled = linear_probe(train[0] * scale + shift, train[1], test[0] * scale + shift, test[1])
    assert rescaled == pytest.approx(linear_probe(*train, *test), abs=0.02)


def test_a_feature_that_never_changes_does_no_harm():
    train, test = clouds(seed=1), clouds(60, seed=2)
    constant = [torch.cat([f, torch.full((len(f), 1), 0.3)], dim=1) for f in (train[0], test[0])]
    dead = [torch.cat([f, torch.zeros(len(f), 1)], dim=1) for f in (train[0], test[0])]
    expected = linear_probe(*train, *test)
    for wide_train, wide_test in (constant, dead):
        assert linear_probe(wide_train, train[1], wide_test, test[1]) == expected
        assert torch.isfinite(fit_linear(wide_train, train[1]).weight).all()


def test_features_and_labels_are_left_as_they_were():
    train, test = clouds(seed=1), clouds(60, seed=2)
    before = [tensor.clone() for tensor in (*train, *test)]
    linear_probe(*train, *test)
    knn_accuracy(*train, *test, k=3)
    fit_linear(*train)
    assert all(torch.equal(a, b) for a, b in zip(before, (*train, *test), strict=True))


def test_a_head_needs_every_class_and_features_of_one_length():
    features, labels = clouds()
    with pytest.raises(ValueError, match="2 classes of 3"):
        fit_linear(features[labels != 1], labels[labels != 1])
    with pytest.raises(ValueError, match="use one encoder"):
        linear_probe(features, labels, features[:, :4], labels)
    with pytest.raises(ValueError, match=r"must be \(N, D\)"):
        linear_probe(features, labels[:-1], features, labels)


# --- nearest neighbours


def knn_by_loops(train, y, test, truth, k):
    """float64, one picture at a time; the tie rule spelt out."""
    train, test = train.double().numpy(), test.double().numpy()

    def unit(v):
        return v / max(np.linalg.norm(v), 1e-12)

    right = 0
    for query, label in zip(test, truth.tolist(), strict=True):
        similarity = np.array([unit(query) @ unit(row) for row in train])
        near = np.argsort(-similarity, kind="stable")[:k]
        tally = {}
        for i in near:
            votes, summed = tally.get(int(y[i]), (0, 0.0))
            tally[int(y[i])] = (votes + 1, summed + similarity[i])
        right += max(tally, key=tally.get) == label
    return right / len(test)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 6, 10, 90])
def test_knn_agrees_with_loops_in_float64(k):
    (train, y), (test, truth) = clouds(90, seed=1), clouds(200, seed=2)
    train, test = train - train.mean(dim=0), test - train.mean(dim=0)
    expected = knn_by_loops(train, y, test, truth, k)
    assert knn_accuracy(train, y, test, truth, k) == pytest.approx(expected, abs=1e-9)


def test_the_majority_beats_a_nearer_neighbour():
    train = torch.tensor([[1.0, 0.0], [1.0, 0.3], [1.0, -0.3]])
    query, labels = torch.tensor([[1.0, 0.0]]), torch.tensor([0, 1, 1])
    assert knn_accuracy(train, labels, query, torch.tensor([1]), k=3) == 1.0


def test_equally_many_votes_go_to_the_larger_summed_similarity():
    # Class 1 has the nearest picture and the fourth, class 0 the second and the third: 0's sum is larger.
    train = torch.tensor([[1.0, 0.1], [1.0, 0.2], [1.0, 0.0], [1.0, 3.0]])
    labels, query = torch.tensor([0, 0, 1, 1]), torch.tensor([[1.0, 0.0]])
    assert knn_accuracy(train, labels, query, torch.tensor([0]), k=4) == 1.0
    assert knn_accuracy(train, labels, query, torch.tensor([1]), k=1) == 1.0


def test_knn_looks_at_directions_not_lengths():
    (train, y), (test, truth) = clouds(90, seed=1), clouds(60, seed=2)
    lengths = torch.rand(90, 1, generator=torch.Generator().manual_seed(0)) + 0.1
    before = knn_accuracy(train, y, test, truth, k=5)
    assert knn_accuracy(train * lengths, y, 7 * test, truth, k=5) == before


def test_zero_features_make_no_nan_and_half_precision_is_taken():
    train, y = torch.zeros(4, 3), torch.tensor([0, 1, 0, 1])
    assert 0 <= knn_accuracy(train, y, torch.zeros(2, 3), torch.tensor([0, 1]), k=2) <= 1
    (train, y), (test, truth) = clouds(90, seed=1), clouds(60, seed=2)
    scores = [
        knn_accuracy(train.to(t), y, test.to(t), truth, k=5) for t in (torch.float32, torch.float16)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=0.05)


@pytest.mark.parametrize("k", [0, 91])
def test_k_out_of_range_is_told_with_the_range(k):
    with pytest.raises(ValueError, match="from 1 to the 90"):
        knn_accuracy(*clouds(90), *clouds(10), k=k)


# --- fine-tuning


def learnable(n=60, seed=0):
    """Dark and bright pictures: two classes that a small network learns at once."""
    split = split_of(n, 2, seed=seed)
    return Split(split.pixels // 2 + 127 * split.labels.byte().view(-1, 1, 1, 1), split.labels)


def test_fine_tuning_learns_in_a_copy_and_leaves_the_encoder_alone(encoder):
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    model = fine_tune(encoder, learnable(), updates=30, batch_size=20, lr=1e-2)
    assert evaluate(model, learnable(seed=1))["accuracy"] > 0.95
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    assert encoder.training
    assert not model.training
    assert not torch.equal(model.encoder.stages[0][0].weight, encoder.stages[0][0].weight)


def test_a_frozen_encoder_learns_too_and_stays_frozen(encoder):
    encoder.requires_grad_(False)
    model = fine_tune(encoder, learnable(), updates=2, batch_size=30)
    assert all(weight.requires_grad for weight in model.parameters())
    assert not any(weight.requires_grad for weight in encoder.parameters())


def test_fine_tuning_starts_from_the_given_head_and_leaves_it_alone(encoder):
    head = nn.Linear(16, 2)
    before = head.weight.clone()
    model = fine_tune(encoder, learnable(), updates=1, batch_size=60, lr=1e-9, head=head)
    torch.testing.assert_close(model.head.weight, before, atol=1e-6, rtol=0)
    assert torch.equal(head.weight, before)


def test_the_same_seed_fine_tunes_the_same_and_leaves_the_random_state_alone(encoder):
    state = torch.get_rng_state()
    heads = [
        fine_tune(encoder, learnable(), updates=4, batch_size=20, seed=seed).head.weight
        for seed in (3, 3, 4)
    ]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])
    assert torch.equal(torch.get_rng_state(), state)


def test_of_several_rates_the_one_best_on_validation_pictures_is_kept(encoder):
    chosen = fine_tune(
        encoder, learnable(), learnable(seed=1), updates=20, batch_size=20, lr=(1e-9, 1e-2)
    )
    alone = fine_tune(encoder, learnable(), updates=20, batch_size=20, lr=1e-2)
    assert torch.equal(chosen.head.weight, alone.head.weight)
    with pytest.raises(ValueError, match="validation pictures to choose by"):
        fine_tune(encoder, learnable(), lr=(1e-3, 1e-2))


def test_the_number_of_updates_is_that_asked_for_in_whole_epochs(encoder):
    seen = []

    def count(x):
        seen.append(len(x))
        return x

    fine_tune(encoder, learnable(60), updates=7, batch_size=20, augment=count)
    assert seen == [20] * 6  # 3 an epoch: 6 is nearest to 7
