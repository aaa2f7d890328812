# Every target sets up what it needs: a virtual environment in .venv, and Debian's packages when
# it may (as root) or a message that names them when it may not.
#
#   make demo       grade a sample class of lab 1, and see how
#   make test       lint, types and all tests
#   make lab        JupyterLab on the lectures and labs
#   make notebooks  build lectures, labs and the nbgrader course from notebooks/source
#   make bench      train the zoo again and measure every number that the course quotes
#
# PIP_FLAGS reaches pip, for instance to take PyTorch's CPU build from its own index.

SHELL := /bin/bash
PIP_FLAGS ?=
BIN := .venv/bin
# nbgrader starts `alembic` by name, so the environment's programs come first on PATH.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test lab notebooks bench

.venv/ready: pyproject.toml constraints.txt scripts/find-python
	@echo "Setting up .venv, once: the packages take some minutes and some gigabytes."
	scripts/find-python -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -c constraints.txt -e '.[lab,grade,dev]'
	touch $@

demo: .venv/ready
	@scripts/debian-packages bubblewrap
	$(BIN)/autograder demo

test: .venv/ready
	@scripts/debian-packages bubblewrap chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_FLAGS)

lab: .venv/ready
	$(BIN)/jupyter lab --notebook-dir=notebooks

notebooks: .venv/ready
	@scripts/debian-packages bubblewrap
	$(BIN)/autograder build

bench: .venv/ready
	$(BIN)/python -m benchmarks
