# Every target works on a fresh clone with Python 3.11+ and make, and repeats fast.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
STAMP := $(VENV)/.jobfleet-setup

.PHONY: setup demo demo-plan run test check bench bench-quick soak model-soak schemathesis reference containers fmt clean

setup: $(STAMP)

# The stamp is older than what it was made from only when dependencies have changed.
$(STAMP): pyproject.toml uv.lock tools/make_venv.sh
	@PYTHON="$(PYTHON)" UV_VERSION="$(UV_VERSION)" tools/make_venv.sh "$(VENV)"
	@touch $@

demo: setup
	@$(BIN)/jobfleet demo

# A plan of every kind of step on three hosts, step by step.
demo-plan: setup
	@$(BIN)/jobfleet demo --plan examples/release.toml

run: setup
	@$(BIN)/jobfleet demo --stay --data-dir var/run --port $(PORT)

test: check
	@tools/get_programs.sh
	@$(BIN)/pytest -n 2 --dist loadfile

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup
	@$(BIN)/python -m bench

bench-quick: setup
	@$(BIN)/python -m bench --quick

# A file of 2 GiB to three hosts, with every process below 200 MiB.
soak: setup
	@$(BIN)/python -m bench.large_file

# The engine against the rules of its rows, for half an hour and every time in another weather; SEED=… repeats one.
SEED ?= $(shell date +%s)
EXAMPLES ?= 500
model-soak: setup
	@JOBFLEET_MODEL_SEED=$(SEED) JOBFLEET_MODEL_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/integration/engine/test_model.py

# Requests made from the served documents, many of them and every time others; SEED=… repeats one.
ASKED ?= 100
schemathesis: setup
	@JOBFLEET_FUZZ_SEED=$(SEED) JOBFLEET_FUZZ_EXAMPLES=$(ASKED) $(BIN)/pytest tests/acceptance/test_documents_hold.py

# The pages of docs/reference/operations, from the code.
reference: setup
	@$(BIN)/python tools/reference.py

# What runs in containers, against a real podman of Debian: podman, runc and busybox-static.
containers: setup
	@JOBFLEET_TEST_RUNTIME=podman $(BIN)/pytest tests/integration/agent/test_containers.py tests/acceptance/test_containers.py

fmt: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
