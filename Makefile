# The developer's tasks. ./run and ./test are enough to use and to check the portal; nothing here is needed for that.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
UV := var/uv/bin/uv

.PHONY: help
help:  ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run:  ## Start the portal with the demonstration city (same as ./run)
	./run

.PHONY: test
test:  ## Check everything (same as ./test)
	./test

.PHONY: check
check:  ## Lint, types, import contracts, templates, translations, documents: no database needed
	bash dev/check.sh

.PHONY: format
format:  ## Put the code into the house format and fix what can be fixed safely
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

.PHONY: messages
messages:  ## Extract the texts of every package into its Chinese catalogue
	$(PYTHON) dev/messages.py

.PHONY: docs
docs:  ## Rewrite the generated documents
	$(PYTHON) dev/requirements.py
	$(PYTHON) dev/states.py

.PHONY: requirements
requirements: docs

.PHONY: vendor
vendor:  ## Copy the served front-end files out of node_modules
	bash dev/vendor.sh

.PHONY: migration
migration:  ## Start a migration: make migration name=short_title
	$(PYTHON) dev/migration.py "$(name)"

.PHONY: migrate
migrate:  ## Bring the running portal's schema up to date (stop it first)
	$(PYTHON) -m portal --of var/portal db upgrade

.PHONY: bench
bench:  ## Measure map tiles, imports, probes and lists; each prints a ratio
	$(PYTHON) -m bench

.PHONY: look
look:  ## Look at every page of the running portal as every role: pictures and faults in var/look
	$(PYTHON) dev/look.py --out var/look

seconds ?= 600
seed ?= 1
.PHONY: soak
soak:  ## Kill parts of a portal under load for ten minutes: make soak seconds=3600 seed=7
	$(PYTHON) -m pytest tests/durability -q -s --soak $(seconds) --soak-seed $(seed)

.PHONY: coverage
coverage:  ## Run all tests and report which lines none of them reached
	$(PYTHON) -m coverage erase
	$(PYTHON) -m pytest -n 4 --dist loadfile --cov --cov-report=term

$(UV):
	python3 -m venv var/uv
	var/uv/bin/pip install --quiet --disable-pip-version-check uv

COMPILE := pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url --python-version 3.11 \
	--custom-compile-command 'make lock'

.PHONY: lock
lock: $(UV)  ## Resolve the pinned dependencies into hashed lock files that name no host
	$(UV) $(COMPILE) --output-file requirements.lock
	$(UV) $(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	npm install --package-lock-only --ignore-scripts
	@! grep -l 'http' requirements.lock requirements-dev.lock

.PHONY: upgrade
upgrade: $(UV)  ## The same, moving what is not pinned to its newest version
	$(UV) $(COMPILE) --upgrade --output-file requirements.lock
	$(UV) $(COMPILE) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock

.PHONY: clean
clean:  ## Remove caches (not the data under var/portal)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*
	find portal tests dev bench migrations -name __pycache__ -type d -prune -exec rm -rf {} +
