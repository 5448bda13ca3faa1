# All that a clone needs: python3.11 (or newer) and make. `make help` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help env demo serve test check bench fmt lock clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
#: First Python on the PATH that is new enough; `make PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
UV ?= uv

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

env: $(STAMP)  ## install everything into .venv, exactly as requirements.lock says

demo: $(STAMP)  ## a server with invented data; prints its address and app passwords
	$(BIN)/propmgmt demo $(ARGS)

serve: $(STAMP)  ## the server, with config/propmgmt.toml
	$(BIN)/propmgmt serve $(ARGS)

test: $(STAMP)  ## all tests; make test ARGS="-k sync"
	$(BIN)/pytest -n auto $(ARGS)

check: $(STAMP)  ## format, lint, types, imports, tests: what a change must pass
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/pytest -n auto $(ARGS)

bench: $(STAMP)  ## measure the speed that the README states
	$(BIN)/python tests/bench/run.py $(ARGS)

fmt: $(STAMP)  ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## choose versions anew and pin them by hash (needs uv)
	printf 'hatchling>=1.26\neditables\n' | $(UV) pip compile pyproject.toml - --quiet --upgrade --all-extras \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' --output-file requirements.lock

clean:  ## remove .venv and what tools left
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .coverage htmlcov

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (Debian: apt-get install python3 python3-venv)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments (Debian: apt-get install $$($(PYTHON) -c \
		'import sys; print("python%d.%d-venv" % sys.version_info[:2])'))" >&2; exit 1; }
	@echo "Installing into $(VENV): once, a minute or so"
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
