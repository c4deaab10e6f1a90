# Every target works on a fresh clone with Python 3.11+ and make, and repeats fast.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
STAMP := $(VENV)/.jobfleet-setup
# Starting a server imports a thousand modules, and tests start hundreds of processes: without bytecode, as many
# container images have it, each start costs twice as much.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup console console-check budgets api-types pictures demo demo-plan run test check bench bench-quick soak model-soak schemathesis reference containers fmt clean

setup: $(STAMP)

# The stamp is older than what it was made from only when dependencies have changed.
$(STAMP): pyproject.toml uv.lock tools/make_venv.sh
	@PYTHON="$(PYTHON)" UV_VERSION="$(UV_VERSION)" tools/make_venv.sh "$(VENV)"
	@touch $@

# The console: its packages, and the page that servers serve; each is made again only when what it is made from is newer.
CONSOLE := src/jobfleet/api/console/static/index.html
CONSOLE_FROM := $(shell find console -type f -not -path 'console/node_modules/*' 2>/dev/null)

console: $(CONSOLE)

console/node_modules/.package-lock.json: console/package.json console/package-lock.json | setup
	@tools/npm ci --ignore-scripts --silent --no-progress
	@touch $@

$(CONSOLE): $(CONSOLE_FROM) console/node_modules/.package-lock.json
	@tools/npm run --silent build -- --logLevel error
	@$(BIN)/python tools/compress.py src/jobfleet/api/console/static

console-check: console/node_modules/.package-lock.json setup
	@$(MAKE) --no-print-directory --silent api-types TYPES=../var/schema.d.ts
	@cmp -s var/schema.d.ts console/src/api/schema.d.ts || { echo "console/src/api/schema.d.ts is out of date: make api-types"; exit 1; }
	@tools/npm run --silent lint -- --cache --cache-location node_modules/.cache/eslint & lint=$$!; \
	tools/npm run --silent types && wait $$lint && tools/npm run --silent test -- --silent --reporter=dot
	@$(MAKE) --no-print-directory --silent console
	@$(BIN)/python tools/console_sizes.py

# What the console costs, against its budgets: its size, 10,000 simulated hosts, long lists and long logs in a headless Chromium.
budgets: setup console
	@$(BIN)/python -m tools.budgets

# The types of the console's client, from the native API's document: no server is needed.
TYPES ?= src/api/schema.d.ts
api-types: console/node_modules/.package-lock.json
	@mkdir -p var
	@$(BIN)/python tools/api_types.py var/native-openapi.json
	@tools/npm run --silent api-types -- ../var/native-openapi.json --output $(TYPES) >/dev/null

# The pictures of the tutorial, taken by the test that walks it.
pictures: setup console
	@JOBFLEET_TEST_PICTURES=docs/tutorial/pictures $(BIN)/pytest -q tests/browser/test_first_run.py

demo: setup console
	@$(BIN)/jobfleet demo

# A plan of every kind of step on three hosts, step by step.
demo-plan: setup console
	@$(BIN)/jobfleet demo --plan examples/release.toml

run: setup console
	@$(BIN)/jobfleet demo --stay --data-dir var/run --port $(PORT)

# The checks of Python and of the console side by side: either keeps one core busy.
test: setup
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check console-check
	@tools/get_programs.sh
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

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
	rm -rf $(VENV) var console/node_modules src/jobfleet/api/console/static .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
