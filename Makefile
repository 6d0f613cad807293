# The commands of this project. `make` alone lists them.

PYTHON ?= python3
PYTEST_WORKERS ?= 4

BIN := .venv/bin
INSTALLED := .venv/installed
CHECKED := provider tests examples tools

# The virtual environment's own python comes first, also for what the tools start by name. In
# .pulumi-cli/bin is a link to a person's own pulumi, if there is one.
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/.pulumi-cli/bin:$(PATH)

# Some hundred processes import the package: none of them has to compile it.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

help: ## list these targets
	@echo "Targets:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED) ## show a pool's life on emulated AWS
	@python -m tools.cli --optional
	@PYTHONPATH=tests python -m tools.demo

test: $(INSTALLED) ## check style and types, and run all tests (PYTEST_WORKERS=1 for one at a time)
	@python -m tools.cli --optional
	@echo "make test: ruff, mypy, pyright and pytest, which take some minutes together."
	ruff check .
	ruff format --check .
	mypy --strict $(CHECKED)
	pyright
	pytest -n $(PYTEST_WORKERS) --maxschedchunk 2

bench: $(INSTALLED) ## measure many pools beside other ways, under limits too (BENCH="--only limited")
	@python -m tools.cli
	PYTHONPATH=tests python -m benchmarks $(BENCH)

performance: $(INSTALLED) ## write docs/performance.md from what `make bench` measured last
	PYTHONPATH=tests python -m benchmarks.document

acceptance: $(INSTALLED) ## try a pool's life on your AWS account; says what it costs, then asks
	@python -m tools.cli
	@PYTHONPATH=tests python -m tools.acceptance

faults: $(INSTALLED) ## kill and break every call of every operation, and print the table
	@python -m tools.cli --optional
	PYTHONPATH=tests python -m faults.table $(FAULTS)

model: $(INSTALLED) ## a thousand random steps of programs, drift, faults and kills, with a fresh seed
	@python -m tools.cli --optional
	MODEL_STEPS=1000 MODEL_SHARDS=4 pytest -n 4 --hypothesis-seed=random tests/faults/test_model.py

cli: $(INSTALLED) ## have a Pulumi CLI in .pulumi-cli: the one on the PATH, the official one, or built from source
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

.PHONY: help demo test bench performance faults model acceptance cli clean
