"""The encoder that tells faces apart."""

from recipes.recipe import Recipe

RECIPES: tuple[Recipe, ...] = ()
