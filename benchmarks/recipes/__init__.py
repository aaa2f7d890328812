"""How each model of the zoo is trained: a recipe a model, used by `train_zoo.py` and by the tables."""

from recipes import classifiers, faces, signs
from recipes.recipe import Recipe, Trained

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (*classifiers.RECIPES, *signs.RECIPES, *faces.RECIPES)
}

__all__ = ["RECIPES", "Recipe", "Trained"]
