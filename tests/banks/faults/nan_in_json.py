"""Right work; a plot left NaN in its output, which is no JSON."""

from autograder.samples.kit import bytes_of


def submission(kit):
    nan = b'[{"output_type": "display_data", "data": {"x/y": {"x": [NaN, -Infinity]}}, "metadata": {}}]'
    data = bytes_of(kit.solved()).replace(b'"outputs": []', b'"outputs": ' + nan, 1)
    return kit.hand_in(__name__, __doc__, data)
