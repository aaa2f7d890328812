"""ImageNet-A: from its archive or its folder, in 200 classes, and networks that answer in those."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

from course_utils import _torchvision
from course_utils.data import DatasetError, imagenet_a, load
from course_utils.data.imagenet_a import CLASSES, INDICES, WORDNET_IDS
from course_utils.models.imagenet import ImagenetModel
from tests.course_utils.made_archives import imagenet_a_files, jpeg, publish, tar, tar_gz

ANOTHER = "n02510455"  # the giant panda, which is not among the 200


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    return imagenet_a_files(monkeypatch)


@pytest.fixture
def placed(files, monkeypatch) -> Path:
    """The archive, small, put by hand where a download would go."""
    archive = tar(files)
    path = publish(monkeypatch, "imagenet_a", archive)
    path.write_bytes(archive)
    return path


def unpack(files: dict[str, bytes], where: Path) -> Path:
    for name, content in files.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_bytes(content)
    return where / "imagenet-a"


# ---- the 200 classes -------------------------------------------------------------------------


def test_the_200_classes_are_imagenets_by_index_and_name():
    names = _torchvision.ensure().models.ResNet50_Weights.IMAGENET1K_V1.meta["categories"]
    assert len(set(WORDNET_IDS)) == len(set(INDICES)) == len(set(CLASSES)) == 200
    assert [names[index] for index in INDICES] == list(CLASSES)


def test_the_classes_stand_in_the_order_of_their_ids_which_is_imagenets():
    assert list(WORDNET_IDS) == sorted(WORDNET_IDS)
    assert list(INDICES) == sorted(INDICES)


def test_ids_shared_with_imagenette_have_the_same_names():
    """Two lists, written down from different sources."""
    from course_utils.data.imagenette import _NAMES

    shared = [wordnet_id for wordnet_id in WORDNET_IDS if wordnet_id in _NAMES]
    assert shared == ["n03417042", "n03888257"]
    assert [CLASSES[WORDNET_IDS.index(i)] for i in shared] == [_NAMES[i] for i in shared]


# ---- reading ---------------------------------------------------------------------------------


def assert_whole(dataset) -> None:
    """Every class twice, each picture of its class's colour, sorted by class."""
    assert dataset.test.labels.tolist() == [c for c in range(200) for _ in range(2)]
    colour = dataset.test.pixels.float().mean((2, 3))
    truth = dataset.test.labels
    assert (colour[:, 0] - truth).abs().max() < 4
    assert (colour[:, 1] - (200 - truth)).abs().max() < 4


def test_it_is_a_test_set_and_nothing_else(placed, capsys):
    dataset = load("imagenet_a", size=32)
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (0, 0, 400)
    assert dataset.classes == CLASSES
    assert dataset.size == 32
    assert capsys.readouterr().out == "imagenet_a: 400 test pictures of 32 x 32 in 200 classes\n"
    assert_whole(dataset)


def test_the_folder_the_archive_and_a_packed_archive_give_the_same(files, tmp_path):
    (tmp_path / "a.tar").write_bytes(tar(files))
    (tmp_path / "a.tar.gz").write_bytes(tar_gz(files))
    folder = unpack(files, tmp_path / "unpacked")
    places = [tmp_path / "a.tar", str(tmp_path / "a.tar.gz"), folder, folder.parent]
    loaded = [load("imagenet_a", size=32, source=place, cache=False) for place in places]
    for dataset in loaded:
        assert_whole(dataset)
        assert torch.equal(dataset.test.pixels, loaded[0].test.pixels)


def test_the_usual_size_is_224(files, tmp_path):
    (tmp_path / "a.tar").write_bytes(tar(files))
    assert load("imagenet_a", source=tmp_path / "a.tar", pictures=2).size == 224


def test_pictures_are_cut_as_the_networks_were_tested(monkeypatch, tmp_path):
    """Bit for bit torchvision's view of them: short side to 256, the middle 224."""
    monkeypatch.setattr(imagenet_a, "PICTURES", 3)
    noise = torch.randint(0, 256, (400, 333, 3), generator=torch.Generator().manual_seed(0))
    image = Image.fromarray(noise.byte().numpy())
    for name, box in (("a", (0, 0, 333, 400)), ("b", (0, 0, 333, 270)), ("c", (0, 0, 100, 231))):
        path = tmp_path / "imagenet-a" / WORDNET_IDS["abc".index(name)] / f"{name}.png"
        path.parent.mkdir(parents=True)
        image.crop(box).save(path)
    dataset = load("imagenet_a", source=tmp_path)
    network = ImagenetModel(torch.nn.Identity(), CLASSES)
    for index, path in enumerate(sorted(tmp_path.glob("imagenet-a/*/*.png"))):
        expected = network.preprocess(path)[0] * 255
        assert torch.equal(dataset.test.pixels[index].float(), expected)


def test_a_draw_is_the_same_each_time_and_spread_over_the_classes(placed):
    first, again = (load("imagenet_a", size=32, pictures=100, cache=False) for _ in range(2))
    assert len(first.test) == 100
    assert torch.equal(first.test.pixels, again.test.pixels)
    assert len(first.test.labels.unique()) > 60
    colour = first.test.pixels.float().mean((2, 3))
    assert (colour[:, 0] - first.test.labels).abs().max() < 4


