# Everything happens in .venv; nothing is installed outside this folder. `make help` lists the targets.

PYTHON ?= python3
PORT ?= 8080
CDS_PROFILE ?= sandbox
ARGS ?=

# A stamp carries the checksum of what it was made from: a changed lock file asks for a new one.
VENV := .venv
IN_VENV := $(VENV)/bin/python
sum = $(shell cat $(1) | cksum | tr ' ' '-')
RUNTIME := $(VENV)/.runtime-$(call sum,pyproject.toml requirements.lock requirements-build.lock)
DEVELOPMENT := $(VENV)/.development-$(call sum,pyproject.toml requirements-dev.lock)

# Nothing resolves and nothing is built but the project: what a lock file names is installed, and all that is missing is an error.
PIP := $(IN_VENV) -m pip --disable-pip-version-check
INSTALL := $(PIP) --quiet install --no-deps --only-binary :all: --require-hashes
INSTALL_PROJECT := $(PIP) --quiet install --no-deps --no-build-isolation --editable .
CHECK := $(PIP) check || { echo "$(VENV) holds an older package too, or a lock file is not complete: say make clean and try again" >&2; exit 1; }

found = $(shell $(PYTHON) -c 'import sys; print("too old" if sys.version_info < (3, 11) else "fine")' 2>/dev/null)
has_venv = $(shell $(PYTHON) -c 'import ensurepip, venv; print("fine")' 2>/dev/null)
version = $(shell $(PYTHON) --version 2>&1 | tail -n 1)

.PHONY: help install install-dev run test covered-test test-integration image-test test-browser screenshots coverage mutants fuzz check bench bench-replicas bench-guard lock docs examples helm release clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name does; do printf '  make %-16s %s\n' "$$name" "$$does"; done

install: $(RUNTIME) ## put the service and its locked packages into .venv, and start nothing

install-dev: $(DEVELOPMENT) ## the same with the tools for tests and checks

run: export PORT := $(PORT)
run: export CDS_PROFILE := $(CDS_PROFILE)
run: $(RUNTIME) ## start the service on http://127.0.0.1:8080 with synthetic data (PORT=9000 for another port)
	@exec $(IN_VENV) -m cds_service.cli serve

test: $(DEVELOPMENT) ## run all tests (ARGS="-k flare" for some of them)
	@$(IN_VENV) -m pytest $(ARGS)

test-integration: export INTEGRATION := 1
test-integration: $(DEVELOPMENT) ## run the tests with a real database and FHIR server (needs PostgreSQL, Java 17 and Maven; minutes)
	$(if $(absent),$(error this needs $(absent): install PostgreSQL, a JDK 17 or newer and Maven (on Debian: postgresql, openjdk-17-jdk-headless, maven)))
	@$(IN_VENV) -m pytest tests/integration $(ARGS)

# PostgreSQL's programs stand outside PATH on Debian.
absent = $(strip $(foreach program,java javac mvn initdb,$(if $(shell PATH="$$PATH:$(subst $(space),:,$(wildcard /usr/lib/postgresql/*/bin))" command -v $(program)),,$(program))))
space := $(subst ,, )

image-test: export IMAGE := 1
image-test: $(DEVELOPMENT) ## build the container image and try it, and install on an empty Debian, without a Docker engine (needs Debian, root, buildah and debootstrap; five minutes)
	@$(IN_VENV) -m tests.image.machine
	@$(IN_VENV) -m pytest tests/image $(ARGS)

test-browser: export BROWSER := 1
test-browser: $(DEVELOPMENT) ## use the workbench as people do, in the machine's Chromium (on Debian: chromium; a minute)
	@$(IN_VENV) -m docs.chromium
	@$(IN_VENV) -m pytest tests/browser $(ARGS)

screenshots: $(DEVELOPMENT) ## take the pictures of the workbench that README.md shows (needs Chromium)
	@$(IN_VENV) -m docs.chromium
	@$(IN_VENV) -m docs.screenshots

EVERY_BRANCH := --cov=hooks --cov-branch --cov-report=term --cov-fail-under=100

covered-test: ARGS := -n 2 $(EVERY_BRANCH)
covered-test: test ## run all tests; every branch of hooks/ must be taken

