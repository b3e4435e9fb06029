# `make demo` and `make test` set up what they need below .cache/ and say so; see .ci/setup.
# PYTHON=python3.12 chooses the interpreter, ARGS="…" is handed on to the command behind a target.
SHELL := bash
PYTHON ?= python3
export PYTHON

# Long-lived by-products of tests stay out of the tree; bytes of installed code are written once, at installation.
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/.cache/hypothesis

VENV := .cache/venv/bin
TIMED := .ci/timed
CHECKED := garden tests $(wildcard docs/*.py)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test setup lint types format homeserver bench docs pictures words wheel lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1 — \2/p' Makefile

demo: ## build the demo garden, serve it on this machine and print its address
	@.ci/setup demo
	@.cache/demo/bin/garden demo $(ARGS)

test: ## everything a change has to pass: lint, types, then all tests
	@$(TIMED) "set-up" .ci/setup browser tests synapse checker
	@$(TIMED) "ruff check" $(VENV)/ruff check --quiet .
	@$(TIMED) "ruff format" $(VENV)/ruff format --quiet --check .
	@$(TIMED) "mypy" $(VENV)/mypy --no-error-summary $(CHECKED)
	@$(VENV)/pytest -n 2 --dist loadgroup --durations=10 $(ARGS)

setup: ## what `make test` sets up, without the tests: then .cache/venv/bin/pytest tests/… runs some of them
	@.ci/setup browser tests synapse checker

lint: ## ruff: rules and format
	@.ci/setup tests
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .

types: ## mypy, strict
	@.ci/setup tests
	@$(VENV)/mypy $(CHECKED)

format: ## let ruff put the code into shape
	@.ci/setup tests
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

homeserver: ## start the tests' homeserver, seeded, to play with
	@.ci/setup tests synapse
	@$(VENV)/python -P -m tests.homeserver $(ARGS)

bench: ## cold, unchanged and one-edit build times and peak memory
	@.ci/setup tests
	@$(VENV)/python -P -m tests.benchmarks $(ARGS)

docs: ## write the generated reference pages
	@.ci/setup tests
	@$(VENV)/python -P docs/generate.py $(ARGS)

words: ## bring the catalogues of the interface's words up to date and say what they lack
	@.ci/setup tests
	@$(VENV)/python -P docs/words.py $(ARGS)

pictures: ## take the documentation's pictures of the demo anew
	@.ci/setup browser fonts tests
	@$(VENV)/python -P docs/pictures.py $(ARGS)

wheel: ## build the distribution into dist/
	@.ci/setup tests
	@$(VENV)/python -P -m build --no-isolation --outdir dist .

lock: ## write the lock files anew; ARGS=--upgrade moves to the newest versions that fit
	@.ci/setup lock
	@.ci/relock $(ARGS)

clean: ## remove everything that set-up, tests and builds have made
	rm -rf .cache dist
