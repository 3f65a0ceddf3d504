# What people and CI call; `make` alone lists it. Everything runs in .venv, made on first use.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test check bench pictures format
BIN := .venv/bin

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: ## start web and workers on this machine (settings: docs/settings.md); Ctrl-C stops everything
	@scripts/environment requirements.txt
	@scripts/browser_libraries
	@scripts/print_needs
	@scripts/compile_translations
	@exec $(BIN)/flask --app wsgi serve

test: ## install what the tests need, then run all of them with branch coverage
	@scripts/environment requirements.txt requirements-dev.txt
	@scripts/browser_libraries
	@scripts/print_needs
	@scripts/test_needs
	@scripts/compile_translations
	@scripts/run_tests

check: ## format, lint, types, import rules, migration drift, catalogs, generated documents
	@scripts/environment requirements.txt requirements-dev.txt
	@scripts/browser_libraries
	@scripts/compile_translations
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	scripts/check_migrations
	$(BIN)/python scripts/catalogs.py check
	$(BIN)/flask --app wsgi lifecycle-diagram --check

bench: ## measure against named baselines in the same run
	@scripts/environment requirements.txt requirements-dev.txt
	@scripts/browser_libraries
	@scripts/compile_translations
	$(BIN)/python -m tests.benchmarks.upload
	$(BIN)/python -m tests.benchmarks.tus
	$(BIN)/python -m tests.benchmarks.desk
	$(BIN)/python -m tests.benchmarks.notice
	$(BIN)/python -m tests.benchmarks.errands
	$(BIN)/python -m tests.benchmarks.ticket
	$(BIN)/python -m tests.benchmarks.phone

pictures: ## write docs/pictures anew, of a small told story
	@scripts/environment requirements.txt requirements-dev.txt
	@scripts/browser_libraries
	@scripts/compile_translations
	@scripts/pictures

format: ## rewrite the sources as `make check` wants them
	@scripts/environment requirements.txt requirements-dev.txt
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
