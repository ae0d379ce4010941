# What one does often. `make` alone lists it.

VENV := .venv
PY   := $(VENV)/bin/python
PIP  := $(PY) -m pip install --disable-pip-version-check --no-input
# Options for the program that a target starts: make run ARGS="--port 8000 --llm off"
ARGS ?=
# The Python to build the environment with; found by itself unless given.
PYTHON ?=
# Only `make requirements` needs uv (https://docs.astral.sh/uv/).
UV   ?= uv

.DEFAULT_GOAL := help
.PHONY: help run test test-slow lint format bench screenshots requirements clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.serving ## set up everything and start the assistant (options in ARGS="…")
	@exec $(PY) app.py $(ARGS)

test: lint ## set up everything, check the code and run the tests
	$(PY) -m pytest $(ARGS)

test-slow: $(VENV)/.tests ## the tests that fetch weights or take long
	$(PY) -m pytest -m slow --ignore=tests/e2e/test_screenshots.py $(ARGS)

lint: $(VENV)/.tests ## check style, types and the direction of imports
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-logo

format: $(VENV)/.tests ## put the code into shape
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: $(VENV)/.serving ## compare this assistant with a plain retrieval chain
	$(PY) -m jobs bench-chat $(ARGS)

exam: $(VENV)/.serving ## play the visible exam (ARGS="--llm off", …)
	$(PY) -m jobs exam $(ARGS)

screenshots: $(VENV)/.tests ## take the README's pictures in a real browser
	$(PY) -m pytest -m slow tests/e2e/test_screenshots.py $(ARGS)

requirements: ## compile the pinned requirement files anew (needs uv)
	$(UV) pip compile --universal --python-version 3.11 --no-emit-index-url --no-header \
	  requirements/serving.in -o requirements.txt
	$(UV) pip compile --universal --python-version 3.11 --no-emit-index-url --no-header \
	  -c requirements.txt requirements/tests.in -o requirements-tests.txt
	$(UV) pip compile --python-platform x86_64-manylinux_2_28 --python-version 3.11 --no-emit-index-url --no-header \
	  requirements/gpu.in -o requirements-gpu.txt

clean: ## remove the environment and the tools' caches; the data in var/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path ./var -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp says which step is done, so that nothing is done twice; a newer requirements file does its step again.
$(VENV)/.made:
	@for python in $(PYTHON) python3.11 python3.12 python3 python; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; then \
	    if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	      echo "$$python cannot make a virtual environment: install its venv module (Debian, Ubuntu: apt install python3-venv)." >&2; \
	      exit 2; \
	    fi; \
	    echo "Making $(VENV) with $$($$python --version)"; \
	    "$$python" -m venv --clear $(VENV) && touch $@ && exit 0 || exit 2; \
	  fi; \
	done; \
	echo "Python 3.11 or 3.12 is needed and was not found: install one of them, or name it as in make PYTHON=/path/to/python3.12" >&2; \
	exit 2

$(VENV)/.serving: requirements.txt $(VENV)/.made
	@echo "Installing what serving needs; the first time this takes a few minutes."
	$(PIP) -r requirements.txt
	@touch $@

# The tests' requirements hold those of serving too, at the same versions, so one installation is enough.
$(VENV)/.tests: requirements-tests.txt requirements.txt $(VENV)/.made
	@echo "Installing what the tests need; the first time this takes a few minutes."
	$(PIP) -r requirements-tests.txt
	@touch $(VENV)/.serving $@
