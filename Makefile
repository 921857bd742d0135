# Everything happens in .venv, made here from constraints.txt; needs Python 3.11 or later.
PYTHON ?= python3
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min((os.cpu_count() or 1) + 1, 5))')
UNIT := not slow and not gpu and not weights
QUICK := test_architecture.py types options sources markup layout documents pipeline cache
NOT_QUICK := cache/test_cache.py cache/test_processes.py documents/test_regions.py \
	layout/test_scans.py layout/test_detector.py markup/test_linear_time.py \
	markup/test_properties.py pipeline/test_on_error.py sources/download
PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help demo test quick lint docs draw soak clean

help:
	@echo "make demo   read a generated scan with the embedded tiny model, in both frameworks"
	@echo "make test   format, lint, types, tests (installs what it needs on the first run)"
	@echo "make quick  unit tests without docs, fuzzing and models, in two minutes at most"
	@echo "make lint   format, lint and types alone"
	@echo "make docs   the documentation as a site, in build/docs"
	@echo "make draw   the documentation's pictures, and the outputs of the examples"
	@echo "make soak   the slow tests"
	@echo "make clean  remove .venv and what the tools left"

demo: .venv/.installed
	.venv/bin/python examples/demo.py

# One thread each and one process more than cores, for some wait: half the time of one after the
# other. The engine's tests on all cores at once, as users compute, are part of the soak.
test: lint
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n $(WORKERS) --dist loadfile

# The rooms whose tests load no model, without what takes long in them.
quick: .venv/.dev
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n $(WORKERS) --dist loadfile -m "$(UNIT)" \
		$(addprefix --ignore=tests/,$(NOT_QUICK)) $(addprefix tests/,$(QUICK))

lint: .venv/.dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

docs: .venv/.dev
	.venv/bin/python -m sphinx -W --keep-going -q -b html docs build/docs
	@echo "build/docs/index.html"

draw: .venv/.dev
	OMP_NUM_THREADS=1 .venv/bin/python -m docs.drawing

soak: .venv/.dev
	.venv/bin/python -m pytest --timeout 0 tests/engine
	.venv/bin/python -m pytest --timeout 0 -m slow

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv .venv
	$(PIP) --upgrade pip
	$(PIP) -e ".[all]"
	@touch $@

.venv/.dev: .venv/.installed
	$(PIP) --group dev
	@touch $@

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
