"""What the tests of the downloader share."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from course_utils.data.download import DownloadError, fetch

BODY = random.Random(0).randbytes(50_000)
OTHER = random.Random(1).randbytes(50_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
MD5 = hashlib.md5(BODY).hexdigest()
QUICK = {"progress": False, "timeout": 0.5, "retries": 3, "backoff": 0.0}


def beside(target: Path) -> list[str]:
    """What lies in the target's folder."""
    return sorted(path.name for path in target.parent.iterdir())


def refused(*arguments, **options) -> str:
    """What `fetch` says when it gives up."""
    with pytest.raises(DownloadError) as caught:
        fetch(*arguments, **{**QUICK, **options})
    return str(caught.value)
