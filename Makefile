# `make demo` and `make test` are all a newcomer needs: each builds the environment first if it is not there.
.DEFAULT_GOAL := help
.PHONY: help demo test test-fast lint torture bench sandbox screenshots lock clean

# Another version, in an environment of its own: make PYTHON=python3.13 VENV=.venv-3.13 test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# One worker for each processor, at most four. Each gets one run of neighbouring tests, since the tests of a module share
# fixtures, and takes tests from another worker only when it has none left.
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal
UV_COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q

help:  ## what there is
	@sed -nE 's/^([a-z][a-z-]*):[^#]*## */  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: $(READY)  ## three days of Bailiff in two minutes, against a sandbox on this machine
	@$(BIN)/python -m bailiff_bot.sandbox.demo

test: $(READY)  ## every test
	@$(PYTEST)

test-fast: $(READY)  ## the unit tests only, with a fifth of the random examples, in half a minute
	@EXAMPLES_DIVISOR=5 $(PYTEST) --dist loadfile tests/unit

lint: $(READY)  ## style, types and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

torture: $(READY)  ## kill, stop and starve the bot thousands of times, and count what is sent or done twice or lost (2 hours)
	@$(BIN)/python -m tests.torture

bench: $(READY)  ## the README's figures: time and memory of a scan, also against Cloud Custodian's (15 minutes)
	@$(BIN)/python -m benchmarks.scan

sandbox: $(READY)  ## the sandbox and a bot in it, to use in a browser, until Ctrl-C
	@$(BIN)/bailiff sandbox

screenshots: $(READY)  ## the README's pictures anew, from the page of the sandbox; needs Debian's chromium
	@$(BIN)/python -m tests.acceptance.screenshots

lock: $(READY)  ## compile the pinned requirements anew from pyproject.toml
	$(UV_COMPILE) pyproject.toml --extra postgres -o requirements/bot.txt
	$(UV_COMPILE) pyproject.toml --extra sandbox --extra postgres --group dev -o requirements/dev.txt
	echo uv | $(UV_COMPILE) - -o requirements/uv.txt

clean:  ## remove the environment and every cache
	rm -rf $(VENV) .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# uv is several times faster than pip, but does not read pip's configuration: where it finds nothing, pip does it.
# PYTHONDONTWRITEBYTECODE would leave every start of the bot to compile its libraries again.
$(READY): pyproject.toml requirements/dev.txt requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Bailiff needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) -V). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Preparing the environment in $(VENV) (once) ..."
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	@export PYTHONDONTWRITEBYTECODE=; PIP="$(BIN)/python -m pip -q --disable-pip-version-check"; \
		{ $$PIP install --require-hashes -r requirements/uv.txt && \
		  $(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes --compile-bytecode requirements/dev.txt 2>$(VENV)/uv.log; } || \
		$$PIP install --require-hashes -r requirements/dev.txt
	@export PYTHONDONTWRITEBYTECODE=; $(BIN)/python -m ensurepip -U >/dev/null 2>&1; \
		$(BIN)/python -m pip -q --disable-pip-version-check install --no-deps --no-build-isolation -e . && \
		$(BIN)/python -m compileall -q bailiff_bot
	@touch $@
