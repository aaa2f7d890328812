"""Right work; all cells have the same id."""

import json

from autograder.samples.kit import bytes_of


def submission(kit):
    content = json.loads(bytes_of(kit.solved()))
    for cell in content["cells"]:
        cell["id"] = "cell"
    return kit.hand_in(__name__, __doc__, json.dumps(content).encode())
