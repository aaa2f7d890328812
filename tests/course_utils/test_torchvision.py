"""torchvision is imported through one door, also where its operators don't fit this torch."""

import subprocess
import sys
import textwrap

import pytest


def run(code: str) -> subprocess.CompletedProcess:
    """In a process of its own: what is imported stays imported."""
    return subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_torchvision_imports_and_what_the_course_uses_of_it_works():
    done = run(
        """
        from course_utils._torchvision import ensure
        torchvision = ensure()
        import torch
        from torchvision.transforms import v2
        image = torch.randint(256, (3, 40, 60), dtype=torch.uint8)
        small = v2.Resize((20, 20), antialias=True)(image)
        assert small.shape == (3, 20, 20) and small.dtype == torch.uint8
        floats = v2.Compose([v2.ToDtype(torch.float32, scale=True), v2.CenterCrop(32)])(image)
        assert floats.shape == (3, 32, 32) and floats.max() <= 1
        network = torchvision.models.squeezenet1_0(weights=None)
        assert network(torch.rand(1, 3, 64, 64)).shape == (1, 1000)
        assert len(torchvision.models.GoogLeNet_Weights.IMAGENET1K_V1.meta["categories"]) == 1000
        assert ensure() is torchvision
        import sys
        assert sys.modules["torchvision"] is torchvision
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


# A torchvision that looks its operators up while it is imported, as the real one does.
STRICT = """
import sys, torch
from importlib.machinery import ModuleSpec
class Fake:
    tries = 0
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name == "torchvision" else None
    def create_module(self, spec): return None
    def exec_module(self, module):
        Fake.tries += 1
        if Fake.tries > {refusals}:
            return
        raise {error}
sys.meta_path.insert(0, Fake())
from course_utils import _torchvision
"""


def test_nothing_is_declared_where_torchvision_is_fine():
    done = run(
        STRICT.format(refusals=0, error="None")
        + "_torchvision.ensure(); assert not _torchvision._declared and Fake.tries == 1"
    )
    assert done.returncode == 0, done.stderr


def test_missing_operators_are_declared_once():
    done = run(
        STRICT.format(refusals=1, error="RuntimeError('operator torchvision::nms does not exist')")
        + textwrap.dedent(
            """
            for _ in range(3):
                _torchvision.ensure()
            assert len(_torchvision._declared) == 1 and Fake.tries == 2
            torch.ops.torchvision.nms.default, torch.ops.torchvision.qnms.default
            """
        )
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("RuntimeError('operator torchvision::nms does not exist')", "that belongs to your torch"),
        ("ModuleNotFoundError('no torchvision', name='torchvision')", "pip install torchvision"),
    ],
)
def test_a_torchvision_that_cannot_be_had_is_named_when_it_is_used(error, says):
    done = run(STRICT.format(refusals=99, error=error) + "import course_utils.models")
    assert done.returncode == 0, "importing the rooms must not need torchvision: " + done.stderr
    done = run(
        STRICT.format(refusals=99, error=error)
        + "from course_utils.models import imagenet\nimagenet.googlenet()"
    )
    assert says in done.stderr.splitlines()[-1]
    assert "ImportError" in done.stderr.splitlines()[-1]


def test_other_errors_of_the_import_are_not_swallowed():
    done = run(
        STRICT.format(refusals=9, error="RuntimeError('disk on fire')") + "_torchvision.ensure()"
    )
    assert "disk on fire" in done.stderr.splitlines()[-1]
