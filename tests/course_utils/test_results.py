"""What the lectures draw is what the scripts measured, and the page beside it says the same."""

import re
from pathlib import Path
from statistics import mean, stdev

import pytest

from course_utils import _shipped, results

ROOT = Path(__file__).parents[2]
NAMES = ("selfsup_labels", "selfsup_robustness")


def lists(found):
    """All lists of figures in a nested dict."""
    if isinstance(found, dict):
        return [values for inner in found.values() for values in lists(inner)]
    return [found]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_results_names_its_script_and_has_one_figure_a_seed(name):
    page = results.load(name)
    assert (ROOT / page["script"]).is_file()
    assert page["script"] == f"benchmarks/{name}.py"
    assert all(len(values) == len(page["seeds"]) for values in lists(page["figures"]))


@pytest.mark.parametrize("name", NAMES)
def test_the_page_for_people_and_the_file_for_figures_come_from_one_run(name):
    page = results.load(name)
    text = (ROOT / "benchmarks" / "results" / f"{name}.md").read_text(encoding="utf-8")
    assert ("**Provisional**" in text) == page["provisional"]
    told = set(re.findall(r"\d+\.\d\d %(?: ± \d+\.\d\d)?", text))
    figures = page["figures"]
    shown = (
        [
            score["test"]
            for by in figures["methods"].values()
            for m in by.values()
            for score in m.values()
        ]
        if name == "selfsup_labels"
        else [values for by in figures["accuracy"].values() for values in by.values()]
    )
    assert len(shown) > 30
    for values in shown:
        percent = [100 * value for value in values]
        spread = f" ± {stdev(percent):.2f}" if len(percent) > 1 else ""
        assert f"{mean(percent):.2f} %{spread}" in told


def test_the_label_curves_are_the_figures_of_the_page():
    methods = results.load("selfsup_labels")["figures"]["methods"]
    for measure in (results.LINEAR, results.NEIGHBOURS, results.FINE_TUNING):
        curves = results.label_curves(measure)
        assert list(curves) == [method for method, by in methods.items() if measure in by]
        for method, curve in curves.items():
            for labels, measured in curve.items():
                assert list(measured.values) == methods[method][measure][str(labels)]["test"]


def test_the_best_measure_is_the_one_that_validation_prefers():
    methods = results.load("selfsup_labels")["figures"]["methods"]
    for method, curve in results.label_curves().items():
        for labels, measured in curve.items():
            tried = {
                mean(methods[method][measure][str(labels)]["validation"]): methods[method][measure]
                for measure in (results.LINEAR, results.FINE_TUNING)
                if measure in methods[method]
            }
            scores = [scores[str(labels)]["test"] for scores in tried.values()]
            assert list(measured.values) in scores
            if len(set(tried)) == 2:
                assert list(measured.values) == tried[max(tried)][str(labels)]["test"]


def test_pretext_head_and_robustness_are_read_by_their_names():
    assert set(results.pretext_accuracies()) == {"rotation", "patches", "SimCLR"}
    heads = results.head_against_encoder()
    assert set(heads) == {"encoder", "head"}
    assert heads["encoder"] == results.label_curves(results.LINEAR)["SimCLR"]
    methods = ["random encoder", "supervised", "rotation", "patches", "SimCLR"]
    assert all(list(group) == methods for group in results.robustness().values())
    assert results.corruption_error()["supervised"].mean == pytest.approx(1.0)


def test_the_tasks_of_lecture_6_are_read_by_task_and_name():
    found = results.beyond()
    page = results.load("beyond")
    assert not page["provisional"]
    assert page["seeds"] == [0, 1, 2]
    assert found["inpainting: network"].values == tuple(page["figures"]["inpainting: network"])
    assert {row.partition(":")[0].partition(",")[0] for row in found} == {
        "inpainting", "clusters", "colouring", "video",
    }  # fmt: skip


def test_a_measurement_tells_its_mean_and_deviation():
    measured = results.Measured((0.5, 0.6, 0.7))
    assert str(measured) == "60.0 % ± 10.0"
    assert results.Measured((0.5,)).spread == 0


def test_unknown_results_and_measures_are_told_with_those_there_are():
    with pytest.raises(ValueError, match="selfsup_labels"):
        results.load("selfsup")
    with pytest.raises(ValueError, match="'k-NN'"):
        results.label_curves("knn")


def test_what_is_saved_is_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr(_shipped, "PLACES", (tmp_path,))
    results.save("small", {"figures": {"é": [0.1]}})
    assert results.load("small") == {"figures": {"é": [0.1]}}
