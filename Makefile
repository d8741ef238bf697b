# Two commands do everything on a fresh machine: make lab, make test.
PYTHON ?= python3
BIN := .venv/bin
TRUST := .venv-trust/bin
DATA ?= glyphs
OPTIONS ?=
OF ?= $(BIN)/python
SHARED ?= ../shared/data
LOCK := UV_CUSTOM_COMPILE_COMMAND='make lock' $(TRUST)/uv pip compile --no-config --universal \
  --generate-hashes --no-emit-index-url --no-emit-find-links --quiet
CODE := src tests benchmarks torture tools/site tools/trust
QUESTIONS := startup images_in memory prediction training_throughput time_to_accuracy whole_lab \
  near_duplicates label_errors interchange precision processes crowded sharded sharding cluster mixing
.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: .venv/installed ## Do the whole lab: make lab [DATA=path or name] [OPTIONS="--test path"]
	$(BIN)/glyphlab lab --data $(DATA) $(OPTIONS)

test: .venv/installed lint types layers ## Run all checks and tests
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --cov --cov-report=term

lint: .venv/installed ## Check style and format
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: .venv/installed ## Check types
	$(BIN)/mypy

layers: .venv/installed ## Check that imports go one way
	$(BIN)/lint-imports

results: .venv/installed ## Train and test everything that docs/results.md states
	$(BIN)/python benchmarks/results.py

bench: .venv/installed ## Measure speed beside the peers, an hour or two [QUICK=--quick: all in small]
	for question in $(QUESTIONS); do \
	  echo "== $$question"; $(BIN)/python benchmarks/$$question.py $(QUICK) || exit 1; \
	done
	$(BIN)/python benchmarks/decoders.py $(SHARED)/notMNIST_large_sample.tar.gz \
	  $(SHARED)/mnist_png.tar.gz

torture: .venv/installed ## Kill commands, fail writes, take the power, change files, load the server, for hours
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[torture]'
	$(BIN)/python torture/mutate.py
	$(BIN)/python torture/fuzz.py
	$(BIN)/python torture/openapi.py
	$(BIN)/python torture/kill.py
	$(BIN)/python torture/kill_review.py
	$(BIN)/python torture/failing_writes.py
	$(BIN)/python torture/power.py
	$(BIN)/python torture/memory.py
	$(BIN)/python torture/load.py

mutants: .venv/installed ## Change the code one thing at a time, and see whether a test notices, for an hour
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[torture]'
	nice -n 5 $(BIN)/python torture/mutants.py

docs: .venv/installed ## Make the documents a site, site/index.html, and check its links
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "Open site/index.html, or: $(BIN)/python -m http.server --directory site"

glyphs: .venv/installed ## Render the built-in images again (Debian, after apt-get update)
	tools/make-glyphs

lock: .venv-trust/installed ## Pin every dependency with its hashes anew, in locks/, by constraints.txt
	$(LOCK) pyproject.toml --python-version 3.11 --constraint constraints.txt --output-file locks/core.txt
	$(LOCK) pyproject.toml --python-version 3.11.5 --constraint constraints.txt --all-extras \
	  --output-file locks/all.txt
	$(LOCK) locks/build.in --python-version 3.11 --constraint constraints.txt --output-file locks/build.txt
	$(LOCK) locks/tools.in --python-version 3.11 --output-file locks/tools.txt

licences: .venv/installed ## List the licences of all dependencies, docs/licences.md; fail on a bad one
	$(BIN)/python -m tools.trust.licences

sbom: .venv/installed .venv-trust/installed ## Write a bill of materials, dist/sbom.json [OF=path of another Python]
	mkdir -p dist
	$(TRUST)/cyclonedx-py environment $(OF) --pyproject pyproject.toml --mc-type library \
	  --output-reproducible --validate --output-file dist/sbom.json
	@echo "Wrote dist/sbom.json, CycloneDX, checked against its schema."

clean: ## Remove what the other targets made, the runs left alone
	rm -rf .venv .venv-trust build dist site .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

.venv-trust/installed: locks/tools.txt
	test -x $(TRUST)/python || $(PYTHON) -m venv .venv-trust
	$(TRUST)/python -m pip install --quiet --require-hashes --requirement locks/tools.txt
	touch $@

.PHONY: help lab test lint types layers results bench torture mutants docs glyphs lock licences sbom clean
