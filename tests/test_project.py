"""The promises of the project's own files."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENTS = [
    requirement
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for requirement in group
]
TEXTS = (".py", ".md", ".toml", ".yml", ".txt", ".ipynb", ".cfg", ".json", "Makefile", ".sh")


def tracked_texts() -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True
    ).stdout.split("\n")
    return [ROOT / name for name in listed if name.endswith(TEXTS) and (ROOT / name).is_file()]


def test_environment_yml_asks_for_what_pyproject_does():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert f"python{PROJECT['requires-python']}" in conda
    (pip,) = (entry["pip"] for entry in conda if isinstance(entry, dict))
    extras = ",".join(PROJECT["optional-dependencies"])
    assert pip == ["-c constraints.txt", f"-e .[{extras}]"]


def test_every_package_that_pyproject_names_is_pinned_in_constraints():
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    names = {
        re.match(r"[\w-]+", requirement)[0].lower().replace("_", "-")
        for requirement in REQUIREMENTS
    }
    assert names <= pinned


def test_no_range_in_pyproject_is_a_pin():
    assert not [requirement for requirement in REQUIREMENTS if "==" in requirement]


def test_importing_course_utils_loads_no_heavy_package():
    heavy = {"torch", "torchvision", "matplotlib", "numpy", "ipywidgets", "sklearn"}
    code = f"import sys, course_utils; print(sorted({heavy} & set(sys.modules)))"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "pattern",
    [
        re.escape(str(ROOT)),
        r"download\.pytorch\.org/whl",
        r"files\.pythonhosted",
    ],
)
def test_no_file_names_one_machine_or_a_package_host(pattern):
    me = Path(__file__)
    guilty = [
        str(path.relative_to(ROOT))
        for path in tracked_texts()
        if path != me and re.search(pattern, path.read_text(encoding="utf-8"))
    ]
    assert guilty == []


def test_the_makefiles_help_names_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split()
    assert [target for target in targets if f"#   make {target}" not in text] == []
