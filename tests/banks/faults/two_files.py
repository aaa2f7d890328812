"""Two notebooks in one folder: a draft, and right work under the lab's name."""

from autograder.samples.kit import bytes_of


def submission(kit):
    draft = bytes_of(kit.solved(**{name: "pass" for name in kit.solutions}))
    return kit.hand_in(__name__, __doc__, kit.solved(), also={"{name}/draft.ipynb": draft})