def test_the_second_load_needs_no_archive_and_keeps_sizes_and_draws_apart(placed, cache):
    first = load("imagenet_a", size=32)
    few = load("imagenet_a", size=32, pictures=5)
    load("imagenet_a", size=16, pictures=5)
    placed.unlink()
    assert torch.equal(load("imagenet_a", size=32).test.pixels, first.test.pixels)
    assert torch.equal(load("imagenet_a", size=32, pictures=5).test.pixels, few.test.pixels)
    assert len(list(cache.glob("imagenet_a-*.safetensors"))) == 3


def test_a_changed_source_is_read_again(files, tmp_path):
    folder = unpack(files, tmp_path)
    before = load("imagenet_a", size=32, source=folder)
    changed = folder / WORDNET_IDS[7]
    next(changed.iterdir()).write_bytes(jpeg((255, 255, 255), 50, 50))
    after = load("imagenet_a", size=32, source=folder)
    different = (before.test.pixels != after.test.pixels).flatten(1).any(dim=1)
    assert after.test.labels[different].tolist() == [7]


def test_a_part_of_it_is_read_but_said_to_be_no_imagenet_a(files, tmp_path):
    folder = unpack(files, tmp_path)
    for wordnet_id in WORDNET_IDS[36:]:
        shutil.rmtree(folder / wordnet_id)
    for _ in range(2):  # from the folder, then from the cache
        with pytest.warns(UserWarning, match=r"holds 72 of ImageNet-A's 400 pictures"):
            dataset = load("imagenet_a", size=32, source=folder)
        assert dataset.test.labels.unique().tolist() == list(range(36))
        assert len(dataset.classes) == 200


def test_only_a_few_files_are_in_memory_at_a_time(placed, monkeypatch):
    """The archive holds 0.7 GB: its files are asked for as the earlier ones are done."""
    from course_utils.data import pictures

    monkeypatch.setattr(pictures, "_AHEAD", 10)
    asked, done, ahead = [], [], []
    contents, read = imagenet_a.InArchive.contents, pictures.read

    def counted(self, wanted):
        for content in contents(self, wanted):
            asked.append(None)
            ahead.append(len(asked) - len(done))
            yield content

    def finished(*given):
        result = read(*given)
        done.append(None)
        return result

    monkeypatch.setattr(imagenet_a.InArchive, "contents", counted)
    monkeypatch.setattr(pictures, "read", finished)
    load("imagenet_a", size=16)
    assert len(done) == 400
    assert max(ahead) <= 10


# ---- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize("pictures", [0, -1, 401, 2.5, True])
def test_a_number_of_pictures_that_cannot_be_is_named(placed, pictures):
    with pytest.raises(DatasetError, match=f"pictures = {pictures!r} must"):
        load("imagenet_a", pictures=pictures)


def test_a_source_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"gone.tar'.*no such file or folder.*imagenet-a.tar"):
        load("imagenet_a", source=tmp_path / "gone.tar")


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_a_picture_of_another_class_is_refused_by_name(files, tmp_path, kind):
    files[f"imagenet-a/{ANOTHER}/panda.jpg"] = jpeg((0, 0, 0), 50, 50)
    (tmp_path / "a.tar").write_bytes(tar(files))
    folder = unpack(files, tmp_path)
    with pytest.raises(DatasetError, match=f"{ANOTHER}"):
        load("imagenet_a", source=folder if kind == "folder" else tmp_path / "a.tar")


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_a_broken_picture_is_refused_by_name(files, tmp_path, kind):
    name = f"imagenet-a/{WORDNET_IDS[3]}/broken.jpg"
    files[name] = jpeg((0, 0, 0), 500, 500)[:300]
    (tmp_path / "a.tar").write_bytes(tar(files))
    folder = unpack(files, tmp_path)
    with pytest.raises(DatasetError, match=f"{WORDNET_IDS[3]}/broken.jpg"):
        load("imagenet_a", size=32, source=folder if kind == "folder" else tmp_path / "a.tar")


@pytest.mark.parametrize(
    "content",
    [b"no archive at all", b"", tar({}), tar({"imagenet-a/README.txt": b"x"})],
    ids=["garbage", "nothing", "empty", "no pictures"],
)
def test_an_archive_of_something_else_is_refused(tmp_path, content):
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(DatasetError, match=r"a.tar can't be read"):
        load("imagenet_a", source=tmp_path / "a.tar")


def test_a_truncated_archive_is_refused(files, tmp_path):
    content = tar(files)
    (tmp_path / "a.tar").write_bytes(content[: len(content) // 2])
    with pytest.raises(DatasetError, match="can't be read"):
        load("imagenet_a", size=32, source=tmp_path / "a.tar")


def test_what_lies_beside_the_pictures_is_no_picture(files, tmp_path):
    """Hidden files that some systems leave in archives, and other paths."""
    hidden = f"imagenet-a/{WORDNET_IDS[0]}/._0.jpg"
    other = f"../{WORDNET_IDS[0]}/0.jpg"
    (tmp_path / "a.tar").write_bytes(tar({hidden: b"x", other: b"x", **files}))
    assert_whole(load("imagenet_a", size=32, source=tmp_path / "a.tar"))


def test_a_folder_divided_into_train_and_test_is_refused(tmp_path):
    for part in ("train", "test"):
        for wordnet_id in WORDNET_IDS[:2]:
            path = tmp_path / part / wordnet_id / "0.jpg"
            path.parent.mkdir(parents=True)
            path.write_bytes(jpeg((0, 0, 0), 50, 50))
    with pytest.raises(DatasetError, match=r"is not ImageNet-A .*folder (train|test) is none"):
        load("imagenet_a", source=tmp_path)
