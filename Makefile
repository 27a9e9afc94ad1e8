# The two commands: `make lab` opens the course, `make test` runs everything CI runs.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
JOBS   ?= 2
NBVAL   = --nbval --nbval-current-env --nbval-cell-timeout 120
SLOWEST = --durations 20 --durations-min 5
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)  # in a container

.DEFAULT_GOAL := help
.PHONY: help lab test test-fast lint notebooks slides grade bench doctor lock system clean

help:  ## list these verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: $(READY)  ## open JupyterLab on lecture 00
	cd notebooks && ../$(BIN)/jupyter lab 00_start_here.ipynb $(AS_ROOT) $(LAB)

test: $(READY) system lint  ## run everything CI runs
	$(BIN)/coursekit build --check
	$(BIN)/coursekit build
	$(BIN)/coursekit slides --all
	$(BIN)/pytest -n $(JOBS) --dist loadscope -m "not browser" $(SLOWEST) coursekit tests
	$(BIN)/pytest $(NBVAL) -n $(JOBS) --dist loadscope notebooks build/solved
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m browser $(SLOWEST) tests

test-fast: $(READY) lint  ## the tests of every day, in under four minutes
	$(BIN)/coursekit build --check --no-execute
	$(BIN)/pytest -n $(JOBS) --dist loadscope -m "not slow and not browser" coursekit tests

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

notebooks: $(READY)  ## make notebooks/ and build/ from solutions/
	$(BIN)/coursekit build

slides: $(READY)  ## make build/slides/*.html from solutions/
	$(BIN)/coursekit slides --all

SUBMISSIONS ?= submissions
OUT         ?= build/grades
grade: $(READY)  ## grade the folder SUBMISSIONS=… into OUT=…
	$(BIN)/coursekit grade $(SUBMISSIONS) --out $(OUT)

bench: $(READY)  ## measure beside peers; results in benchmarks/
	for script in layers training grading live_trainer widgets each_widget table; do $(BIN)/python benchmarks/$$script.py || exit 1; done

doctor: $(READY)  ## say what this machine has and what each missing thing costs
	@$(BIN)/coursekit doctor

# After changing a dependency in pyproject.toml: install it, then write down what was tested.
lock: $(READY)
	$(BIN)/python tests/lock.py --write

clean:  ## remove everything derived, the environment included
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 lab" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python cannot make environments here; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The browser, the sandbox and Node.js, from Debian's packages where they are missing.
system:
	@tests/system.sh
