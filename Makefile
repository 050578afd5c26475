# The whole house by five words. Works on a bare machine with Python 3.11 or newer, make and a package index.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes -r
OURSELVES := $(PIP) install --quiet --no-deps --no-build-isolation -e .
TESTS ?= tests
STRANGERS ?= tests/strangers $(wildcard tests/unit/*_sandbox/test_*_strangers.py)
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test strangers lint bench clean

help: ## Show these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/demo ## Run the whole job on a local HubSpot and Salesforce
	$(BIN)/leadheat demo $(ARGS)

test: lint ## Check style, types and import direction, then run all tests
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS) $(ARGS)

strangers: $(VENV)/dev ## Install other people's clients and run them against the local CRMs
	LEADHEAT_TEST_STRANGERS=1 $(BIN)/pytest -rs --durations=0 $(STRANGERS) $(ARGS)

lint: $(VENV)/dev ## Check style and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/dev ## Measure; prints ratios side by side
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python "$$file" $(ARGS) || exit 1; done

clean: ## Remove what these commands made
	rm -rf $(VENV) .strangers .bench build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage

# A stamp says what is installed. The larger set has the smaller one in it.
$(VENV)/dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	$(INSTALL) requirements/dev.txt
	$(OURSELVES)
	touch $(VENV)/demo $@

$(VENV)/demo: requirements/demo.txt pyproject.toml | $(BIN)/python
	$(INSTALL) requirements/demo.txt
	$(OURSELVES)
	touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (Debian: apt install python3-venv)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.11" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV) || { echo "Debian: apt install python3-venv" >&2; exit 1; }
