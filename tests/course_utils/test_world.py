"""What the world promises: the same pictures for the same seed, anywhere and in any company."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.world import (
    BACKGROUNDS,
    CLASSES,
    COLOURS,
    PLAINS,
    SCENES,
    groups,
    render,
    sample,
    silhouette,
    world,
)


def test_the_same_seed_draws_the_same_pictures():
    first, again = world(12, 7), world(12, 7)
    assert torch.equal(first.pixels, again.pixels)
    assert torch.equal(first.labels, again.labels)
    assert all(torch.equal(first.attributes[k], again.attributes[k]) for k in first.attributes)


def test_another_seed_draws_other_pictures():
    one, other = sample(2000, 0), sample(2000, 1)
    assert not set(one.key.tolist()) & set(other.key.tolist())
    assert not torch.equal(world(4, 0).pixels, world(4, 1).pixels)


def test_negative_and_huge_seeds_are_seeds_too():
    assert len(set(torch.cat([sample(3, s).key for s in (-1, 0, 2**63, 2**64 + 5)]).tolist())) == 12


@settings(deadline=None, max_examples=8)
@given(n=st.integers(1, 40), i=st.integers(0, 39), background=st.sampled_from(["plain", "scene"]))
def test_a_picture_does_not_depend_on_the_others(n, i, background):
    i %= n
    alone = sample(1, 3, first=i, background=background)
    among = sample(n, 3, background=background)
    assert torch.equal(render(among, 32)[i], render(alone, 32)[0])


def test_pictures_do_not_depend_on_how_many_are_drawn_at_once():
    scenes = sample(150, 5, labels="cat")  # several chunks of one class
    whole = render(scenes, 48)
    assert torch.equal(whole[70:80], render(scenes[70:80], 48))


def test_pictures_do_not_depend_on_the_number_of_threads():
    scenes, threads = sample(40, 5), torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = render(scenes)
        torch.set_num_threads(3)
        three = render(scenes)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(one, three)


@pytest.mark.parametrize("size", [8, 31, 48, 97])
def test_any_size(size):
    split = world(5, 0, size)
    assert split.pixels.shape == (5, 3, size, size)
    assert split.images.dtype == torch.float32
    assert 0 <= split.images.min() <= split.images.max() <= 1


def test_the_same_scene_at_another_size_is_the_same_picture():
    scenes = sample(20, 1)
    small = render(scenes, 48).float()
    large = torch.nn.functional.avg_pool2d(render(scenes, 192).float(), 4)
    # Grain is drawn per pixel and averages out in the large one; shapes and colours stay.
    assert (small - large).abs().mean() < 8


def test_no_pictures_is_an_empty_split():
    assert world(0, 0).pixels.shape == (0, 3, 48, 48)


def test_edges_are_antialiased():
    """A turned edge has pixels between inside and outside, and no jump along a smooth move."""
    scene = sample(1, 2, labels="house")
    moved = [render(scene.with_(centre=[dx, 0.0]), 48).float() for dx in (0.0, 0.004, 0.008)]
    # A tenth of a pixel changes much less than a whole pixel would: nothing snaps to the grid.
    step = (moved[1] - moved[0]).abs().mean()
    assert 0 < step < 2


def test_device_is_where_the_pictures_are():
    assert world(2, 0, device="cpu").pixels.device.type == "cpu"
    assert world(2, 0, device=torch.device("cpu")).labels.device.type == "cpu"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_cpu_and_gpu_agree_up_to_rounding():
    scenes = sample(200, 0, background="scene")
    apart = (render(scenes).int() - render(scenes, device="cuda").cpu().int()).abs()
    assert (apart > 2).float().mean() < 1e-3


def test_labels_can_be_asked_for():
    assert world(3, 0, labels=["cat", "bird", 2]).labels.tolist() == [9, 8, 2]
    assert world(3, 0, labels="tree").labels.tolist() == [1, 1, 1]
    assert world(3, 0, labels=torch.tensor([4, 5, 6])).labels.tolist() == [4, 5, 6]


def test_classes_come_equally_often():
    counts = sample(20_000, 0).label.bincount(minlength=10)
    assert counts.min() > 1800
    assert counts.max() < 2200


def test_things_fill_sixty_to_ninety_five_percent_of_the_side():
    sizes = sample(5000, 0).size
    assert 0.6 <= sizes.min() < 0.62
    assert 0.93 < sizes.max() <= 0.95


# --- cues -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cue", ["colour", "background"])
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.95, 1.0])
def test_a_cue_agrees_with_probability_rho_plus_chance(cue, rho):
    scenes = sample(20_000, 3, **{f"{cue}_cue": rho})
    agrees = (getattr(scenes, cue) == scenes.label).float().mean()
    assert agrees == pytest.approx(rho + (1 - rho) / 10, abs=0.012)


@pytest.mark.parametrize("cue", ["colour", "background"])
def test_at_strength_zero_a_cue_is_independent_of_the_class(cue):
    scenes = sample(50_000, 4)
    joint = torch.zeros(10, 10).index_put_(
        (scenes.label, getattr(scenes, cue)), torch.tensor(1.0), accumulate=True
    )
    expected = joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True) / joint.sum()
    chi_square = ((joint - expected) ** 2 / expected).sum()
    assert chi_square < 127  # 81 degrees of freedom, p = 0.001


def test_colour_and_background_are_independent_of_each_other():
    scenes = sample(20_000, 5, colour_cue=0.5, background_cue=0.5)
    one, other = scenes.colour == scenes.label, scenes.background == scenes.label
    together = (one & other).float().mean()
    assert together == pytest.approx(float(one.float().mean() * other.float().mean()), abs=0.012)


def test_reversed_cues_point_to_a_wrong_class():
    scenes = sample(20_000, 6, colour_cue=1.0, background_cue=1.0, reverse=True)
    assert not (scenes.colour == scenes.label).any()
    assert torch.equal(scenes.colour, scenes.background)
    wrong = ((scenes.colour - scenes.label) % 10).bincount(minlength=10)[1:]
    assert wrong.min() > 1900  # any other class, equally often


def test_another_strength_is_the_same_things_in_the_same_places():
    with_cue, without = sample(50, 0, background_cue=0.95), sample(50, 0)
    assert torch.equal(with_cue.with_(background=without.background).background, without.background)
    for name in ("label", "centre", "size", "form", "colour", "light"):
        assert torch.equal(getattr(with_cue, name), getattr(without, name))


def test_groups_number_class_and_agreement():
    split = world(200, 0, 8, background_cue=0.8, background="scene")
    agrees = split.attributes["background"] == split.labels + len(PLAINS)
    assert torch.equal(split.attributes["background_agrees"], agrees)
    assert torch.equal(groups(split), 2 * split.labels + agrees)
    assert torch.equal(groups(split, "colour") % 2 == 1, split.attributes["colour_agrees"])


def test_backgrounds_are_those_asked_for():
    assert set(sample(500, 0).background.tolist()) == set(range(10))
    assert set(sample(500, 0, background="scene").background.tolist()) == set(range(10, 20))
    two = sample(500, 0, background=["night", "sea"])
    assert {BACKGROUNDS[i] for i in two.background.unique()} == {"night", "sea"}
    own = sample(500, 0, background=["night", "sea"], background_cue=1.0)
    assert {BACKGROUNDS[i] for i in own.background[own.label % 2 == 0].unique()} == {"night"}


# --- the same thing in another way ------------------------------------------------------------


def test_another_colour_changes_nothing_outside_the_thing():
    scenes = sample(40, 8, background="scene")
    changed = (render(scenes.with_(colour="red")) != render(scenes.with_(colour="green"))).any(1)
    thing = silhouette(scenes) > 0
    assert not (changed & ~thing).any()
    assert (changed & thing).sum() > 0.5 * thing.sum()


def test_another_shape_changes_nothing_but_the_things_and_their_shadows():
    scenes = sample(40, 9)
    cats, boats = scenes.with_(label="cat"), scenes.with_(label="sailing boat")
    changed = (render(cats) != render(boats)).any(1)
    things = torch.maximum(silhouette(cats), silhouette(boats))
    # A shadow falls at most a seventh of the picture's side away: seven pixels each way.
    near = torch.nn.functional.max_pool2d(things[:, None], 15, stride=1, padding=7)[:, 0] > 0
    assert not (changed & ~near).any()
    assert (~near).any(dim=(1, 2)).float().mean() > 0.8
    assert changed.float().mean((1, 2)).min() > 0.02


def test_another_background_changes_nothing_inside_the_thing():
    scenes = sample(40, 10)
    meadow, night = (render(scenes.with_(background=b)) for b in ("meadow", "night"))
    changed = (meadow != night).any(1)
    wholly_covered = silhouette(scenes) == 1
    assert not (changed & wholly_covered).any()
    assert wholly_covered.float().mean((1, 2)).min() > 0.02
    assert changed.float().mean((1, 2)).min() > 0.15


def test_silhouettes_are_the_things_place():
    scenes = sample(30, 11)
    cover = silhouette(scenes, 64)
    assert cover.shape == (30, 64, 64)
    assert 0 <= cover.min() < cover.max() <= 1
    along = (torch.arange(64) + 0.5) / 32 - 1
    middle = (cover.sum(1) * along).sum(1) / cover.sum((1, 2))
    assert (middle - scenes.centre[:, 0]).abs().max() < 0.25


def test_an_unchanged_scene_is_bit_identical():
    scenes = sample(10, 0)
    same = scenes.with_(colour=scenes.colour, label=scenes.label, background=scenes.background)
    assert torch.equal(render(scenes), render(same))


def test_with_takes_names_and_one_value_for_all():
    scenes = sample(3, 0).with_(label="cat", background=["sea", "room", "night"], tilt=0.1)
    assert scenes.label.tolist() == [CLASSES.index("cat")] * 3
    assert scenes.background.tolist() == [BACKGROUNDS.index(b) for b in ("sea", "room", "night")]
    assert scenes.tilt.tolist() == pytest.approx([0.1] * 3)
    assert len(scenes[1]) == len(scenes[-1:]) == 1
    assert torch.equal(scenes[-1].key, scenes.key[2:])


def test_every_class_colour_and_background_is_drawn_differently():
    scene = sample(1, 0).with_(hidden=False, distractor=False)
    for field, names in (("label", CLASSES), ("colour", COLOURS), ("background", PLAINS + SCENES)):
        drawn = torch.cat([render(scene.with_(**{field: name})) for name in names]).flatten(1)
        apart = torch.cdist(drawn.float(), drawn.float()) + torch.eye(len(names)) * 1e9
        assert apart.min() > 300, field


# --- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"n": -1}, r"n = -1.*at least 0"),
        ({"colour_cue": 1.2}, r"colour_cue = 1\.2.*from 0"),
        ({"background_cue": -0.1}, r"background_cue = -0\.1.*from 0"),
        ({"background_cue": float("nan")}, r"background_cue = nan"),
        ({"size": 4}, r"size = 4.*at least 8"),
        ({"size": 47.5}, r"size = 47\.5.*whole number"),
        ({"n": 2.5}, r"n = 2\.5.*whole number"),
        ({"seed": "one"}, r"seed = 'one'.*whole number"),
        ({"background": "moon"}, r"no background 'moon'.*desert"),
        ({"background": []}, "empty"),
        ({"labels": "dog"}, r"no label 'dog'.*cat"),
        ({"labels": 10}, r"no label 10"),
        ({"labels": [1, 2]}, r"2 labels for 3 pictures"),
    ],
)
def test_bad_arguments_are_named_with_the_remedy(arguments, says):
    with pytest.raises(ValueError, match=says):
        world(**({"n": 3, "seed": 0} | arguments))


def test_bad_edits_are_named():
    scenes = sample(3, 0)
    with pytest.raises(ValueError, match=r"no 'color'; it has .*colour"):
        scenes.with_(color="red")
    with pytest.raises(ValueError, match=r"no colour 'pink'.*red"):
        scenes.with_(colour="pink")
    with pytest.raises(ValueError, match=r"shape \(2,\).*3 scenes"):
        scenes.with_(tilt=[0.1, 0.2])
    with pytest.raises(ValueError, match=r"size = 0.*above 0"):
        scenes.with_(size=0)
    with pytest.raises(IndexError, match="scene 3 of 3"):
        scenes[3]


def test_groups_want_a_split_of_the_world():
    with pytest.raises(ValueError, match="texture_agrees"):
        groups(world(2, 0, 8), "texture")
