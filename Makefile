# Every target works in a fresh clone: what it needs is installed into .venv first.

# compare (PyTorch, large) is for comparisons in lessons: make test EXTRAS=test,audit,compare
EXTRAS ?= test,audit
# Processes that run tests in parallel.
WORKERS ?= 2
# The tests of a file share what they make; conftest.py says which files come first.
BY_FILE := --dist loadfile --no-loadscope-reorder

comma := ,
WITH_AUDIT := $(EXTRAS)$(if $(findstring audit,$(EXTRAS)),,$(comma)audit)
BIN := .venv/bin
STAMP := .venv/installed-$(subst $(comma),-,$(EXTRAS))

.PHONY: help setup demo test coverage audit lint build bench lab clean distclean

help: ## Show what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: $(STAMP) ## Grade a small class of made-up students and show the results
	@$(BIN)/coursework demo

test: $(STAMP) ## Run all tests
	@$(BIN)/pytest -n $(WORKERS) $(BY_FILE) $(ARGS)

coverage: $(STAMP) ## Run all tests, and list the code that they do not reach
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n $(WORKERS) $(BY_FILE) $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

audit: ## Measure the tests of the lessons, and write the results into the ledger
	@$(MAKE) --no-print-directory setup EXTRAS=$(WITH_AUDIT)
	@$(BIN)/coursework audit --mutants $(ARGS)

lint: $(STAMP) ## Check style, types and imports, and that built notebooks match the lessons
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@found=$$($(BIN)/mypy --no-error-summary) || { echo "$$found"; exit 1; }
	@found=$$($(BIN)/lint-imports --no-cache --no-logo) || { echo "$$found"; exit 1; }
	@$(BIN)/coursework build --check

build: $(STAMP) ## Build source, release and solutions from the lessons
	@$(BIN)/coursework build

bench: $(STAMP) ## Compare the speed of grading with nbgrader's own
	@$(BIN)/python benchmarks/grading.py $(ARGS)

# scripts/jupyter hides what learners cannot use: Create Assignment writes tests.
lab: $(STAMP) ## Open the course in JupyterLab
	@JUPYTER_CONFIG_PATH="$(CURDIR)/scripts/jupyter$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}" \
	    $(BIN)/jupyter lab

setup: $(STAMP) ## Make or update the environment in .venv

$(STAMP): pyproject.toml constraints.txt
	@scripts/setup $(EXTRAS) $@

# Submissions and the gradebook hold people's work: clean leaves them alone.
clean: ## Remove graded copies, feedback and caches
	@rm -rf autograded/*/ feedback demo build dist .coverage* .hypothesis .mypy_cache \
	    .pytest_cache .ruff_cache
	@find . -path ./.venv -prune -o \
	    \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

distclean: clean ## Remove the environment too
	@rm -rf .venv .venv.lock *.egg-info
