"""The pages of the two tables of representations: figures, one a seed, as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from selfsup_methods import PRETRAINED, RANDOM, SCRATCH, SUPERVISED
from tables import Found, gained, grid, told

from course_utils.selfsup.evaluation import FINE_TUNING, LINEAR, NEIGHBOURS

ROBUST = (RANDOM, SUPERVISED, *PRETRAINED)
# Points over training from scratch with 10 labels a class, and pretext accuracies in percent.
GAINS = {"rotation": 8, "patches": 5, "SimCLR": 20}
PRETEXT = {"rotation": 80, "patches": 50}


def labels_parts(figures: Found, longer: int) -> list[str]:
    """Few labels and many; `longer` is how many times the updates the longer run had."""
    few, *_, every = numbers = list(figures["head"]["head"])
    columns = [f"{n} a class" for n in numbers[:-1]] + [f"all, {every} a class"]
    methods = figures["methods"]

    def part(title: str, rows: dict[str, list[str]], above: str = "test accuracy") -> str:
        return f"## {title}\n\n" + grid(above, columns, rows)

    def curve(scores: Found) -> list[str]:
        return [told(scores[n]["test"]) for n in numbers]

    by_measure = {
        title: {method: curve(by[measure]) for method, by in methods.items() if measure in by}
        for title, measure in (
            ("Linear probe", LINEAR), ("k-NN", NEIGHBOURS), ("Fine-tuning", FINE_TUNING))
    }  # fmt: skip
    chosen = {
        f"{method}, {measure}": [", ".join(f"{v:g}" for v in scores[n]["setting"]) for n in numbers]
        for method, by in methods.items()
        for measure, scores in by.items()
    }
    where = {"encoder": "encoder's output, before the head", "head": "head's output"}
    return [
        "## What the world must show\n\n" + asked(figures, few, every),
        *(part(title, rows) for title, rows in by_measure.items()),
        part(
            "Best of linear probe and fine-tuning, by validation",
            {method: [told(best(by, n)) for n in numbers] for method, by in methods.items()},
        ),
        part(
            "Before and after SimCLR's head, linear probe",
            {where[which]: curve(scores) for which, scores in figures["head"].items()},
        ),
        pretext(figures["pretext"]),
        patience(figures["longer"], few, longer),
        part("What validation chose (C, k or learning rate; one a seed)", chosen, above=""),
    ]


def best(by_measure: Found, labels: str) -> list[float]:
    """Test accuracies of the linear probe or of fine-tuning, whichever validation prefers."""
    tried = [by_measure[one][labels] for one in (LINEAR, FINE_TUNING) if one in by_measure]
    return max(tried, key=lambda score: mean(score["validation"]))["test"]


def asked(figures: Found, few: str, every: str) -> str:
    """What the world must show, beside what it showed."""
    methods = figures["methods"]
    scratch = {n: scores["test"] for n, scores in methods[SCRATCH][FINE_TUNING].items()}
    many = gained(scratch[every], scratch[few])
    rows = {f"from scratch: all labels over {few} a class": ("at least 30 points", many)}
    for method, points in GAINS.items():
        what = f"{method}: best of linear probe and fine-tuning over from scratch, {few} a class"
        rows[what] = (f"at least {points} points", gained(best(methods[method], few), scratch[few]))
    for method, percent in PRETEXT.items():
        reached = told(figures["pretext"][method]["test"])
        rows[f"{method}: pretext accuracy"] = (f"at least {percent} %", reached)
    for n in (few, every):
        before, after = (figures["head"][which][n]["test"] for which in ("encoder", "head"))
        what = f"SimCLR: encoder's output over head's, linear probe, {n} a class"
        rows[what] = ("above 0 points", gained(before, after))
    return grid("", ("asked", "measured"), rows)


def pretext(found: Found) -> str:
    rows = {
        m: [told(by_split["validation"]), told(by_split["test"])] for m, by_split in found.items()
    }
    return (
        "## Pretext accuracy\n\nGuessing: rotation 25 %, patches 12.5 %. SimCLR's is how often the other view is the "
        "nearest among a batch of 256 pictures' 511 others.\n\n"
        + grid("", ["validation", "test"], rows)
    )


def patience(found: Found, few: str, longer: int) -> str:
    rows = {title: [told(scores[few]["test"])] for title, scores in found.items()}
    return (
        f"## From scratch with {few} labels a class and {longer} times as many updates\n\n"
        + grid("training pictures", ["test accuracy"], rows)
    )


def robustness_parts(figures: Found) -> list[str]:
    """Accuracies, what attacks leave of them, what a reversed cue costs, errors under corruption."""
    found = figures["accuracy"]
    clean = found["clean, the attacked pictures"]
    rows = {what: [told(values[m]) for m in ROBUST] for what, values in found.items()}
    survive = {
        what: [told(_ratios(values[m], clean[m])) for m in ROBUST]
        for what, values in found.items()
        if what.startswith(("FGSM", "PGD"))
    }
    lost = {
        f"{cue} cue": [
            gained(found[f"{cue} cue reversed"][m], found[f"{cue} cue matched"][m]) for m in ROBUST
        ]
        for cue in ("colour", "background")
    }
    corrupted = figures["corruption errors"]
    errors = {"mCE": [told(figures["mean corruption error"][m]) for m in ROBUST]}
    errors |= {
        name.replace("_", " "): [told(corrupted[m][name]) for m in ROBUST]
        for name in corrupted[RANDOM]
    }
    return [
        "## Accuracy\n\n" + grid("test pictures", ROBUST, rows),
        "## Of what is right when clean, how much stays right\n\n"
        + grid("attack", ROBUST, survive),
        "## The cue reversed, against the cue as in training\n\n" + grid("", ROBUST, lost),
        "## Errors under corruption\n\nmCE: errors relative to the supervised encoder's of the same seed, "
        "whose own is 100 %.\n\n" + grid("error", ROBUST, errors),
    ]


def _ratios(values: Sequence[float], of: Sequence[float]) -> list[float]:
    return [a / b for a, b in zip(values, of, strict=True)]
