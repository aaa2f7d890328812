"""Every submission handed over, in whatever layout, is collected once, under its student's name."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from autograder import whose
from autograder.archives import BadArchive, unpack
from autograder.collect import collect, read_submission, submitted_students
from autograder.course import Course, CourseError, Lab

LAB = "lab1_adversarial"


@pytest.fixture
def course(tmp_path) -> Course:
    labs = {name: Lab(name, name, 100) for name in (LAB, "lab2_robustness")}
    return Course(tmp_path, tmp_path / "course", "c", "t", "", "", labs)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "handed over"


def put(folder: Path, *names: str) -> Path:
    """Files whose content is their own name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def taken(course: Course, *paths: Path) -> dict[str, str]:
    """Student -> content of what was collected, or the reason why there is nothing."""
    students = collect(course, LAB, paths).students
    assert students == submitted_students(course, LAB)
    found = {student: read_submission(course, LAB, student) for student in students}
    return {student: data.decode() if data else why for student, (data, why) in found.items()}


LAYOUTS = {
    "a folder a student": ("ana/{lab}.ipynb", "bo/{lab}.ipynb"),
    "nbgrader's": ("ana/{lab}/{lab}.ipynb", "bo/{lab}/{lab}.ipynb"),
    "nbgrader's course folder": (
        "submitted/ana/{lab}/{lab}.ipynb",
        "submitted/bo/{lab}/{lab}.ipynb",
    ),
    "nbgrader's exchange": (
        "ana+{lab}+2026-11-22 10:00:00 UTC+x1/{lab}.ipynb",
        "bo+{lab}+2026-11-22 10:00:00 UTC+x2/{lab}.ipynb",
    ),
    "loose files, student first": ("ana_{lab}.ipynb", "bo_{lab}.ipynb"),
    "loose files, lab first": ("{lab}_ana.ipynb", "{lab}-bo.ipynb"),
    "loose files, anything behind the name": ("ana_final version.ipynb", "bo_hw.ipynb"),
    "loose files, only names": ("ana.ipynb", "bo.ipynb"),
    "Canvas's": ("ana_12345_67890_{lab}.ipynb", "bo_LATE_12346_67891_{lab}-2.ipynb"),
    "Moodle's": (
        "ana_123_assignsubmission_file_/work.ipynb",
        "bo_124_assignsubmission_file_/{lab}.ipynb",
    ),
    "Colab's names": ("ana/Copy of {lab} (2).ipynb", "bo/Copia de {lab}.ipynb"),
    "any file name": ("ana/Untitled.ipynb", "bo/my work (final).ipynb"),
    "a folder around it": ("class 7/ana/{lab}.ipynb", "class 7/bo/{lab}.ipynb"),
    "folders within folders": ("ana/work/{lab}.ipynb", "bo/work/{lab}.ipynb"),
    "mixed": ("ana/{lab}.ipynb", "bo_{lab}.ipynb"),
}


