# make help tells what there is. Needs make and Python 3.11 or later; everything else is fetched into $(VENV).

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
  "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$name"; break; }; done)

export PORT HOST VAR_DIR DEMO
ifeq ($(strip $(PORT)),)
unexport PORT
endif
ifeq ($(strip $(HOST)),)
unexport HOST
endif
ifeq ($(strip $(VAR_DIR)),)
unexport VAR_DIR
endif
ifeq ($(strip $(DEMO)),)
unexport DEMO
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check screenshots format browser bench clean

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done
	@echo '  make bench-NAME runs bench/NAME.py (QUICK=1: a short run)'
	@echo '  make run PORT=8123 VAR_DIR=/some/folder chooses port and state folder'

run: $(VENV)/.runs ## Run everything: database, broker, pages, workers (Ctrl-C stops it)
	@exec $(BIN)/python manage.py up

# Each part runs, whatever another found. Alone: those that measure how long something is away, and those that share one name for many.
ALONE := tests/faults tests/stories/test_api_schema.py

test: check browser ## Check, then run all tests on servers of their own
	@export CHROMIUM="$$($(BIN)/python -m tests.browser)"; \
	  together="-n 2 --dist loadfile $(ALONE:%=--ignore %)"; \
	  failed=0; part() { $(BIN)/python -m pytest "$$@" || { said=$$?; [ $$said = 1 ] || exit $$said; failed=1; }; }; \
	  part $$together -m "not commits"; part $$together -m commits; part $(ALONE); exit $$failed

check: $(VENV)/.checks ## Format, lint, types, layers, security, migrations, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive --severity-level high cdp identity segments scoring campaigns manage.py
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@if find templates -name '*.html' | grep -q .; then \
	  echo "$(BIN)/djlint --lint templates"; $(BIN)/djlint --lint --quiet templates; fi
	PUBLIC_URL=https://tributary.example $(BIN)/python manage.py check --deploy --fail-level WARNING

screenshots: $(VENV)/.checks browser ## Take the pictures of docs/real-shop.md anew
	@export CHROMIUM="$$($(BIN)/python -m tests.browser)"; \
	  SCREENSHOTS=docs/images $(BIN)/python -m pytest -n0 tests/stories/test_real_shop.py

format: $(VENV)/.checks ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: $(VENV)/.checks
	@$(BIN)/python -m tests.browser

bench: ## List the benches
	@ls bench/*.py 2>/dev/null | sed -n 's|^bench/\([a-z0-9_]*\)\.py$$|  make bench-\1|p' | grep -v '__' || echo '  there are none'

bench-identity bench-segments bench-scoring: $(VENV)/.peers

bench-%: $(VENV)/.checks
	@exec $(BIN)/python bench/$*.py

clean: ## Remove what was fetched and made; the state folder stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp per requirements file: the second start costs nothing.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Tributary needs Python 3.11 or later, and none was found. Install it (Debian, Ubuntu: apt-get install python3 python3-venv), or name it: make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. Debian, Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making the virtual environment $(VENV) with $(PYTHON)"
	@clear=; test -f "$(VENV)/pyvenv.cfg" && clear=--clear; "$(PYTHON)" -m venv $$clear "$(VENV)"

$(VENV)/.runs: requirements.txt | $(BIN)/python
	@echo "Installing requirements (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.checks: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing requirements of tests (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.runs

$(VENV)/.peers: bench/requirements.txt $(VENV)/.checks
	@echo "Installing what benches measure beside (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@touch $@
