# One word per job; `make` alone lists them.
# Paths are relative and programs run as `python -m`, so that a folder may have any name.

.DEFAULT_GOAL := help
.PHONY: help setup up test coverage lint fix soak browser bench invariants lock

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
RUNTIME := .venv/.runtime-installed
DEVELOPMENT := .venv/.development-installed

help:      ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:[^#]*## */\t/' | expand -t 12

setup: $(DEVELOPMENT) ## virtualenv and dependencies (up and test call it)

up: $(RUNTIME) ## set up, then run web, workers, beat, PostgreSQL and Valkey together
	@exec $(PY) -m config.stack

test: $(DEVELOPMENT) ## pytest; warnings are errors, sockets are blocked
	@$(PY) -m pytest -n 2 --dist worksteal $(ARGS)

coverage: $(DEVELOPMENT) ## the same with branch coverage, which takes half as long again
	@$(PY) -m pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered $(ARGS)

lint: $(DEVELOPMENT) ## ruff check, ruff format --check, mypy, lint-imports, makemigrations --check
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy .
	@.venv/bin/python -c 'from importlinter.cli import lint_imports_command as run; run()'
	@$(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

fix: $(DEVELOPMENT) ## ruff check --fix, ruff format
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

soak: $(DEVELOPMENT) ## the tests again, at full sizes
	@SOAK=1 $(PY) -m pytest -n 2 --dist worksteal $(ARGS)

browser: $(DEVELOPMENT) ## the tests that look at pages in headless Chromium, got by apt-get where root may
	@$(PY) -m tests.browser.chromium
	@$(PY) -m pytest -m browser -n 2 --dist loadfile $(ARGS)

bench: $(DEVELOPMENT) ## measure, on servers of its own; QUICK=1 takes ten minutes; ARGS=helpdesk, claims: a part
	@$(PY) -m benchmarks $(ARGS)

invariants: $(RUNTIME) ## what must always be true of the database, asked in SQL
	@$(PY) -m config.stack $(PY) manage.py invariants

lock: $(DEVELOPMENT) ## write requirements*.txt anew from requirements*.in
	@for name in requirements requirements-dev; do \
	  $(PY) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11.0 \
	    --no-header --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt || exit 1; \
	done

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing; install it with: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

$(RUNTIME): requirements.txt | .venv/bin/python
	@echo "Installing what the service needs ..."
	@$(PIP) install -qq --require-hashes -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	@echo "Installing what developers need ..."
	@$(PIP) install -qq --require-hashes -r requirements-dev.txt
	@touch $@
