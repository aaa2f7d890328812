"""The classifier of road signs."""

from recipes.recipe import Recipe

RECIPES: tuple[Recipe, ...] = ()
