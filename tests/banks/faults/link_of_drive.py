"""Not the notebook: the link to it that Google Drive keeps on a disk."""

from autograder.results import UNREADABLE
from autograder.samples import Sample


def submission(kit):
    link = b'{"url": "https://colab.research.google.com/drive/1x", "doc_id": "1x", "email": "a@b"}'
    return Sample(__name__, __doc__, link, 0.0, UNREADABLE, says="only a link")
