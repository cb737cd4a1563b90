# Everything starts from here: `make report` and `make test` on a fresh machine need nothing done before.
PYTHON ?= python3
VENV := .venv
TOOLS := .venv-tools
PROFILERS := .venv-profilers
BIN := $(VENV)/bin
DEMO := demo-streams
REPORTS := reports

.PHONY: help report test test-all test-tools check format docs lab bench calibrate faults looks clean

help:
	@echo "make report   the bundled real stream, three releases of it, to HTML reports in $(REPORTS)/"
	@echo "make test     all tests but those marked nightly"
	@echo "make test-all all tests"
	@echo "make test-tools  tests that run other tools themselves (Avalanche, Inspect, Spark ...; gigabytes, into $(TOOLS)/)"
	@echo "make check    lint, format, types, one-way imports, notebooks without outputs"
	@echo "make docs     the documentation as a site in site/, every warning an error"
	@echo "make lab      JupyterLab on the notebooks"
	@echo "make bench    speed beside what one would otherwise use, to docs/speed.md"
	@echo "make faults   runs that are killed, starved and misled: is anything published ever harmed?"
	@echo "make looks    years of scheduled looks: how often does an alarm come without a loss, how soon with one?"
	@echo "make calibrate  coverage of every interval where the truth is known, to docs/calibration.md"

# The demonstration has a task marked as regulated, so by default a run that is not healthy would end with exit
# code 3; a first look at a report should not fail for what it found.
report: $(VENV)/.installed
	$(BIN)/streamreview demo $(DEMO)
	@for stream in $(DEMO)/*/; do $(BIN)/streamreview run "$$stream" --out $(REPORTS) --fail-on none || exit; done
	@echo "Open $(REPORTS)/index.html"

# Two processes with one thread each. Files of tests are begun in the order that tests/conftest.py gives them.
test test-all: export OPENBLAS_NUM_THREADS = 1
test test-all: export OMP_NUM_THREADS = 1
test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not nightly" tests

test-all: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests

# In an environment of their own; Spark needs Java besides.
test-tools: requirements-dev.txt tests/requirements-tools.txt
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements-tools.txt
	$(TOOLS)/bin/python -m pytest tests/logs/adapters tests/logs/callbacks tests/cube tests/test_cluster.py tests/test_ray.py

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/notebooks_are_clean.py

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.installed-dev
	$(BIN)/python -m sphinx -q -W --keep-going -d .sphinx_cache docs site
	@echo "Open site/index.html"

lab: $(VENV)/.installed
	STREAMREVIEW_DEMO=$(abspath $(DEMO)) $(BIN)/jupyter lab --notebook-dir . --LabApp.default_url=/lab/tree/notebooks

bench: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r benchmarks/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
		--target $(VENV)/rliable -r benchmarks/requirements-rliable.txt
	$(PYTHON) -m venv $(PROFILERS)
	$(PROFILERS)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements-profilers.txt
	$(BIN)/python -m benchmarks --out docs/speed.md

looks: $(VENV)/.installed-dev
	$(BIN)/python -m tests.end_to_end.looks
	$(BIN)/python -m tests.end_to_end.looks --loss 0.03 --from-look 5
	$(BIN)/python -m tests.end_to_end.looks --loss 0.03 --from-look 40

calibrate: $(VENV)/.installed
	$(BIN)/streamreview calibrate --out docs/calibration.md

faults: $(VENV)/.installed-dev
	$(BIN)/python -m tests.end_to_end.faults

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) $(TOOLS) $(PROFILERS) $(DEMO) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
