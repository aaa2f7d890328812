"""Right work; a program of the student's own wrote numbers and lists where text belongs."""

import json

from autograder.samples.kit import bytes_of


def submission(kit):
    content = json.loads(bytes_of(kit.solved()))
    content["cells"][0:0] = [7, {"cell_type": "code", "source": {"a": 1}, "metadata": []}]
    content["metadata"], content["nbformat_minor"] = 7, "five"
    for cell in content["cells"][2:]:
        cell["outputs"], cell["execution_count"] = "none", []
    return kit.hand_in(__name__, __doc__, json.dumps(content).encode(), says="cell 1 is no cell")
