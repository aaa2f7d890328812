"""What load() promises of every data set, on small archives in the official layouts."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

from course_utils import data
from course_utils.data import DatasetError, DownloadError, load, sources
from tests.course_utils.local_server import Answer, serving
from tests.course_utils.made_archives import (
    IMAGENETTE,
    cifar10_archive,
    imagenette_archive,
    publish,
    stl10_archive,
    tar_gz,
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


@pytest.fixture
def cifar(cache, monkeypatch):
    """CIFAR-10, small, placed by hand; returns what is in it."""
    archive, known = cifar10_archive(monkeypatch)
    place(publish(monkeypatch, "cifar10", archive), archive)
    return known


@pytest.fixture
def stl(cache, monkeypatch):
    archive, known = stl10_archive(monkeypatch)
    place(publish(monkeypatch, "stl10", archive), archive)
    return known


def place(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def seen(split) -> np.ndarray:
    """(N, H, W, 3), as a picture file has it."""
    return split.pixels.permute(0, 2, 3, 1).numpy()


def rows(split) -> list[tuple[bytes, int]]:
    return [(x.tobytes(), int(y)) for x, y in zip(seen(split), split.labels, strict=True)]


# ---- names and options -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("cifar-10", "'cifar10'"),
        ("CIFAR10", "'cifar10'"),
        ("wrold", "'world'"),
        ("STL-10", "'stl10'"),
        ("imagenete", "'imagenette'"),
        ("ImageNet-A", "'imagenet_a'"),
        ("folder", "folder:PATH"),
    ],
)
def test_a_name_slightly_wrong_is_answered_with_the_one_meant(name, meant):
    with pytest.raises(ValueError, match="did you mean") as caught:
        load(name)
    assert meant in str(caught.value)


@pytest.mark.parametrize("name", ["mnist", "", 3, None])
def test_an_unknown_name_is_answered_with_the_list(name):
    with pytest.raises(
        ValueError, match=r"world, .*cifar10, stl10, imagenette, .*folder:PATH"
    ) as caught:
        load(name)
    assert "did you mean" not in str(caught.value)


def test_a_folder_given_without_its_prefix_is_recognised(tmp_path):
    with pytest.raises(DatasetError, match=f'did you mean "folder:{tmp_path}"'):
        load(str(tmp_path))


def test_an_unknown_option_is_named_with_those_there_are():
    with pytest.raises(
        DatasetError, match=r"no option 'validaton'.*'validation'.*device, size, cache"
    ):
        load("cifar10", validaton=3)


@pytest.mark.parametrize("size", [0, 7, 1025, 32.5, "32", True])
def test_a_size_that_cannot_be_is_named(size):
    with pytest.raises(DatasetError, match="size = "):
        load("cifar10", size=size)


@pytest.mark.parametrize("validation", [0, -1, 195, 1.5, True])
def test_a_validation_count_that_cannot_be_is_named(cifar, validation):
    with pytest.raises(DatasetError, match=f"validation = {validation!r} must"):
        load("cifar10", validation=validation)


def test_a_device_that_is_not_there_is_named(cifar):
    with pytest.raises(ValueError, match=r"this machine has: .*cpu"):
        load("cifar10", device="warp drive")


# ---- cifar10 ---------------------------------------------------------------------------------


def test_cifar10_arrives_pixel_for_pixel(cifar):
    dataset = load("cifar10", validation=50)
    assert (seen(dataset.test) == cifar["test_x"]).all()
    assert (dataset.test.labels.numpy() == cifar["test_y"]).all()
    together = sorted(rows(dataset.train) + rows(dataset.validation))
    assert together == sorted(
        (x.tobytes(), int(y)) for x, y in zip(cifar["train_x"], cifar["train_y"], strict=True)
    )
    assert dataset.classes[0] == "airplane"
    assert dataset.classes[9] == "truck"
    assert dataset.test.labels.dtype == torch.int64


def test_the_validation_split_is_the_same_each_time_and_has_every_class(cifar):
    first, second = (load("cifar10", validation=50).validation for _ in range(2))
    assert torch.equal(first.pixels, second.pixels)
    assert torch.bincount(first.labels).tolist() == [5] * 10


def test_the_second_load_needs_no_archive(cifar, cache):
    first = load("cifar10", validation=50)
    (cache / "cifar10.tar.gz").unlink()
    assert torch.equal(load("cifar10", validation=50).train.pixels, first.train.pixels)


def test_without_cache_nothing_is_written_and_nothing_old_is_read(cifar, cache):
    load("cifar10", validation=50, cache=False)
    assert [path.name for path in cache.iterdir()] == ["cifar10.tar.gz"]


@pytest.mark.parametrize("damage", ["truncated", "flipped", "garbage", "empty"])
def test_a_damaged_cache_is_said_in_one_line_and_made_again(cifar, cache, capsys, damage):
    first = load("cifar10", validation=50)
    file = cache / "cifar10-32.safetensors"
    good = file.read_bytes()
    middle = len(good) // 2
    file.write_bytes(
        {
            "truncated": good[:middle],
            "flipped": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
            "garbage": b"not a cache at all" * 50,
            "empty": b"",
        }[damage]
    )
    capsys.readouterr()
    again = load("cifar10", validation=50)
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2  # the damage, and load's own line
    assert "damaged" in said[0]
    assert str(file) in said[0]
    assert torch.equal(again.train.pixels, first.train.pixels)
    assert file.read_bytes() == good


def test_another_size_is_interpolated_and_kept_apart(cifar, cache):
    assert load("cifar10", validation=50, size=48).size == 48
    assert load("cifar10", validation=50).size == 32
    assert {path.name for path in cache.glob("*.safetensors")} == {
        "cifar10-32.safetensors",
        "cifar10-48.safetensors",
    }


def test_load_prints_one_line_with_the_counts(cifar, capsys):
    load("cifar10", validation=50)
    printed = capsys.readouterr()
    assert (
        printed.out
        == "cifar10: 150 train, 50 validation, 40 test pictures of 32 x 32 in 10 classes\n"
    )
    assert printed.err == ""


def test_the_tensors_arrive_on_the_device_asked_for(cifar):
    dataset = load("cifar10", validation=50, device="cpu")
    assert {s.pixels.device.type for s in (dataset.train, dataset.validation, dataset.test)} == {
        "cpu"
    }
    assert dataset.train.labels.device.type == "cpu"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_tensors_arrive_on_the_gpu(cifar):
    dataset = load("cifar10", validation=50, device="cuda")
    assert dataset.train.pixels.is_cuda
    assert dataset.test.labels.is_cuda


def test_the_archive_is_downloaded_when_it_is_not_there(monkeypatch, cache):
    archive, known = cifar10_archive(monkeypatch)
    with serving() as server:
        url = server.plan("/c.tar.gz", Answer(archive, cut=100_000), Answer(archive))
        publish(monkeypatch, "cifar10", archive, url)
        dataset = load("cifar10", validation=50)
    assert (seen(dataset.test) == known["test_x"]).all()
    assert (cache / "cifar10.tar.gz").read_bytes() == archive


@pytest.mark.parametrize("name", ["cifar10", "stl10", "imagenette", "imagenet_a"])
def test_offline_it_says_which_file_to_put_where(cache, monkeypatch, name):
    official = sources.source(name)
    offline = sources.Source(official.file, "http://127.0.0.1:9/x", official.size, official.sha256)
    monkeypatch.setattr(sources, "source", lambda name: offline)
    with pytest.raises(DownloadError) as caught:
        load(name)
    said = str(caught.value)
    for needed in ("http://127.0.0.1:9/x", str(cache / official.file), f"{official.size:,}"):
        assert needed in said
    assert 'load("world")' in said


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"cifar-10-batches-bin/data_batch_1.bin": bytes(100)},
        {f"cifar-10-batches-bin/data_batch_{i}.bin": bytes(40 * 3073) for i in range(1, 6)},
        {
            f"cifar-10-batches-bin/{name}.bin": b"\xff" * (40 * 3073)
            for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
        },
    ],
    ids=["empty", "short", "no test", "labels of 255"],
)
def test_an_archive_of_another_layout_is_refused_with_the_remedy(monkeypatch, cache, files):
    cifar10_archive(monkeypatch)
    archive = tar_gz(files)
    place(publish(monkeypatch, "cifar10", archive), archive)
    with pytest.raises(DatasetError, match=r"can't be read .*delete it"):
        load("cifar10")


def test_an_archive_that_is_none_is_refused_with_the_remedy(monkeypatch, cache):
    place(publish(monkeypatch, "cifar10", b"no archive at all"), b"no archive at all")
    with pytest.raises(DatasetError, match="can't be read"):
        load("cifar10")


def test_members_with_other_paths_and_links_are_never_touched(monkeypatch, cache, tmp_path):
    cifar10_archive(monkeypatch)
    outside = tmp_path / "outside.bin"
    names = ("../outside.bin", str(outside), "cifar-10-batches-bin/../../outside.bin")
    hostile = tar_gz(
        dict.fromkeys(names, b"x"), {"cifar-10-batches-bin/data_batch_1.bin": "/etc/passwd"}
    )
    place(publish(monkeypatch, "cifar10", hostile), hostile)
    with pytest.raises(DatasetError, match="data_batch_1"):
        load("cifar10")
    assert not outside.exists()
    assert not (tmp_path.parent / "outside.bin").exists()


# ---- stl10 -----------------------------------------------------------------------------------


def test_stl10_arrives_upright_with_labels_from_zero(stl):
    dataset = load("stl10", validation=10)
    assert (seen(dataset.test) == stl["test_x"]).all()
    assert (dataset.test.labels.numpy() == stl["test_y"]).all()
    assert (len(dataset.train), len(dataset.validation)) == (40, 10)
    assert dataset.classes[7] == "monkey"


def test_stl10s_unlabelled_part_has_label_minus_one_and_its_memory_is_told(stl, capsys):
    dataset = load("stl10", validation=10)
    assert (seen(dataset.unlabelled) == stl["unlabeled_x"]).all()
    assert dataset.unlabelled.labels.unique().tolist() == [-1]
    assert "20 unlabelled (0.0 GB of memory)" in capsys.readouterr().out


def test_stl10_takes_as_many_unlabelled_pictures_as_asked_for(stl, cache):
    assert load("stl10", validation=10, unlabelled=False).unlabelled is None
    assert [path.name for path in cache.glob("*.safetensors")] == ["stl10-labelled-96.safetensors"]
    few = load("stl10", validation=10, unlabelled=5).unlabelled
    assert (seen(few) == stl["unlabeled_x"][:5]).all()
    assert len(load("stl10", validation=10).unlabelled) == 20
    for wrong in (21, -1, None, 0.5):
        with pytest.raises(DatasetError, match=f"unlabelled = {wrong} must be"):
            load("stl10", unlabelled=wrong)


def test_stl10_shrinks_while_it_reads(stl):
    dataset = load("stl10", validation=10, size=48)
    assert dataset.size == 48
    halves = torch.from_numpy(stl["test_x"]).permute(0, 3, 1, 2).float()
    expected = torch.nn.functional.interpolate(halves, (48, 48), mode="bilinear", antialias=True)
    assert (dataset.test.pixels.float() - expected).abs().max() <= 0.5


def test_stl10_with_a_truncated_archive_is_refused(monkeypatch, cache):
    archive, _ = stl10_archive(monkeypatch)
    cut = archive[: len(archive) // 2]
    place(publish(monkeypatch, "stl10", cut), cut)
    with pytest.raises(DatasetError, match="can't be read"):
        load("stl10", validation=10)


# ---- imagenette ------------------------------------------------------------------------------


def test_imagenettes_own_validation_pictures_are_the_test_set(monkeypatch, cache):
    archive = imagenette_archive()
    place(publish(monkeypatch, "imagenette", archive), archive)
    dataset = load("imagenette", validation=10, size=64)
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (30, 10, 40)
    assert torch.bincount(dataset.validation.labels).tolist() == [1] * 10
    assert dataset.classes == tuple(IMAGENETTE.values())
    for split in (dataset.train, dataset.validation, dataset.test):
        colour = split.pixels.float().mean((2, 3))
        assert (colour[:, 0] - 20 * split.labels).abs().max() < 4
        assert (colour[:, 2] - 255 + 20 * split.labels).abs().max() < 4
    assert load("imagenette", validation=10).size == 96


def test_a_broken_picture_in_imagenettes_archive_is_named(monkeypatch, cache):
    name = "imagenette2-160/val/n03028079/n03028079_2.JPEG"
    archive = imagenette_archive(broken=name)
    place(publish(monkeypatch, "imagenette", archive), archive)
    with pytest.raises(DatasetError, match=name):
        load("imagenette")


# ---- what comes with the package -------------------------------------------------------------


@pytest.mark.parametrize("name", ["cifar10", "stl10", "imagenette", "imagenet_a"])
def test_each_download_has_an_address_checksums_and_a_card_that_agree(name):
    source = sources.source(name)
    assert all(url.startswith("http") for url in (source.url, *source.mirrors))
    assert len(source.sha256) == 64
    assert len(source.md5) == 32
    card = sources.card(name)
    for heading in ("**Origin.**", "**File.**", "**Terms.**", "**Cite.**"):
        assert heading in card
    assert source.file in card
    assert f"{source.size:,} bytes" in card


def test_every_source_is_a_data_set_that_load_knows():
    table = tomllib.loads((Path(__file__).parents[2] / "data" / "sources.toml").read_text())
    assert set(table) <= set(data.names())
