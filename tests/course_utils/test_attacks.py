"""What an attack promises: its ball, its images, its strength, and a model left as it was found."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import attacks
from course_utils.attacks import (
    L2,
    Linf,
    eot_gradient,
    fgsm,
    fgsm_targeted,
    input_gradient,
    masked_pgd,
    pgd,
    square_attack,
)
from tests.course_utils.small_attacks import in_mixed_states, same, small_model, state

NORMS = {"Linf": Linf(), "L2": L2()}
RADIUS = {"Linf": 8 / 255, "L2": 1.0}


@pytest.fixture
def model():
    return small_model()


@pytest.fixture
def images():
    return torch.rand(7, 3, 12, 12, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def labels():
    return torch.tensor([0, 1, 2, 3, 4, 0, 1])


ATTACKS = {
    "input_gradient": lambda m, x, y: input_gradient(m, x, y),
    "fgsm": lambda m, x, y: fgsm(m, x, y, 8 / 255),
    "fgsm_targeted": lambda m, x, y: fgsm_targeted(m, x, y, 8 / 255),
    "pgd": lambda m, x, y: pgd(m, x, y, 8 / 255, steps=3, restarts=2),
    "pgd_l2": lambda m, x, y: pgd(m, x, y, 1.0, norm=L2(), steps=3, targeted=True),
    "eot_gradient": lambda m, x, y: eot_gradient(m, x, y, [lambda x: x.flip(3), lambda x: x / 2]),
    "masked_pgd": lambda m, x, y: masked_pgd(m, x, y, torch.ones(1, 12, 12), steps=3),
    "square_attack": lambda m, x, y: square_attack(m, x, y, 0.1, queries=8),
}
every_attack = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())


def test_the_input_gradient_is_that_of_the_summed_loss(model, images, labels):
    model.eval()
    x = images.clone().requires_grad_()
    F.cross_entropy(model(x), labels, reduction="sum").backward()
    torch.testing.assert_close(input_gradient(model, images, labels), x.grad)


def test_the_input_gradient_agrees_with_finite_differences(model, images, labels):
    model.eval().double()
    x = images.double()
    gradient = input_gradient(model, x, labels)
    direction = torch.randn_like(x)
    up, down = (
        F.cross_entropy(model(x + h * direction), labels, reduction="sum") for h in (1e-6, -1e-6)
    )
    assert (gradient * direction).sum().item() == pytest.approx((up - down).item() / 2e-6, rel=1e-4)


@pytest.mark.parametrize("name", ["input_gradient", "fgsm", "fgsm_targeted"])
def test_an_images_result_does_not_depend_on_its_batch(model, images, labels, name):
    attack = ATTACKS[name]
    together = attack(model, images, labels)
    alone = torch.cat([attack(model, images[i : i + 1], labels[i : i + 1]) for i in range(7)])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=1e-4)


@settings(deadline=None, max_examples=25)
@given(
    eps=st.floats(0, 1),
    steps=st.integers(0, 4),
    norm=st.sampled_from(["Linf", "L2"]),
    random_start=st.booleans(),
    targeted=st.booleans(),
    size=st.integers(7, 16),
)
def test_pgd_stays_in_the_ball_and_in_0_1_for_any_eps(
    eps, steps, norm, random_start, targeted, size
):
    x = torch.rand(3, 3, size, size).round(decimals=1)  # some pixels exactly 0 and 1
    x_adv = pgd(
        small_model(), x, torch.tensor([0, 1, 2]), eps,
        norm=NORMS[norm], steps=steps, random_start=random_start, targeted=targeted,
    )  # fmt: skip
    assert (NORMS[norm].size(x_adv - x) <= eps * (1 + 1e-5) + 1e-6).all()
    assert x_adv.min() >= 0
    assert x_adv.max() <= 1


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_no_steps_and_no_random_start_return_the_images(model, images, labels, norm):
    x_adv = pgd(model, images, labels, 0.1, norm=NORMS[norm], steps=0, random_start=False)
    assert torch.equal(x_adv, images)
    assert x_adv.data_ptr() != images.data_ptr()


@every_attack
def test_results_are_detached_and_of_the_inputs_dtype(model, images, labels, attack):
    for dtype in (torch.float32, torch.float64):
        result = attack(model.to(dtype), images.to(dtype), labels)
        assert result.dtype == dtype
        assert not result.requires_grad
        assert result.shape == images.shape


@every_attack
def test_inputs_are_never_written_to(model, images, labels, attack):
    x, y = images.clone(), labels.clone()
    attack(model, x, y)
    assert torch.equal(x, images)
    assert torch.equal(y, labels)
    assert x.grad is None
    assert not x.requires_grad


@every_attack
def test_the_model_is_left_as_it_was_found(model, images, labels, attack):
    before = state(in_mixed_states(model))
    attack(model, images, labels)
    assert same(before, state(model))


@every_attack
def test_the_model_is_left_as_it_was_found_when_its_forward_fails(model, images, labels, attack):
    def fail(module, args):
        raise RuntimeError("no memory")

    in_mixed_states(model)[6].register_forward_pre_hook(fail)
    before = state(model)
    with pytest.raises(RuntimeError, match="no memory"):
        attack(model, images, labels)
    assert same(before, state(model))


@every_attack
def test_dropout_and_batch_statistics_are_off_while_working(model, images, labels, attack):
    torch.manual_seed(3)
    while_training = attack(model.train(), images, labels)
    torch.manual_seed(3)
    assert torch.equal(while_training, attack(model.eval(), images, labels))


@every_attack
def test_attacks_work_where_gradients_are_switched_off(model, images, labels, attack):
    torch.manual_seed(3)
    expected = attack(model, images, labels)
    for off in (torch.no_grad, torch.inference_mode):
        torch.manual_seed(3)
        with off():
            assert torch.equal(attack(model, images.clone(), labels.clone()), expected)


def test_a_plain_function_can_be_attacked(model, images, labels):
    model.eval()
    assert torch.equal(
        fgsm(lambda x: model(x), images, labels, 0.1), fgsm(model, images, labels, 0.1)
    )


def mean_loss(model, x, y) -> float:
    with torch.no_grad():
        return F.cross_entropy(model.eval()(x), y).item()


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_more_effort_does_more_harm(model, images, labels, norm):
    eps, norm = RADIUS[norm], NORMS[norm]
    losses = [
        mean_loss(model, x, labels)
        for x in (
            images,
            fgsm(model, images, labels, eps, norm=norm),
            pgd(model, images, labels, eps, norm=norm, random_start=False),
        )
    ]
    assert losses == sorted(losses)
    assert losses[2] > losses[0]


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_targeted_attacks_go_toward_the_target(model, images, labels, norm):
    target = (labels + 1) % 5
    eps, norm = 10 * RADIUS[norm], NORMS[norm]
    start = mean_loss(model, images, target)
    assert (
        mean_loss(model, fgsm_targeted(model, images, target, eps / 10, norm=norm), target) < start
    )
    x_adv = pgd(model, images, target, eps, norm=norm, targeted=True)
    reached = (model.eval()(x_adv).argmax(dim=1) == target).float().mean()
    assert reached == 1


def outcome(model, x, y, targeted):
    with torch.no_grad():
        logits = model.eval()(x)
    loss = F.cross_entropy(logits, y, reduction="none")
    hit = logits.argmax(dim=1) == y
    return (hit, -loss) if targeted else (~hit, loss)


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_restarts_are_never_weaker_for_any_image(model, images, labels, norm, targeted):
    options = {"norm": NORMS[norm], "steps": 2, "targeted": targeted}
    for seed in range(5):
        one, many = (
            outcome(
                model,
                pgd(
                    model, images, labels, RADIUS[norm],
                    restarts=restarts, generator=torch.Generator().manual_seed(seed), **options,
                ),
                labels,
                targeted,
            )
            for restarts in (1, 4)
        )  # fmt: skip
        assert (many[0] >= one[0]).all(), "an image that was fooled must stay so"
        same_success = many[0] == one[0]
        assert (many[1][same_success] >= one[1][same_success] - 1e-6).all()


def test_a_success_is_kept_against_a_larger_loss():
    """Which of two attacks is stronger: here the one with more loss still leaves the answer right."""
    from course_utils.attacks.pgd import _stronger

    # x carries its own logits: three classes in the first three pixels.
    def read(x):
        return x.flatten(1)[:, :3] * 100

    fooled = torch.tensor([0.50, 0.501, 0.0]).view(1, 1, 1, 3)  # class 1 wins by a hair
    unsure = torch.tensor([0.50, 0.5, 0.5]).view(1, 1, 1, 3)  # class 0 (argmax of a tie), more loss
    y = torch.tensor([0])
    for pair in ((fooled, unsure), (unsure, fooled)):
        assert torch.equal(_stronger(read, *pair, y, targeted=False), fooled)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_the_generator_decides_the_random_start(model, images, labels, norm):
    def run(seed):
        generator = torch.Generator().manual_seed(seed)
        return pgd(
            model, images, labels, RADIUS[norm], norm=NORMS[norm], steps=1, generator=generator
        )

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))


def test_on_step_sees_the_ascent_from_the_start_to_the_result(model, images, labels):
    seen = []
    result = pgd(
        model, images, labels, 8 / 255, steps=5, random_start=False,
        on_step=lambda i, x_adv, loss: seen.append((i, x_adv, loss)),
    )  # fmt: skip
    assert [i for i, _, _ in seen] == [0, 1, 2, 3, 4, 5]
    assert torch.equal(seen[0][1], images)
    assert torch.equal(seen[-1][1], result)
    for _, x_adv, loss in seen:
        expected = F.cross_entropy(model.eval()(x_adv), labels, reduction="none")
        torch.testing.assert_close(loss, expected.detach())
        assert not loss.requires_grad


def test_what_on_step_does_to_its_picture_does_not_disturb_the_attack(model, images, labels):
    options = {"steps": 3, "random_start": False}
    expected = pgd(model, images, labels, 8 / 255, **options)
    result = pgd(
        model, images, labels, 8 / 255, on_step=lambda i, x_adv, loss: x_adv.zero_(), **options
    )
    assert torch.equal(result, expected)


def test_the_default_step_can_cross_the_ball(model, images, labels):
    """2.5 eps / steps: from one edge every pixel can reach the other one."""
    lengths = []

    class Watched(Linf):
        def step(self, grad, step_size):
            lengths.append(abs(step_size))
            return super().step(grad, step_size)

    pgd(model, images, labels, 0.1, norm=Watched(), steps=10)
    assert lengths == pytest.approx([0.025] * 10)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"eps": -0.1}, "eps must be at least 0, got -0.1"),
        ({"eps": float("nan")}, "eps must be at least 0"),
        ({"eps": 8}, r"eps = 8 .* write 8/255"),
        ({"x": torch.rand(12, 12)}, r"must be \(N, 3, H, W\), got 2 dimensions"),
        ({"x": torch.rand(3, 12, 12)}, r"for one image use x\[None\]"),
        ({"x": torch.randint(255, (7, 3, 12, 12)).byte()}, r"use x.float\(\) / 255"),
        ({"x": 255 * torch.rand(7, 3, 12, 12)}, r"run from .* to 25\d: divide by 255"),
        ({"x": torch.randn(7, 3, 12, 12)}, "must lie in .*: models here normalise inside"),
        ({"x": torch.full((7, 3, 12, 12), float("nan"))}, r"must lie in \[0, 1\]"),
        ({"x": [[0.5]]}, "must be a torch tensor, got list"),
        ({"y": torch.arange(7)}, "label 6 is out of range: the model knows 5 classes, 0 to 4"),
        ({"y": -torch.ones(7).long()}, "must not be negative, got -1"),
        ({"y": torch.ones(7)}, r"must be int64, got torch.float32: use .long\(\)"),
        ({"y": torch.ones(6).long()}, r"N = 7 images, got shape \(6,\)"),
        ({"y": torch.ones(7, 5).long()}, r"got shape \(7, 5\)"),
        ({"y": [0] * 7}, "must be a torch tensor"),
        ({"steps": -1}, "steps must be a whole number, 0 or more, got -1"),
        ({"steps": 2.5}, "got 2.5"),
        ({"step_size": -0.1}, "targeted=True turns the direction"),
        ({"restarts": 0}, "restarts must be a whole number, 1 or more, got 0"),
        ({"restarts": 3, "random_start": False}, "would repeat one and the same attack"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(model, images, labels, change, says):
    before = state(model.train())
    arguments = {"x": images, "y": labels, "eps": 8 / 255, "steps": 2} | change
    with pytest.raises(ValueError, match=says):
        pgd(model, **arguments)
    if not change.keys() & {"steps", "step_size", "restarts"}:
        x, y, eps = (arguments[name] for name in ("x", "y", "eps"))
        for one_step in (fgsm, fgsm_targeted):
            with pytest.raises(ValueError, match=says):
                one_step(model, x, y, eps)
    assert same(before, state(model))


def test_images_on_another_device_than_the_model_are_told_where_to_go(model, images, labels):
    with pytest.raises(
        ValueError, match=r"images are on cpu, the model on meta: use x.to\('meta'\)"
    ):
        fgsm(model.to("meta"), images, labels, 0.1)


def test_an_l2_ball_may_be_larger_than_1(model, images, labels):
    assert L2().size(pgd(model, images, labels, 2.0, norm=L2()) - images).max() > 1


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda x: x.mean(dim=(1, 2, 3)), r"must return logits \(N, C\)"),
        (lambda x: x.mean(dim=(2, 3)).detach(), "carry no gradient"),
    ],
)
def test_a_model_that_cannot_be_attacked_is_named(images, labels, broken, says):
    with pytest.raises(ValueError, match=says):
        fgsm(broken, images, labels % 3, 0.1)


def test_the_room_offers_what_the_course_imports():
    assert set(attacks.__all__) >= {
        "L2", "Linf", "PatchPoses", "eot_attack", "eot_gradient", "fgsm", "fgsm_targeted",
        "input_gradient", "masked_pgd", "paste_patch", "patch_success", "pgd", "random_poses",
        "square_attack", "train_patch",
    }  # fmt: skip
    assert all(hasattr(attacks, name) for name in attacks.__all__)
