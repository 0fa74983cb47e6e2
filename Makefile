# Each target does its own set-up: it needs python3 (3.11-3.13), make and a package index, nothing else.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
PY := .venv/bin/python

.PHONY: run test check lint lock clean

run: .venv/run.stamp  ## set everything up and open the chat as a sample rep
	@$(PY) -m bot sample
	@$(PY) -m bot chat

test: .venv/dev.stamp  ## set up and run the tests
	$(PY) -m pytest

check: lint test  ## lint, types, import contracts, tests

lint: .venv/dev.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

lock:  ## renew both lock files from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --universal -p 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --no-header -o requirements.txt
	uv pip compile pyproject.toml --group dev --universal -p 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --no-header -o requirements-dev.txt

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "RepMate needs Python 3.11, 3.12 or 3.13; none was found. Set PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt | .venv/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/run.stamp

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
