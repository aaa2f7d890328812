"""load("folder:PATH") on folders as people have them."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from course_utils.data import DatasetError, load
from tests.real import real


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "pets"


def draw(
    folder: Path, number: int, colour: tuple[int, int, int] = (200, 10, 10), start: int = 0
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(start, start + number):
        Image.new("RGB", (40 + index, 30), colour).save(folder / f"{index:03}.png")


def pets(root: Path, cats: int = 10, dogs: int = 20) -> Path:
    draw(root / "cats", cats, (250, 0, 0))
    draw(root / "dogs", dogs, (0, 0, 250))
    return root


def counts(dataset) -> dict[str, list[int]]:
    return {
        part: torch.bincount(getattr(dataset, part).labels, minlength=dataset.num_classes).tolist()
        for part in ("train", "validation", "test")
    }


def refused(root: Path | str, **options) -> str:
    with pytest.raises(DatasetError) as caught:
        load(f"folder:{root}", **options)
    return str(caught.value)


def test_each_subfolder_is_a_class_divided_by_the_default_shares(root):
    dataset = load(f"folder:{pets(root, 20, 40)}", size=32)
    assert dataset.classes == ("cats", "dogs")
    assert counts(dataset) == {"train": [14, 28], "validation": [3, 6], "test": [3, 6]}
    for part in (dataset.train, dataset.validation, dataset.test):
        assert part.pixels.shape[1:] == (3, 32, 32)
        assert (part.pixels[part.labels == 0].float().mean((2, 3))[:, 0] == 250).all()
        assert (part.pixels[part.labels == 1].float().mean((2, 3))[:, 2] == 250).all()


def test_no_picture_is_in_two_parts(root):
    """Each picture has a colour of its own."""
    for index in range(60):
        folder = root / ("even", "odd")[index % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 16), (4 * index, 0, 0)).save(folder / f"{index}.png")
    dataset = load(f"folder:{root}", size=16, validation=0.2, test=0.3)
    seen = [
        value
        for part in (dataset.train, dataset.validation, dataset.test)
        for value in part.pixels[:, 0, 0, 0].tolist()
    ]
    assert sorted(seen) == [4 * index for index in range(60)]


def test_the_draw_is_the_same_each_time_and_another_with_another_seed(root):
    for index in range(40):
        draw(root / f"class{index % 2}", 1, (6 * index, 0, 0), start=index)
    first, again = (load(f"folder:{root}", size=16) for _ in range(2))
    other = load(f"folder:{root}", size=16, seed=1)
    assert torch.equal(first.test.pixels, again.test.pixels)
    assert not torch.equal(first.test.pixels, other.test.pixels)


def test_train_val_and_test_folders_are_taken_as_they_are(root):
    for part, number in (("train", 6), ("val", 3), ("test", 2)):
        draw(root / part / "cats", number)
        draw(root / part / "dogs", number + 1)
    dataset = load(f"folder:{root}", size=16)
    assert counts(dataset) == {"train": [6, 7], "validation": [3, 4], "test": [2, 3]}


def test_a_part_that_is_missing_is_drawn_from_train(root):
    for part, number in (("Train", 20), ("valid", 3)):
        draw(root / part / "cats", number)
        draw(root / part / "dogs", number)
    dataset = load(f"folder:{root}", size=16)
    assert counts(dataset) == {"train": [17, 17], "validation": [3, 3], "test": [3, 3]}


def test_classes_may_be_called_train_and_test(root):
    draw(root / "train", 5)
    draw(root / "car", 5)
    assert load(f"folder:{root}", size=16).classes == ("car", "train")


def test_pictures_deeper_inside_a_class_count_and_other_files_do_not(root):
    pets(root)
    draw(root / "cats" / "2024" / "may", 3)
    (root / "cats" / "notes.txt").write_text("nothing")
    (root / "cats" / ".DS_Store").write_bytes(b"x")
    draw(root / ".ipynb_checkpoints", 3)
    draw(root / "__MACOSX", 3)
    dataset = load(f"folder:{root}", size=16)
    assert dataset.classes == ("cats", "dogs")
    assert sum(sum(part) for part in counts(dataset).values()) == 33


def test_broken_pictures_are_named_in_one_warning_and_left_out_each_time(root):
    pets(root)
    (root / "cats" / "cut.png").write_bytes((root / "cats" / "001.png").read_bytes()[:60])
    (root / "dogs" / "text.jpg").write_text("no picture")
    (root / "dogs" / "phone.HEIC").write_bytes(b"x")
    for _ in range(2):  # the second time from the cache
        with pytest.warns(UserWarning, match="3 files could not be read") as caught:
            dataset = load(f"folder:{root}", size=16)
        said = str(caught[0].message)
        assert len(caught) == 1
        for name in ("cats/cut.png", "dogs/text.jpg", "dogs/phone.HEIC"):
            assert name in said
            assert name in dataset.card
    assert sum(sum(part) for part in counts(dataset).values()) == 30


def test_many_broken_pictures_are_counted_not_all_spelt_out(root):
    pets(root)
    for index in range(30):
        (root / "cats" / f"broken{index}.jpg").write_text("x")
    with pytest.warns(UserWarning, match="30 files .* and 25 more"):
        load(f"folder:{root}", size=16)


def test_a_changed_folder_is_read_again_and_an_unchanged_one_is_not(root, monkeypatch):
    pets(root)
    first = load(f"folder:{root}", size=16)
    again = load(f"folder:{root}", size=16)
    assert torch.equal(first.train.pixels, again.train.pixels)
    draw(root / "cats", 1, (0, 250, 0), start=500)
    assert sum(sum(p) for p in counts(load(f"folder:{root}", size=16)).values()) == 31
    Image.new("RGB", (40, 30), (9, 9, 9)).save(root / "cats" / "500.png")
    os.utime(root / "cats" / "500.png", ns=(1, 1))
    everything = load(f"folder:{root}", size=16)
    parts = torch.cat(
        [everything.train.pixels, everything.validation.pixels, everything.test.pixels]
    )
    assert (parts == 9).all(dim=(1, 2, 3)).sum() == 1
    monkeypatch.setattr("course_utils.data.pictures.read", None)  # any further decoding would fail
    load(f"folder:{root}", size=16)


def test_without_cache_nothing_is_written(root, cache):
    load(f"folder:{pets(root)}", size=16, cache=False)
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_costs_only_the_cache(root, cache, capsys):
    cache.write_text("a file in the way")
    dataset = load(f"folder:{pets(root)}", size=16)
    assert dataset.num_classes == 2
    assert "could not be written" in capsys.readouterr().out


def test_home_and_relative_paths_are_understood(root, monkeypatch):
    pets(root)
    monkeypatch.chdir(root.parent)
    monkeypatch.setenv("HOME", str(root.parent))
    assert load("folder:pets", size=16).name == "folder:pets"
    assert load("folder:~/pets", size=16).classes == ("cats", "dogs")


def test_names_of_any_alphabet_are_fine(root):
    draw(root / "Katzen & Mäuse", 4)
    draw(root / "犬", 4)
    (root / "犬" / "kaputt ü.jpg").write_text("x")
    with pytest.warns(UserWarning, match="犬/kaputt ü.jpg"):
        dataset = load(f"folder:{root}", size=16)
    assert set(dataset.classes) == {"Katzen & Mäuse", "犬"}


def test_a_link_to_nothing_is_named_like_any_broken_picture(root):
    pets(root)
    (root / "cats" / "gone.jpg").symlink_to(root / "nowhere.jpg")
    with pytest.warns(UserWarning, match="cats/gone.jpg"):
        load(f"folder:{root}", size=16)


# ---- what can't be used ----------------------------------------------------------------------


def test_a_missing_folder_is_named_with_where_the_path_breaks(tmp_path):
    said = refused(tmp_path / "pics" / "mine")
    assert str(tmp_path / "pics" / "mine") in said
    assert f"{tmp_path} is there, but has no 'pics'" in said


def test_no_path_a_file_or_an_empty_folder_are_each_answered(root, tmp_path):
    assert "needs the path" in refused("")
    (tmp_path / "file.zip").write_bytes(b"x")
    assert "is a file" in refused(tmp_path / "file.zip")
    root.mkdir()
    assert "no pictures" in refused(root)
    (root / "empty").mkdir()
    assert "no pictures" in refused(root)


def test_loose_pictures_are_answered_with_the_remedy(root):
    draw(root, 5)
    said = refused(root)
    assert "5 pictures lying loose" in said
    assert "one subfolder for each class" in said


def test_a_single_class_is_answered(root):
    draw(root / "cats", 5)
    assert "single class (cats)" in refused(root)


def test_only_pictures_of_a_foreign_format_are_answered(root):
    for name in ("a", "b"):
        (root / name).mkdir(parents=True)
        (root / name / "1.heic").write_bytes(b"x")
    assert "save them as JPEG or PNG" in refused(root)


def test_too_few_pictures_name_the_classes_and_the_number_needed(root):
    pets(root, cats=2, dogs=20)
    said = refused(root)
    assert "needs 3 readable training pictures" in said
    assert "cats (2)" in said
    assert "dogs" not in said.partition("too few:")[2]


def test_three_pictures_a_class_are_enough(root):
    dataset = load(f"folder:{pets(root, 3, 3)}", size=16)
    assert counts(dataset) == {"train": [1, 1], "validation": [1, 1], "test": [1, 1]}


@pytest.mark.parametrize("number", range(3, 12))
def test_large_shares_leave_every_part_a_picture_of_each_class(root, number):
    dataset = load(f"folder:{pets(root, number, 12)}", size=16, validation=0.49, test=0.5)
    assert min(min(part) for part in counts(dataset).values()) >= 1
    assert sum(part[0] for part in counts(dataset).values()) == number


def test_a_class_of_broken_pictures_only_is_named(root):
    pets(root)
    (root / "fish").mkdir()
    for index in range(4):
        (root / "fish" / f"{index}.jpg").write_text("x")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert "fish (0)" in refused(root)


def test_a_class_that_only_test_has_is_named(root):
    for part in ("train", "val", "test"):
        draw(root / part / "cats", 4)
        draw(root / part / "dogs", 4)
    draw(root / "test" / "fish", 4)
    assert "test has classes that train has not: fish" in refused(root)


@pytest.mark.parametrize(
    ("options", "phrase"),
    [
        ({"validation": 0}, "validation = 0 must"),
        ({"test": 1.5}, "test = 1.5 must"),
        ({"seed": -1}, "seed = -1 must"),
        ({"validation": 0.5, "test": 0.5}, "nothing to train on"),
        ({"unlabelled": 3}, "no option 'unlabelled'"),
    ],
)
def test_options_that_cannot_be_are_named(root, options, phrase):
    assert phrase in refused(pets(root), **options)


@pytest.mark.real
def test_real_photographs_load_upright_and_in_their_classes(root):
    samples = sorted(real("imagenet_samples").glob("*.jpg"))
    for index, name in ((0, "fish"), (50, "other")):
        (root / name).mkdir(parents=True)
        for photograph in samples[index : index + 7]:
            shutil.copy(photograph, root / name)
    dataset = load(f"folder:{root}", size=64)
    assert counts(dataset) == {"train": [5, 5], "validation": [1, 1], "test": [1, 1]}
    with Image.open(root / "fish" / samples[0].name) as photograph:
        short = min(photograph.size)
        left, top = (photograph.width - short) // 2, (photograph.height - short) // 2
        square = photograph.convert("RGB").crop((left, top, left + short, top + short))
        expected = np.asarray(square.resize((64, 64), Image.Resampling.BICUBIC)).transpose(2, 0, 1)
    fish = torch.cat(
        [p.pixels[p.labels == 0] for p in (dataset.train, dataset.validation, dataset.test)]
    )
    difference = (
        (fish.int() - torch.from_numpy(expected.copy()).int()).abs().float().mean((1, 2, 3))
    )
    assert difference.min() < 3
