"""Right work of a student whose accents a Mac writes as letters of their own."""

import unicodedata


def submission(kit):
    name = "Zoë Núñez-Ångström"
    place = unicodedata.normalize("NFD", name) + "/{lab}.ipynb"
    return kit.hand_in(name, __doc__, kit.solved(), place=place)