@pytest.mark.parametrize("names", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_every_layout_is_understood(course, folder, names, zipped, tmp_path):
    names = [name.format(lab=LAB) for name in names]
    given = put(folder, *names)
    if zipped:
        given = tmp_path / "bulk.zip"
        with zipfile.ZipFile(given, "w") as archive:
            for name in names:
                archive.write(folder / name, name)
    assert taken(course, given) == {"ana": names[0], "bo": names[1]}


def test_several_archives_are_collected_at_once(course, folder, tmp_path):
    put(folder, f"cy/{LAB}.ipynb")
    for who in ("ana", "bo"):
        with zipfile.ZipFile(tmp_path / f"{who}.zip", "w") as archive:
            archive.writestr(f"{who}/{LAB}.ipynb", who)
    given = (tmp_path / "ana.zip", tmp_path / "bo.zip", folder)
    assert taken(course, *given) == {"ana": "ana", "bo": "bo", "cy": f"cy/{LAB}.ipynb"}


def test_one_students_many_folders_are_no_class(course, folder):
    put(folder, f"ana/work/{LAB}.ipynb", f"bo/work/{LAB}.ipynb")
    put(folder, *(f"eve/{who}/{LAB}.ipynb" for who in ("ana", "bo", "cy", "di", "ed")))
    found = taken(course, folder)
    assert sorted(found) == ["ana", "bo", "eve"]
    assert found["ana"] == f"ana/work/{LAB}.ipynb"


def test_nobody_hands_in_for_another_by_a_file_that_a_platform_would_write(course, folder):
    put(folder, f"ana/work/{LAB}.ipynb", f"bo/work/{LAB}.ipynb")
    with zipfile.ZipFile(folder / "eve.zip", "w") as archive:
        told = "submission_1:\n  :submitters:\n  - :name: ana\n"
        archive.writestr("submission_metadata.yml", told)
        archive.writestr(f"submission_1/{LAB}.ipynb", "eve's")
        archive.writestr(f"ana+{LAB}+2026-11-22 10:00:00 UTC/{LAB}.ipynb", "eve's")
        archive.writestr(f"ana_1_assignsubmission_file_/{LAB}.ipynb", "eve's")
    found = taken(course, folder)
    assert found["ana"] == f"ana/work/{LAB}.ipynb"
    assert sorted(found) == ["ana", "bo", "eve"]


def test_two_classes_in_folders_of_their_own_are_one(course, folder):
    put(folder, *(f"section {n}/{who}{n}/{LAB}.ipynb" for n in (1, 2) for who in ("ana", "bo")))
    assert sorted(taken(course, folder)) == ["ana1", "ana2", "bo1", "bo2"]


def test_a_zip_a_student_is_understood(course, folder):
    folder.mkdir()
    for student in ("ana", "bo"):
        with zipfile.ZipFile(folder / f"{student}_{LAB}.zip", "w") as archive:
            archive.writestr(f"some folder/{LAB}.ipynb", student)
    assert taken(course, folder) == {"ana": "ana", "bo": "bo"}


def test_a_single_notebook_is_its_folders_students(course, folder):
    put(folder, f"ana/{LAB}.ipynb")
    assert list(taken(course, folder / "ana" / f"{LAB}.ipynb")) == ["ana"]


def test_accents_and_spaces_belong_to_the_name(course, folder):
    put(folder, f"José Núñez/{LAB}.ipynb", f"李小龙_{LAB}.ipynb")
    assert sorted(taken(course, folder)) == ["José Núñez", "李小龙"]


def test_numbered_students_stay_apart(course, folder):
    put(folder, *(f"student_{n:02}.ipynb" for n in range(3)))
    assert sorted(taken(course, folder)) == ["student_00", "student_01", "student_02"]


def test_names_that_would_become_one_stay_apart(course, folder):
    put(folder, "ana_lopez.ipynb", "ana_perez.ipynb", "bo_x.ipynb")
    assert sorted(taken(course, folder)) == ["ana_lopez", "ana_perez", "bo"]


def test_of_two_notebooks_the_labs_own_name_counts_and_the_other_is_kept_aside(course, folder):
    put(folder, f"ana/{LAB}.ipynb", "ana/draft.ipynb")
    collected = collect(course, LAB, [folder])
    assert read_submission(course, LAB, "ana")[0] == f"ana/{LAB}.ipynb".encode()
    assert [shown for shown, _ in collected.aside] == ["ana/draft.ipynb"]
    assert any(
        path.read_text() == "ana/draft.ipynb" for path in (course.root / "aside" / LAB).iterdir()
    )


def test_of_two_copies_the_newer_counts(course, folder):
    put(folder, f"ana/{LAB}.ipynb", f"ana/{LAB} (1).ipynb")
    os.utime(folder / "ana" / f"{LAB}.ipynb", (1e9, 1e9))
    os.utime(folder / "ana" / f"{LAB} (1).ipynb", (1e9 - 1000, 1e9 - 1000))
    assert taken(course, folder)["ana"] == f"ana/{LAB}.ipynb"


def test_of_two_copies_of_one_moment_the_last_counts(course, folder):
    put(folder, f"ana/{LAB}.ipynb", f"ana/Copy of {LAB} (3).ipynb")
    assert taken(course, folder)["ana"] == f"ana/Copy of {LAB} (3).ipynb"


def test_whoever_handed_in_no_notebook_has_a_row_with_the_reason(course, folder):
    put(folder, f"ana/{LAB}.ipynb", "bo/report.docx")
    (folder / "cy").mkdir()
    (folder / "di.zip").write_bytes(b"not a zip")
    found = taken(course, folder)
    assert sorted(found) == ["ana", "bo", "cy", "di"]
    assert "report.docx" in found["bo"]
    assert "folder is empty" in found["cy"]
    assert "can't be opened as a zip archive" in found["di"]


def test_files_of_nobody_are_put_aside(course, folder):
    put(
        folder,
        f"ana/{LAB}.ipynb",
        "roster.csv",
        "README.md",
        "__MACOSX/x",
        "ana/.ipynb_checkpoints/a.ipynb",
    )
    collected = collect(course, LAB, [folder])
    assert collected.students == ["ana"]
    assert sorted(shown for shown, _ in collected.aside) == ["README.md", "roster.csv"]


def test_other_labs_beside_it_are_left_alone(course, folder):
    put(folder, f"ana/{LAB}/{LAB}.ipynb", "ana/lab2_robustness/lab2_robustness.ipynb")
    put(folder, "bo/lab2_robustness/lab2_robustness.ipynb")
    assert taken(course, folder) == {"ana": f"ana/{LAB}/{LAB}.ipynb"}


def test_the_wrong_labs_notebook_is_still_a_submission(course, folder):
    put(folder, f"ana/{LAB}.ipynb", "bo/lab2_robustness.ipynb")
    assert sorted(taken(course, folder)) == ["ana", "bo"]


def test_a_second_collection_replaces_and_keeps_the_old_one(course, folder):
    put(folder, f"ana/{LAB}.ipynb")
    collect(course, LAB, [folder])
    (folder / "ana" / f"{LAB}.ipynb").write_text("better")
    assert taken(course, folder)["ana"] == "better"
    old = list((course.root / "aside" / LAB / "ana").iterdir())
    assert [path.read_text() for path in old] == [f"ana/{LAB}.ipynb"]


def test_the_courses_own_folder_can_be_collected_from(course):
    put(course.submitted, f"ana/{LAB}/{LAB}.ipynb")
    assert taken(course, course.submitted) == {"ana": f"ana/{LAB}/{LAB}.ipynb"}


def test_the_time_is_nbgraders_or_the_files(course, folder):
    put(folder, f"ana/{LAB}.ipynb", f"bo/{LAB}.ipynb")
    (folder / "ana" / "timestamp.txt").write_text("2026-11-20 08:00:00 UTC\n")
    os.utime(folder / "bo" / f"{LAB}.ipynb", (0, 86400))
    collect(course, LAB, [folder])
    times = [(course.submitted / who / LAB / "timestamp.txt").read_text() for who in ("ana", "bo")]
    assert times == ["2026-11-20 08:00:00 UTC\n", "1970-01-02 00:00:00.000000 UTC\n"]


def test_nothing_at_all_is_the_users_mistake(course, folder, tmp_path):
    folder.mkdir()
    for path, why in ((folder, "no submission of"), (tmp_path / "nowhere", "does not exist")):
        with pytest.raises(CourseError, match=why):
            collect(course, LAB, [path])


def test_links_are_not_followed(course, folder, tmp_path):
    put(folder, f"ana/{LAB}.ipynb")
    (tmp_path / "secret").write_text("secret")
    (folder / "bo").mkdir()
    (folder / "bo" / f"{LAB}.ipynb").symlink_to(tmp_path / "secret")
    assert "symbolic link" in taken(course, folder)["bo"]


def link_in_zip(archive: zipfile.ZipFile, name: str, target: str) -> None:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, target)


