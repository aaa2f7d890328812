"""A benchmark's page and the figures beside it are written in one way, and say the same."""

import json
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from course_utils import _shipped, results

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SEEDS = [0, 1, 2]


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Imports a script of `benchmarks/`, whose pages then go to `tmp_path`."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    tables = import_module("tables")
    monkeypatch.setattr(tables, "RESULTS", tmp_path)
    monkeypatch.setattr(_shipped, "PLACES", (tmp_path / "data",))

    def load(name: str):
        monkeypatch.setattr(sys, "argv", [str(BENCHMARKS / f"{name}.py")])
        return import_module(name)

    return load


def write_nested(script, figures, minutes):
    script.publish(figures, SEEDS, script.FULL)


def write_rows(script, figures, minutes):
    rows = [{name: values[seed] for name, values in figures.items()} for seed in SEEDS]
    script.publish(rows, SEEDS, float(minutes))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("selfsup_labels", write_nested),
        ("selfsup_robustness", write_nested),
        ("lecture4_shortcuts", write_rows),
        ("simclr_ablation", write_rows),
    ],
)
def test_the_page_is_what_its_script_makes_of_the_figures_beside_it(name, write, script, tmp_path):
    page = (BENCHMARKS / "results" / f"{name}.md").read_text(encoding="utf-8")
    figures = (BENCHMARKS.parent / "data" / "results" / f"{name}.json").read_text(encoding="utf-8")
    minutes = re.search(r"seeds 0, 1, 2(?:, (\d+) minutes)?", page)[1]
    write(script(name), json.loads(figures)["figures"], minutes)
    assert (tmp_path / f"{name}.md").read_text(encoding="utf-8") == page
    assert (tmp_path / "data/results" / f"{name}.json").read_text(encoding="utf-8") == figures


def test_a_run_in_little_is_marked_and_never_replaces_a_full_one(script, tmp_path):
    tables = script("tables")
    rows = {"right": [0.25]}

    def write(**options):
        tables.write("small", "Small", [0], None, "How.", figures=rows, **options)
        return (tmp_path / "small.md").read_text(encoding="utf-8")

    assert "**Provisional**: `python benchmarks/tables.py --little`, seed 0;" in write(little=True)
    assert results.load("small")["provisional"]
    full = write()
    assert "Provisional" not in full
    assert write(little=True) == full
    assert not results.load("small")["provisional"]


def test_figures_are_told_as_mean_and_deviation_in_percent(script):
    tables = script("tables")
    assert tables.told([0.5, 0.6, 0.7]) == "60.00 % ± 10.00"
    assert tables.told([0.5]) == "50.00 %"
    assert tables.gained([0.5, 0.7], over=[0.4, 0.4]) == "+20.00 points ± 14.14"
    assert tables.side_by_side([{"a": {"b": 1}}, {"a": {"b": 2}}]) == {"a": {"b": [1, 2]}}
    assert tables.table([{"a": 0.5}, {"a": 0.7}], heading="what") == (
        "| what | mean | sd |\n|---|---|---|\n| a | 60.00 % | 14.14 |\n"
    )


def test_a_mark_follows_the_code_and_not_its_comments(script, tmp_path):
    tables = script("tables")
    file = tmp_path / "code.py"
    marks = []
    for text in ("x = 1\n", '"""What it is."""\n# why\nx = 1\n', "x = 2\n"):
        file.write_text(text, encoding="utf-8")
        marks.append(tables.code_mark(file))
    assert marks[0] == marks[1] != marks[2]


def test_the_table_of_lecture_6_says_which_methods_are_behind(script):
    beyond = script("beyond_table")
    names = {row for contest in beyond.CONTESTS for row in (contest.method, *contest.baselines)}
    methods = {contest.method for contest in beyond.CONTESTS}
    small_errors = {
        name: 0.1 if (name in methods) == ("clusters" not in name) else 0.3 for name in names
    }
    lines = beyond.ahead([small_errors] * 2).splitlines()[2:]
    assert len(lines) == sum(len(contest.baselines) for contest in beyond.CONTESTS)
    for line in lines:
        wanted = "no" if "accuracy" in line or "tracking" in line else "yes"
        assert re.search(r"(yes|no)\W*$", line)[1] == wanted, line
    assert "-20.00 points ± 0.00" in lines[0]
    ties = beyond.ahead([dict.fromkeys(names, 0.2)])
    assert "yes" not in ties
