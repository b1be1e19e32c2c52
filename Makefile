# Everything is installed into .venv from the hash-pinned files in locks/; nothing else on the machine is touched,
# but by `test-system`, which asks Debian for the programs that PyPI does not have.

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv pip install --quiet --compile-bytecode --system-certs
export PYTHONPYCACHEPREFIX :=
export DAGSTER_DISABLE_TELEMETRY := 1

.PHONY: demo federation test fuzz test-system up web web-types bench lint format lock clean

demo: .venv/default.stamp
	$(BIN)/python -m examples.run_demo

# Three hospitals as three processes, with a key that none of them has.
federation: .venv/default.stamp
	$(BIN)/python -m examples.federation

test: .venv/dev.stamp .venv/npm.stamp
	web/npm test
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --cov

# The law that any table can be counted, compared and printed, on as many random ones as a release is tried on.
fuzz: .venv/dev.stamp
	AIMON_FUZZ_TABLES=10000 $(BIN)/python -m pytest tests/profile/test_fuzz.py tests/report/test_fuzz.py -p no:cacheprovider

test-system: .venv/system.stamp .venv/web.stamp
	$(BIN)/python -m pytest tests/system tests/browser tests/spark -p no:cacheprovider

up: .venv/default.stamp .venv/web.stamp
	$(BIN)/aimon up

# The dashboard's pages, into aimon/service/dashboard. Needs npm's registry; the Node on PATH, or else PyPI's.
web: .venv/web.stamp

# The types of the API, from the API itself.
web-types: .venv/dev.stamp .venv/npm.stamp
	$(BIN)/python web/openapi.py > web/openapi.json
	web/npm run types -- openapi.json --output src/api/schema.d.ts

bench: .venv/dev.stamp .venv/web.stamp
	$(BIN)/python -m benchmarks

lint: .venv/dev.stamp .venv/npm.stamp
	web/npm run lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Resolve again, within the bounds of pyproject.toml. The files name no index, so any mirror serves.
lock: .venv/bootstrap.stamp
	$(BIN)/uv pip compile locks/bootstrap.in $(LOCK_FLAGS) -o locks/bootstrap.txt
	$(BIN)/uv pip compile locks/node.in $(LOCK_FLAGS) -o locks/node.txt
	$(BIN)/uv pip compile pyproject.toml $(LOCK_FLAGS) -o locks/default.txt
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCK_FLAGS) -c locks/default.txt -o locks/dev.txt
	$(BIN)/uv pip compile pyproject.toml --group dev --extra spark $(LOCK_FLAGS) -c locks/dev.txt -o locks/system.txt
LOCK_FLAGS := --system-certs --universal --python-version 3.11 --generate-hashes --upgrade --quiet --no-header --no-annotate

clean:
	rm -rf .venv demo storage web/node_modules aimon/service/dashboard

.venv/bootstrap.stamp: locks/bootstrap.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "aimon needs Python 3.11 to 3.13; run make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/bootstrap.txt
	touch $@

.venv/package.stamp: .venv/bootstrap.stamp pyproject.toml client/pyproject.toml
	$(UV) --no-deps --no-build-isolation --editable . --editable client
	touch $@

.venv/default.stamp: .venv/package.stamp locks/default.txt
	$(UV) --require-hashes -r locks/default.txt
	touch $@

.venv/dev.stamp: .venv/package.stamp locks/dev.txt
	$(UV) --require-hashes -r locks/dev.txt
	touch $@

.venv/system.stamp: .venv/package.stamp locks/system.txt tests/system/packages.txt
	$(UV) --require-hashes -r locks/system.txt
	sh tests/system/install.sh
	touch $@

.venv/npm.stamp: .venv/bootstrap.stamp locks/node.txt web/package-lock.json
	web/npm --has-node || $(UV) --require-hashes -r locks/node.txt
	web/npm ci --no-audit --no-fund
	touch $@

.venv/web.stamp: .venv/npm.stamp $(shell find web/src web/public -type f) web/index.html web/vite.config.ts
	web/npm run build
	touch $@
