"""What a person is told to look at: seen where it is done, and silent about honest work."""

from dataclasses import replace
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.bank import read_bank
from autograder.build.colab import head
from autograder.course import load_course
from autograder.flags import flags_in, own_code
from autograder.samples.honest import honest
from autograder.samples.kit import Kit
from tests.labs.harness import ROOT, LabChecks

WITHHELD = ("course_utils.attacks", "torchattacks")
LABS = sorted(path.stem for path in (ROOT / "notebooks" / "source" / "labs").glob("*.py"))


def told(source: str, *before: str) -> list[str]:
    cells = [(f"cell {number}", code) for number, code in enumerate(before)]
    return flags_in([*cells, ("cell `f`", source)], WITHHELD)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import torch\ntorch.allclose = print", "line 2 of cell `f` replaces torch.allclose"),
        ("import torch as t\nT = t.Tensor\nT.__eq__ = f", "replaces torch.Tensor.__eq__"),
        ("setattr(__import__('torch'), 'equal', f)", "replaces torch.equal"),
        ("import sys\nsys.modules['torch'].equal = f", "replaces torch.equal"),
        ("import torch\nvars(torch)['equal'] = f", "replaces torch.equal"),
        ("from course_utils import check\ncheck.close = f", "replaces course_utils.check.close"),
        ("import course_utils.check.words as w\nw._close = f", "course_utils.check.words._close"),
        ("import builtins\nbuiltins.abs = f", "replaces builtins.abs"),
        ("def float(x): return x", "defines a `float` of its own"),
        ("isinstance = lambda *a: True", "defines a `isinstance` of its own"),
        ("import sys\nsys.displayhook(10)", "sys.displayhook"),
        ("get_ipython().showtraceback = f", "replaces get_ipython().showtraceback"),
        ("ip = get_ipython()\nip.input_transformers_cleanup.append(f)", "input_transformers"),
        ("get_ipython().events.register('post_run_cell', f)", "get_ipython().events"),
        ("class A(float):\n    pass", "makes a class of its own out of float"),
        ("from torch import Tensor\nclass A(Tensor): pass", "out of torch.Tensor"),
        ("A = type('A', (float,), {})", "out of float"),
        ("class A:\n    def __eq__(self, other): return True", "line 2 of cell `f` defines __eq__"),
        ("class A: pass\nA.__eq__ = f", "sets __eq__ of something"),
        ("class CheckFailed(Exception): pass", "an exception called CheckFailed"),
        ("import sys\nsys._getframe(1)", "looks at the frames of its callers (sys._getframe)"),
        ("from inspect import stack\nstack()", "(inspect.stack)"),
        ("try:\n    1/0\nexcept Exception as e:\n    e.__traceback__.tb_frame.f_back", "(f_back)"),
        ("import gc\ngc.get_objects()", "searches the memory for objects"),
        ("open('/proc/self/mem')", "names a file of the system's processes"),
        ("open('course/source/lab1/lab1.ipynb')", "course's that is not handed out"),
        ("import glob\nglob.glob('**/*.ipynb')", "names a notebook file"),
        ("open('gradebook.db')", "gradebook"),
        ("import os\nprint(dict(os.environ))", "reads the whole environment"),
        ("print(In[-1])", "reads what cells were run (In)"),
        ("%history", "uses the magic %history"),
        ("!curl example.org", "runs the shell command `curl example.org`"),
        ("files = !find / -name '*.py'", "runs the shell command `find"),
        ("!pip install x; cat ~/.ssh/id", "runs the shell command"),
        ("%%bash\nls", "uses the magic %bash"),
        ("%%time\nimport socket", "line 2 of cell `f` uses the network (socket)"),
        ("from urllib.request import urlopen", "uses the network (urllib.request"),
        ("import subprocess", "starts or ends processes (subprocess)"),
        ("import os\nos.fork()", "starts or ends processes (os.fork)"),
        ("from threading import Thread\nThread(target=f).start()", "starts a thread"),
        ("import atexit", "leaves something to be called later"),
        ("from course_utils.attacks import fgsm", "uses course_utils.attacks, which is withheld"),
        ("from course_utils import attacks", "uses course_utils.attacks, which is withheld"),
        ("__import__('course_utils.attacks')", "uses course_utils.attacks, which is withheld"),
        ("p = 'site-packages/torchattacks/x'", "names torchattacks, which is withheld"),
        ("import importlib\nimportlib.import_module('a' + 'b')", "imports in a roundabout way"),
        ("import torch\ntorch.__file__", "looks into an installed module"),
        ("import boundary.student", "works on the channels of the kernel (boundary.student)"),
        ("import os\nos.write(3, b'')", "works on the channels of the kernel (os.write)"),
        ("exec(code)", "runs text as code (exec)"),
        (
            "import base64 as b\nexec(b.b64decode(x))",
            "runs text as code (exec of base64.b64decode)",
        ),
        ("import pickle\npickle.loads(x)", "turns bytes into objects or code"),
        ("import inspect\ninspect.getsource(f)", "reads the source of code"),
        ("raise KeyboardInterrupt", "raises KeyboardInterrupt"),
        ("sys._getframe(1) +", "looks at the frames"),
        ("!ls\n" * 2000 + "!curl example.org", "line 2001 of cell `f` runs the shell command"),
        ("x = 1\n" * 200_000, "characters of code"),
    ],
)
def test_what_honest_work_does_not_do_is_told_with_its_line(source, says):
    assert any(says in flag for flag in told(source)), told(source)


