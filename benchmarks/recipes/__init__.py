"""How each model of the zoo is trained: a recipe a model, used by `train_zoo.py` and by the tables."""

from recipes import (
    classifiers,
    clusters,
    colouring,
    faces,
    inpainting,
    patches,
    rotation,
    signs,
    simclr,
    video,
)
from recipes.recipe import Recipe, Trained

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for room in (
        classifiers,
        signs,
        faces,
        rotation,
        patches,
        simclr,
        inpainting,
        clusters,
        colouring,
        video,
    )
    for recipe in room.RECIPES
}

__all__ = ["RECIPES", "Recipe", "Trained"]
