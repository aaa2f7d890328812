"""Right work, with 200 MB of printed numbers saved in the notebook."""

from autograder.samples.kit import bytes_of


def submission(kit):
    flood = b'[{"output_type": "stream", "name": "stdout", "text": "' + b"3.14 " * 40_000_000 + b'"}]'
    parts = bytes_of(kit.solved()).split(b'"outputs": []', 1)
    return kit.hand_in(__name__, __doc__, parts[0] + b'"outputs": ' + flood + parts[1])
