"""Trains the zoo's models again: `python benchmarks/train_zoo.py [NAME …]` writes data/zoo/.

`--tune` instead prints the validation accuracies from which the rate of the standard training was chosen.
"""

import argparse
import platform
from pathlib import Path

import torch
from recipes import RECIPES, Recipe, Trained
from recipes.classifiers import EPOCHS, standard

from course_utils.models import save

ZOO = Path(__file__).resolve().parents[1] / "data" / "zoo"


def tune() -> None:
    """`fit`'s own rate stays unless another beats it by more than the standard error, 0.3 points."""
    print(f"validation accuracy after {EPOCHS} epochs, seed 0")
    for lr in (1e-3, 3e-3, 1e-2):
        history = standard(0, lr=lr).history
        print(f"lr {lr:g}: {history['validation_accuracy'][-1]:.3f}", flush=True)


def card(recipe: Recipe, trained: Trained, seed: int) -> str:
    history = trained.history
    weights = sum(p.numel() for p in trained.model.parameters())
    returns = recipe.returns or f"logits (N, {len(recipe.classes)})"
    rows = {
        "command": f"`{command(recipe, seed)}`",
        "seed": f"{seed}",
        "data": recipe.data,
        "classes": ", ".join(recipe.classes),
        "training": recipe.training,
        "time": f"{sum(history['seconds']):.0f} s with {torch.get_num_threads()} threads on "
        f"{platform.machine()}, torch {torch.__version__}",
        "final training loss": f"{history['train_loss'][-1]:.4f}",
        **{what: f"{100 * figure:.1f} %" for what, figure in figures(recipe, trained).items()},
    }
    table = "\n".join(f"| {what} | {says} |" for what, says in rows.items() if says)
    return f"""# {recipe.name}

{recipe.purpose}

{weights:,} weights. Takes images (N, 3, H, W) in [0, 1], returns {returns}.

| | |
|---|---|
{table}

Figures on the test split, over three seeds: `{recipe.results}`.
"""


def figures(recipe: Recipe, trained: Trained) -> dict[str, float]:
    """What was measured on validation data, the accuracy first where there is one."""
    history = trained.history
    known = "validation_accuracy" in history.epochs[-1]
    first = {f"validation {recipe.accuracy}": history["validation_accuracy"][-1]} if known else {}
    return first | trained.figures


def command(recipe: Recipe, seed: int) -> str:
    return f"python benchmarks/train_zoo.py {recipe.name} --seed {seed}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="all when none is given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tune", action="store_true")
    arguments = parser.parse_args()
    if arguments.tune:
        tune()
        return
    for name in arguments.names or RECIPES:
        recipe = RECIPES[name]
        trained = recipe.train(arguments.seed)
        facts = {
            "command": command(recipe, arguments.seed),
            "seed": arguments.seed,
            "classes": list(recipe.classes),
            **{what.replace(" ", "_"): figure for what, figure in figures(recipe, trained).items()},
        }
        save(trained.model, ZOO / f"{name}.safetensors", **facts)
        text = card(recipe, trained, arguments.seed)
        (ZOO / f"{name}.md").write_text(text, encoding="utf-8")
        print(text, flush=True)


if __name__ == "__main__":
    main()
