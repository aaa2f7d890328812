"""A syntax error in one solution cell: the other functions still count."""


def submission(kit):
    name = kit.alone(1)
    typo = f"# @{name}\ndef {name}(w, eps:\n    return eps"
    return kit.hand_in(__name__, __doc__, kit.solved(**{name: typo}), [name], says="SyntaxError")
