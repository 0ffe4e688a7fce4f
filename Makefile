.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "python3-venv is needed" >&2; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: install
install: $(VENV)/.installed ## make .venv with the service and its locked dependencies

.PHONY: demo
demo: install ## start the service with a populated ecosystem and ask it two questions
	@$(BIN)/touchstone demo

.PHONY: serve
serve: install ## start the service on its own data
	@$(BIN)/touchstone serve

.PHONY: system
system: ## install what the tests need from the system's packages, where it is missing
	@sh tests/system-packages.sh

.PHONY: lint
lint: $(VENV)/.installed-dev ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	if [ -x $(BIN)/hadolint ]; then $(BIN)/hadolint Dockerfile; fi

.PHONY: test
test: $(VENV)/.installed-dev system lint ## install what the tests need and run them all
	$(BIN)/pytest

.PHONY: interop
interop: $(VENV)/.installed-dev ## have Go's and Sigstore's verifiers read a log of 70,000 entries
	@sh tests/system-packages.sh interop
	@$(BIN)/python -m tests.interop

.PHONY: format
format: $(VENV)/.installed-dev ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: bench
bench: install ## measure against floors of the same run
	@$(BIN)/touchstone bench

.PHONY: lock
lock: $(BIN)/python ## renew the lock files (versions and hashes, no addresses)
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --upgrade --generate-hashes --no-header --no-emit-index-url --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group test --group lint --universal --python-version 3.11 --upgrade --generate-hashes --no-header --no-emit-index-url --quiet --output-file requirements-dev.lock

.PHONY: clean
clean: ## remove everything that is made
	rm -rf $(VENV) tests/interop/node_modules build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
