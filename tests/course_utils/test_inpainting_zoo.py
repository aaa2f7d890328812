"""The trained inpainter that comes with the course is nearer to the truth than its rivals, and blurred as promised."""

from __future__ import annotations

import pytest
import torch

from course_utils import selfsup
from course_utils.data.world import world
from course_utils.models import saving, zoo
from course_utils.plots.inpainting import hole_errors


@pytest.fixture(scope="module")
def x():
    return world(300, seed=12).images


@pytest.fixture(scope="module")
def model():
    return zoo.load("world_inpainting")


@pytest.mark.parametrize("width", [16, 24])
def test_it_fills_better_than_straight_lines_and_those_better_than_the_mean(model, x, width):
    mask = selfsup.hole_mask(300, 48, (width / 48) ** 2, torch.Generator().manual_seed(0))
    fills = selfsup.inpaint(model, x, mask), selfsup.bilinear_fill(x, mask)
    network, lines, mean = (
        float(selfsup.inpainting_loss(fill, x, mask)) ** 0.5
        for fill in (*fills, selfsup.mean_fill(x, mask))
    )
    assert network < 0.97 * lines < lines < 0.9 * mean


def test_it_is_nearer_in_most_pictures_not_only_on_average(model, x):
    mask = selfsup.hole_mask(300, 48, 1 / 9, torch.Generator().manual_seed(1))
    network = hole_errors(selfsup.inpaint(model, x, mask), x, mask)
    assert (network < hole_errors(selfsup.bilinear_fill(x, mask), x, mask)).float().mean() > 0.55


def test_its_fills_are_blurred(model, x):
    mask = selfsup.hole_mask(300, 48, 1 / 9, torch.Generator().manual_seed(2))
    fill = selfsup.inpaint(model, x, mask)
    assert selfsup.gradient_energy(fill, mask) < 0.5 * selfsup.gradient_energy(x, mask)


def test_its_card_says_how_to_train_it_again_and_how_well_it_does():
    facts = saving.facts(zoo.folder() / "world_inpainting.safetensors")
    card = zoo.card("world_inpainting")
    assert facts["command"] in card
    errors = [value for name, value in facts.items() if name.startswith("error_in_holes")]
    assert len(errors) == 3
    assert all(f"{100 * error:.1f} %" in card for error in errors)