def test_a_hostile_zip_writes_nothing_outside(course, folder, tmp_path):
    folder.mkdir()
    put(folder, f"ana/{LAB}.ipynb")
    with zipfile.ZipFile(folder / "eve.zip", "w") as archive:
        archive.writestr("../../../evil.ipynb", "x")
        archive.writestr("/tmp/evil.ipynb", "x")
        archive.writestr("C:/evil.ipynb", "x")
        archive.writestr("/".join(["deep"] * 3000), "x")
        link_in_zip(archive, f"{LAB}.ipynb", "/etc/passwd")
    before = {path for path in tmp_path.rglob("*") if course.root not in path.parents}
    found = taken(course, folder)
    assert sorted(found) == ["ana", "eve"]
    assert "no notebook could be taken" in found["eve"]
    assert {path for path in tmp_path.rglob("*") if course.root not in path.parents} - before <= {
        course.root
    }


def test_a_bomb_is_cut_off_while_it_unpacks(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(20):
            archive.writestr(f"{n}.ipynb", bytes(1_000_000))
    done = unpack(tmp_path / "bomb.zip", tmp_path / "out", most_bytes=5_000_000)
    assert len(done.files) <= 5
    assert "unpacks to more than" in done.refused[0][1]
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= 5_000_000


def test_a_zip_of_too_many_files_is_cut_off(tmp_path):
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for n in range(30):
            archive.writestr(str(n), "")
    assert len(unpack(tmp_path / "many.zip", tmp_path / "out", most_files=10).files) == 10


def test_what_is_no_zip_is_said_to_be_none(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(BadArchive, match="can't be opened"):
        unpack(tmp_path / "x.zip", tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["../..", "/", "a/b", "x" * 500, "é" * 200, "\x00", "", ". ", "a\udcffb"]
)
def test_every_name_becomes_a_folder_name(name, tmp_path):
    student = whose.as_student_id(name)
    (tmp_path / student).mkdir()
    assert (tmp_path / student).resolve().parent == tmp_path.resolve()
    assert student not in (".", "..")