def test_what_the_labs_own_cells_import_is_known_though_they_are_not_looked_at():
    assert told("F.cross_entropy = f") == [
        "line 1 of cell `f` replaces torch.nn.functional.cross_entropy"
    ]
    assert "out of torch.Tensor" in told("class A(torch.Tensor): pass")[0]


def test_a_name_is_known_by_what_an_earlier_cell_imported():
    assert told("t.equal = f", "import torch as t") == ["line 1 of cell `f` replaces torch.equal"]


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nmodel.training = True\ntorch.backends.cudnn.benchmark = True",
        "import math as m\nfor m in model.modules():\n    m.training = True",
        "import torch\ndef f(torch):\n    torch.x = 1",
        "import os\nos.environ['OMP_NUM_THREADS'] = '1'\nos.environ.get('HOME')",
        "import importlib, sys\nsys.path.append('.')\nimport my\nimportlib.reload(my)",
        "%matplotlib inline\n%load_ext autoreload\n!pip install tqdm\n!nvidia-smi",
        "from IPython.display import Image, display, clear_output",
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.ast_node_interactivity = 'all'",
        "from course_utils import check\n\n\n@check.promise\ndef mine():\n    check.close(f(1), 2)",
        "sum = 0\nmax = 3\ndef f(model, signal=1):\n    model.eval()\n    return signal",
        "values = [select for select in range(3)]",
        "class Net(torch.nn.Module):\n    def __init__(self): super().__init__()\n"
        "    def forward(self, x): return x",
        "'''The gradebook of course/source/lab.ipynb is no business of mine.'''",
        "print('see https://arxiv.org/abs/1412.6572 for the solution')",
        "import sys\nprint('x', file=sys.stderr)\nsys.setrecursionlimit(5000)",
        "with open('notes.txt', 'w') as file:\n    file.write('x')",
    ],
)
def test_what_anybody_does_is_not_told(source):
    assert told(source) == []


@pytest.mark.parametrize("lab", LABS)
def test_no_right_version_of_a_bank_and_no_solution_is_flagged(lab):
    codes = list(LabChecks(lab).solutions.values())
    folder = ROOT / "tests" / "banks" / lab
    if folder.is_dir():
        codes += [version.code for versions in read_bank(folder).values() for version in versions]
    assert [flag for code in codes for flag in told(code)] == []


@pytest.mark.parametrize("lab", LABS)
def test_a_whole_notebook_as_released_has_nothing_of_the_students_own_to_flag(lab):
    source = jupytext.read(ROOT / "notebooks" / "source" / "labs" / f"{lab}.py")
    assert (
        flags_in([("a cell", cell.source) for cell in source.cells if cell.cell_type == "code"])
        == []
    )


def test_the_set_up_cell_of_another_release_is_nobodys_work():
    course = load_course(ROOT)
    notebook = course.lab_notebooks / f"{LABS[0]}.ipynb"
    cells = [
        head(replace(course, repository=name), notebook)[-1] for name in ("", "jane/vision-2026")
    ]
    cells[1].id = "another"
    spoilt = new_code_cell(cells[1].source + "\nimport socket")
    empty = new_notebook()
    assert own_code(new_notebook(cells=cells), empty) == []
    assert len(own_code(new_notebook(cells=[*cells, spoilt]), empty)) == 1


def test_of_the_honest_samples_only_the_one_that_leaves_threads_behind_is_flagged():
    lab = LABS[0]
    assignment = _assignment(lab)
    flagged = {}
    for sample in honest(Kit(assignment, Path("/nowhere")), lab):
        notebook = nbformat.reads(sample.data.decode(), as_version=4)
        flagged[sample.name] = flags_in(own_code(notebook, assignment), WITHHELD)
    assert [name for name, flags in flagged.items() if flags] == ["restless"]
    assert all("starts a thread" in flag for flag in flagged["restless"])


def test_hostile_text_is_looked_at_without_falling_over():
    deep = "(" * 5000
    nested = "x = " + "[" * 90 + "]" * 90
    chain = "a" + ".b" * 5000
    for source in (deep, nested, chain, "\0", "\ud800", "%%", "!", "%%time", "'" * 9, "def f(:"):
        told(source)


def test_what_a_flag_quotes_can_be_shown_and_stored():
    (flag,) = told(r"open('/proc/\ud800\x1b[2J<b>')")
    assert flag.isprintable()
    assert flag.encode()


def test_a_hundred_flags_are_cut_to_a_readable_number():
    flags = told("\n".join(f"import torch\ntorch.a{number} = 1" for number in range(100)))
    assert len(flags) == 31
    assert flags[-1] == "and 70 more of the kind"


def _assignment(lab: str):
    from autograder.build import make_lab
    from autograder.course import load_course

    return make_lab(load_course(ROOT), lab).instructor