coverage: $(DEVELOPMENT) ## run the tests of the knowledge alone; every branch of hooks/ must be taken
	@$(IN_VENV) -m pytest tests/anti_mag tests/examples tests/field tests/panel tests/site tests/knowledge_pages -n 2 $(EVERY_BRANCH) $(ARGS)

mutants: $(DEVELOPMENT) ## change the rules in every small way, one at a time: the tests must notice (see CONTRIBUTING)
	@$(IN_VENV) -m tests.mutation

fuzz: $(DEVELOPMENT) ## send the decoders and routes what nobody would, for ten minutes (ARGS=3600: for an hour; goes on where it stopped)
	@$(IN_VENV) -m tests.fuzz $(ARGS)

check: $(DEVELOPMENT) ## lint, format, types, architecture, dependencies, spelling
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(IN_VENV) -m mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/deptry .
	$(VENV)/bin/codespell

bench: $(DEVELOPMENT) ## measure the service beside a bare Flask route and write docs/performance.md (four minutes; PEERS=1: HealthChain too)
	@$(IN_VENV) -m bench $(ARGS)

bench-replicas: $(DEVELOPMENT) ## measure one and two replicas behind nginx, and a slow database, for docs/scaling.md (needs nginx and PostgreSQL)
	@$(IN_VENV) -m bench.replicas

bench-guard: $(DEVELOPMENT) ## fail where the service became slower beside the floor than make bench measured (half a minute)
	@$(IN_VENV) -m bench --guard

lock: $(DEVELOPMENT) ## write the lock files anew (ARGS=--upgrade for newer versions)
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) --group build --output-file requirements-build.lock
	$(COMPILE) pyproject.toml --group dev --constraints requirements.lock --constraints requirements-build.lock \
		--output-file requirements-dev.lock

# With the extras that somebody asks for, and of releases that need no build alone: both are installed without resolving.
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --only-binary :all: --no-emit-index-url --custom-compile-command "make lock" $(ARGS)

examples: $(DEVELOPMENT) ## write the example patients' requests anew (ARGS=--cards: their whole cards too)
	@$(IN_VENV) -m fhir_examples.build $(ARGS)

docs: $(DEVELOPMENT) ## write RULES.md, the reference, the table of conformance, and what README.md shows of the service
	@$(IN_VENV) -m docs.rulebook
	@$(IN_VENV) -m docs.readme
	@$(IN_VENV) -m docs.conformance
	@$(IN_VENV) -m docs.reference_pages
	@$(IN_VENV) -m docs.sizing

helm: ## build Helm for the tests of the chart, where there is none (needs Go; some minutes, once)
	@GOBIN="$(CURDIR)/.helm" go install helm.sh/helm/v3/cmd/helm@v3.19.5

release: $(DEVELOPMENT) ## make wheel, source, bill of materials, licence report and SHA256SUMS in dist
	@$(IN_VENV) -m release $(ARGS)

clean: ## remove .venv and everything that tools left behind
	rm -rf $(VENV) .mutation .fuzz .integration .image .helm .peers .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(IN_VENV):
	$(if $(filter too,$(found)),$(error this needs Python 3.11 or newer and found $(version): install one, then say make PYTHON=python3.11))
	$(if $(filter fine,$(found)),,$(error this needs Python 3.11 or newer and found no $(PYTHON): install it, then say make PYTHON=/path/to/python3))
	$(if $(filter fine,$(has_venv)),,$(error $(PYTHON) cannot make virtual environments: install its venv package (on Debian and Ubuntu: python3-venv)))
	@rm -rf $(VENV)
	@echo "Making $(VENV) with $(version)"
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): $(IN_VENV)
	@echo "Installing the locked packages (once, less than half a minute)"
	@rm -f $(VENV)/.runtime-*
	@$(INSTALL) -r requirements-build.lock -r requirements.lock
	@$(INSTALL_PROJECT)
	@$(CHECK)
	@touch $@

$(DEVELOPMENT): $(IN_VENV)
	@echo "Installing the locked development packages (once, about half a minute)"
	@rm -f $(VENV)/.development-*
	@$(INSTALL) -r requirements-dev.lock
	@$(INSTALL_PROJECT)
	@$(CHECK)
	@touch $@
