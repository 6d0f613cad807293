# The commands of this project. `make` alone lists them.

PYTHON ?= python3
ENGINE ?= auto
PYTEST_WORKERS ?= auto

BIN := .venv/bin
INSTALLED := .venv/installed
CHECKED := provider tests examples tools

# The virtual environment's own python comes first, also for what the tools start by name. A person's
# own pulumi comes before the one that `make cli` installs.
export PATH := $(CURDIR)/$(BIN):$(PATH):$(CURDIR)/.pulumi-cli/bin

.DEFAULT_GOAL := help

help: ## list these targets
	@echo "Targets:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED) ## show a pool's life on emulated AWS (ENGINE=local|cli chooses the engine)
	@python -m tools.demo --engine $(ENGINE)

test: $(INSTALLED) ## check style and types, and run all tests (PYTEST_WORKERS=1 for one at a time)
	@echo "make test: ruff, mypy and pytest, which take some minutes together."
	ruff check .
	ruff format --check .
	mypy --strict $(CHECKED)
	pytest -n $(PYTEST_WORKERS) --maxprocesses 4

bench: $(INSTALLED) ## measure a hundred pools beside other ways to have them (BENCH="--engine local --counts 1 10")
	PYTHONPATH=tests python -m benchmarks $(BENCH)

acceptance: $(INSTALLED) ## try a pool's life on your AWS account; says what it costs, then asks
	@python -m tools.acceptance --engine $(ENGINE)

faults: $(INSTALLED) ## kill and break every call of every operation, and print the table (FAULTS="--engine local")
	PYTHONPATH=tests python -m faults.table $(FAULTS)

model: $(INSTALLED) ## a thousand random steps of programs, drift, faults and kills, with a fresh seed
	MODEL_STEPS=1000 MODEL_SHARDS=4 pytest -n 4 --hypothesis-seed=random tests/faults/test_model.py

cli: $(INSTALLED) ## install the Pulumi CLI into .pulumi-cli (downloads it from the internet)
	@python -m tools.cli

clean: ## remove what was installed, built or cached here
	rm -rf .venv .pulumi-cli .build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find $(CHECKED) -type d -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
		echo "Python 3.10 or newer is needed, and \`$(PYTHON)\` is not: name another one with \`make PYTHON=...\`." >&2; \
		exit 1; }
	@echo "Installing into .venv: takes about a minute the first time, and nothing after that."
	@$(PYTHON) -m venv .venv
	@python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
	@echo "Installed."

.PHONY: help demo test bench faults model acceptance cli clean
