"""Banks of submissions, graded as one class: did everybody get what they deserve?

A bank is a folder of files, one a submission: a docstring that tells the story, and a function

    def submission(kit: Kit) -> Sample

that makes it of the lab's own cells; code that several have in common lies in `tests/banks/pieces.py`.
By hand: `python -m tests.autograder.bank_class FOLDER_OR_FILE…`.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from unittest import mock

import nbformat

from autograder.build import ensure_built
from autograder.classroom import grade_class
from autograder.collect import collect
from autograder.course import Course, load_course
from autograder.results import Result
from autograder.samples import Kit, Sample, hand_over, sample_class

ROOT = Path(__file__).parents[2]
BANKS = ROOT / "tests" / "banks"
LAB = "lab1_adversarial"
# Tighter than a course's own, so that what never ends does not take all day.
LIMITS = {"cell_seconds": 8.0, "notebook_seconds": 90.0, "memory_mb": 1500.0}


def course_in(folder: Path) -> Course:
    """The repository's course with everything that it writes in `folder`, its lab built."""
    course = dataclasses.replace(load_course(ROOT), root=folder / "course")
    # That the lab can be solved is the build's own test, and takes half a minute.
    with mock.patch("autograder.build.labs.verify"):
        ensure_built(course, LAB, lambda line: None)
    return course


def kit_of(course: Course) -> Kit:
    secret = course.source_notebook(LAB).resolve()
    return Kit(nbformat.read(secret, as_version=4), secret)


def read_banks(kit: Kit, *paths: Path) -> list[Sample]:
    """The submissions of all files below the given folders, or in the given files."""
    files = [file for path in paths for file in ([path] if path.is_file() else path.glob("*.py"))]
    samples = [load(file).submission(kit) for file in sorted(files)]
    names = [sample.name for sample in samples]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice, f"two submissions of the banks are called {', '.join(twice)}"
    return samples


def load(file: Path) -> ModuleType:
    """A file of a bank as a module, under its own name."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mixed_class(kit: Kit, size: int = 60) -> list[Sample]:
    """`size` submissions drawn from the banks and the demo's class: the same ones every time.

    Right work of further students where these are not enough.
    """
    banks = [folder for folder in (BANKS / "faults", BANKS / "hostile") if folder.is_dir()]
    samples = {sample.name: sample for sample in read_banks(kit, *banks)}
    for sample in sample_class(kit.assignment, LAB, kit.secret):
        samples.setdefault(sample.name, sample)
    right = samples["right"]
    for number in range(size - len(samples)):
        samples[f"right{number}"] = dataclasses.replace(right, name=f"right{number}")
    return random.Random(size).sample(sorted(samples.values(), key=lambda one: one.name), size)


def grade_samples(
    course: Course, samples: Sequence[Sample], workers: int | None = None
) -> dict[str, Result]:
    """Student -> result, of the whole class collected and graded in one go."""
    folder = course.root / "handed over"
    hand_over(samples, folder, LAB)
    students = collect(course, LAB, [folder]).students
    limits = dataclasses.replace(course.limits, **LIMITS)
    with mock.patch("autograder.build.labs.verify"):
        results = grade_class(
            course,
            LAB,
            students,
            workers=workers,
            force=True,
            limits=limits,
            report=lambda line: None,
        )
    return {result.student: result for result in results}


def differences(samples: Sequence[Sample], results: dict[str, Result]) -> list[str]:
    """What is not as it should be, a line a sample; empty when everybody got what they deserve."""
    told = []
    for sample in samples:
        result = results.get(sample.name)
        wrong = _wrong(sample, result) if result else ["has no result"]
        if wrong:
            story = " ".join(sample.story.split())
            told.append(f"{sample.name} ({story}): {'; '.join(wrong)}")
    strangers = sorted(set(results) - {sample.name for sample in samples})
    return told + [f"{name} was graded, and is nobody of this class" for name in strangers]


def _wrong(sample: Sample, result: Result) -> list[str]:
    wrong = []
    if (result.score, result.status) != (sample.deserves, sample.status):
        wrong.append(
            f"deserves {sample.deserves:g} and {sample.status}, got {result.score:g} and "
            f"{result.status}: {result.reason or 'no reason'}"
        )
    said = [result.reason, *result.limits, *result.repairs]
    if sample.says and not any(sample.says in text for text in said):
        wrong.append(f"nothing says {sample.says!r}, but: {' | '.join(filter(None, said))}")
    if sample.flag and not any(sample.flag in flag for flag in result.flags):
        wrong.append(f"no flag says {sample.flag!r}, but: {' | '.join(result.flags) or 'no flags'}")
    return wrong


def grade_banks(folder: Path, *banks: Path) -> list[str]:
    """Grades the banks as one class in `folder`; what is not as it should be."""
    course = course_in(folder)
    samples = read_banks(kit_of(course), *banks)
    return differences(samples, grade_samples(course, samples))


if __name__ == "__main__":
    import time

    with tempfile.TemporaryDirectory() as scratch:
        scratch_course = course_in(Path(scratch))
        everybody = read_banks(kit_of(scratch_course), *map(Path, sys.argv[1:]))
        began = time.monotonic()
        graded = grade_samples(scratch_course, everybody)
        took = time.monotonic() - began
        for one in everybody:
            of = graded.get(one.name)
            print(
                f"{one.name}: {of.score:g} {of.status}, {of.seconds:.1f} s"
                if of
                else f"{one.name}: nothing"
            )
            for line in [of.reason, *of.repairs, *of.limits, *of.flags] if of else []:
                print(f"    {line[:300]}")
        print(*differences(everybody, graded), sep="\n")
        print(f"{len(everybody)} submissions in {took:.0f} s")
