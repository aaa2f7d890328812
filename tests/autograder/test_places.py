"""What is covered where modules are withheld, told by their places alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.sandbox import places


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A package with a module, a package within, and bytecode of the module alone."""
    folder = tmp_path / "shelf_of_a_test"
    for name in ("__init__.py", "module.py", "inner/__init__.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "module.cpython-311.pyc").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_a_module_is_withheld_with_the_bytecode_beside_it(package):
    code, caches = places.to_withhold(["shelf_of_a_test.module"], [package])
    assert code == {package / "module.py": "shelf_of_a_test.module"}
    assert caches == [package / "__pycache__"]


def test_a_package_is_withheld_without_what_lies_beside_it(package):
    code, caches = places.to_withhold(["shelf_of_a_test.inner"], [package])
    assert code == {package / "inner": "shelf_of_a_test.inner"}
    assert caches == []


def test_bytecode_of_the_module_that_a_package_was_once_is_withheld_too(package):
    """It lies there after an update, and may hold what the lab asks for."""
    (package / "__pycache__" / "inner.cpython-311.pyc").touch()
    _, caches = places.to_withhold(["shelf_of_a_test.inner"], [package])
    assert caches == [package / "__pycache__"]


def test_what_is_not_shown_need_not_be_withheld(package, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    assert places.to_withhold(["shelf_of_a_test.module"], [tmp_path / "elsewhere"]) == ({}, [])
