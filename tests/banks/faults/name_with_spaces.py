"""Right work, called as people call files."""


def submission(kit):
    place = "{name}/my Lab 1 (final) FINAL v2 .ipynb"
    return kit.hand_in("Ana María  de la O".replace("  ", " "), __doc__, kit.solved(), place=place)
