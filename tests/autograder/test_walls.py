"""Which command line the sandbox is made of."""

import shutil
import subprocess

import pytest

from autograder.course import Limits
from autograder.sandbox import allowance, bubblewrap, places

pytestmark = pytest.mark.skipif(bubblewrap.why_not() is not None, reason=str(bubblewrap.why_not()))


def test_what_is_shown_is_seen_even_below_a_temporary_folder(tmp_path):
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "word").write_text("here")
    (tmp_path / "other").write_text("not here")
    tmp_path.chmod(0o755)
    folder = places.make_folder()
    try:
        walls = bubblewrap.Walls(
            folder, Limits(), uid=allowance.sandbox_uid(), show=[tmp_path / "shown"]
        )
        bubblewrap.prepare(walls)
        program = ["/bin/sh", "-c", f"cat {tmp_path}/shown/word; ls {tmp_path}"]
        said = subprocess.run(walls.command(program), capture_output=True, text=True, check=True)
    finally:
        shutil.rmtree(folder)
    assert said.stdout == "hereshown\n"
