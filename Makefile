# The one door. `make run` and `make test` work on a bare machine with Python 3.11 or newer.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
OUT ?= docs/benchmarks
PYTEST_WORKERS ?= 2
# ecdsa comes with python-jose and has no fix; we sign with the cryptography backend and never with it.
KNOWN_VULNERABILITIES := --ignore-vuln GHSA-wj6h-64fc-37mp --ignore-vuln CVE-2024-23342
export PYTHONPATH := src/packages

# Keys, tokens and passwords by their form; guesses by entropy take every id for one.
SECRETS := --disable-plugin Base64HighEntropyString --disable-plugin HexHighEntropyString --disable-plugin KeywordDetector \
	--exclude-secrets '^(secret|pw|pass|password|\.\.\.)$$'

.PHONY: run test fuzz setup setup-test setup-lint setup-deep setup-bench setup-browser setup-ci lint format types imports security docs \
	migration audit bench bench-api bench-ui bench-quality check lock clean help

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

run: setup ## set up, find the anomalies of two real tables, then serve the platform with a demo: PORT=8000
	@$(BIN)/python examples/first_anomalies.py
	@$(BIN)/anomaly_detection demo load
	@exec $(BIN)/anomaly_detection serve

test: setup-test ## set up, then run the tests
	@$(BIN)/python scripts/run_tests.py --workers $(PYTEST_WORKERS)

setup: $(VENV)/.run ## the virtual environment with all that running needs
setup-test: $(VENV)/.test
setup-lint: $(VENV)/.lint
setup-deep: $(VENV)/.deep ## torch, for autoencoder and vae
setup-bench: $(VENV)/.bench
setup-browser: setup-test ## Chromium for the browser tests, where there is none
	@$(BIN)/python scripts/setup_browser.py
setup-ci: setup-test setup-lint setup-deep setup-browser ## everything `make check` needs

$(VENV)/bin/python:
	@$(PYTHON) scripts/make_venv.py $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements/run.lock requirements/assets.txt pyproject.toml
	@echo "Installing what running needs (a minute or two the first time) ..."
	@$(PIP) install --require-hashes -r requirements/run.lock
	@$(PIP) install --require-hashes --no-deps -r requirements/assets.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.lock
	@$(PIP) install --require-hashes -r requirements/test.lock
	@touch $@

$(VENV)/.lint: $(VENV)/.run requirements/lint.lock
	@$(PIP) install --require-hashes -r requirements/lint.lock
	@touch $@

$(VENV)/.bench: $(VENV)/.test requirements/bench.lock
	@$(PIP) install --require-hashes -r requirements/bench.lock
	@touch $@

$(VENV)/peers/.done: $(VENV)/bin/python requirements/peers.lock
	@$(BIN)/python -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/peers.lock
	@touch $@

$(VENV)/.deep: $(VENV)/.run requirements/deep.txt
	@$(PIP) install -r requirements/deep.txt
	@touch $@

lint: setup-lint ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup-lint ## mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup-lint setup-test ## mypy, strict
	@$(BIN)/mypy

imports: setup-lint ## the import contracts, and no unused or undeclared dependency
	@$(BIN)/lint-imports
	@$(BIN)/deptry src/packages

security: setup-lint ## bandit, and a scan for secrets
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml src examples scripts
	@git ls-files -z -- ':!requirements/*.lock' ':!tests' | xargs -0 $(BIN)/detect-secrets-hook $(SECRETS)

docs: setup-test ## settings guide, links and command examples of the documentation
	@$(BIN)/python -m pytest -q tests/docs

fuzz: setup-test ## made-up requests to every operation of the API: make fuzz FUZZ_EXAMPLES=50
	@FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),20) $(BIN)/python -m pytest -q -n $(PYTEST_WORKERS) tests/api/fuzz

migration: setup-lint ## write what changed in the tables as a revision: make migration MESSAGE="why" (INITIAL=1: all anew)
	@$(BIN)/python scripts/make_migration.py --message "$(MESSAGE)" $(if $(INITIAL),--initial)

audit: setup-lint ## known vulnerabilities of what we depend on (asks the network)
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements/run.lock $(KNOWN_VULNERABILITIES)

bench: setup-bench ## speed and memory beside the peers; writes docs/benchmarks/
	@$(BIN)/python -m tests.performance.speed --output $(OUT)

bench-api: setup-bench $(VENV)/peers/.done ## the API beside MLflow and bare FastAPI apps; writes docs/benchmarks/
	@$(BIN)/python -m tests.performance.api --peers $(VENV)/peers/bin/python --output $(OUT)

bench-ui: setup-bench setup-browser ## the pages with 100,000 anomalies on PostgreSQL; writes docs/benchmarks/
	@$(BIN)/python -m tests.performance.pages --output $(OUT)

bench-quality: setup-bench ## detection quality on labelled tables: make bench-quality DATA=folder
	@$(BIN)/python -m tests.performance.quality --data "$(DATA)" --output $(OUT)

check: lint types imports security ## what CI runs
	@$(BIN)/python scripts/run_tests.py --workers $(PYTEST_WORKERS) --no-skips

lock: ## resolve the requirements anew (needs uv)
	@scripts/lock.sh

clean: ## remove the environment and all caches
	@rm -rf $(VENV) var dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
