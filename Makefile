# Everything starts here. `make` alone lists what there is.
# Needed on the machine: python3 with pip, make and git. The rest is fetched into this directory.

.DEFAULT_GOAL := help
.PHONY: help setup run test torture fuzz audit check train eval bench lock clean uv desk dev measuring bot chromium nginx pango

export RASA_TELEMETRY_ENABLED := false
# Several threads for one sentence gain little, and on a busy machine they wait for each other.
export OPENBLAS_NUM_THREADS := 1

DESK_PYTHON := 3.13
BOT_PYTHON := 3.10
UV := .tools/bin/uv
BIN := .venv/bin
# The tests run in as many processes as there are cores, each file in one.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder
RASA_DATA := --domain domain.yml --data data/nlu data/rules.yml data/stories.yml

help: ## List what make can do
	@echo "make run    start Amends here; sets up first; Ctrl-C stops it"
	@echo "make setup  make both environments, with the tools for tests, and nothing else"
	@echo "make test   set up and run all the tests"
	@echo "make check  ruff, mypy, the flow, the policies, and Rasa's own check of its data"
	@echo "make train  train the assistant if its files changed (make run does this too)"
	@echo "make eval   measure how well messages are understood; writes docs/understanding.md"
	@echo "make audit  hold the locks against the known advisories; needs a network"
	@echo "make torture  10,000 conversations while everything goes wrong; CONVERSATIONS, SEED, MINUTES and RECORD choose others"
	@echo "make fuzz   try 100,000 made-up inputs; FUZZ_INPUTS and FUZZ_SEED choose others"
	@echo "make bench  measure how fast all is, against Rasa's own; writes docs/performance.md (hours; SHORT=1: 25 minutes)"
	@echo "make lock   write requirements/*.txt anew from pyproject.toml"
	@echo "make clean  remove the environments, the caches and the models; keeps .env and the record"

setup: dev bot pango

run: desk bot pango
	@exec $(BIN)/amends run

train: desk bot
	@$(BIN)/amends train

eval: desk bot
	@$(BIN)/python bench/understanding.py && $(BIN)/python bench/which_flow.py

bench: measuring bot
	@$(BIN)/amends train && $(BIN)/python -m bench $(if $(SHORT),--short) $(if $(AGAIN),--again)

test: dev bot chromium nginx pango
	@began=$$(date +%s); $(BIN)/amends train && $(BIN)/python -m pytest $(SIDE_BY_SIDE) && echo "Tests passed in $$(($$(date +%s) - began)) s."

audit: dev
	@$(BIN)/python -m amends.ops.advisories

FUZZ_INPUTS ?= 100000
FUZZ_SEED ?= 1

torture: dev bot
	@$(BIN)/amends train && $(BIN)/python -m tests.torture $(if $(CONVERSATIONS),--conversations $(CONVERSATIONS)) \
	$(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(RECORD),--record $(RECORD))

fuzz: dev bot
	@FUZZ_INPUTS=$(FUZZ_INPUTS) $(BIN)/python -m pytest tests/fuzz $(SIDE_BY_SIDE) --hypothesis-seed $(FUZZ_SEED)

check: dev bot
	@began=$$(date +%s); set -e; \
	say() { echo "== $$* ($$(($$(date +%s) - began)) s)"; }; \
	say ruff; $(BIN)/ruff check; $(BIN)/ruff format --check; \
	say mypy; $(BIN)/mypy; \
	say flow and policies; $(BIN)/amends flow check; $(BIN)/amends policy check; $(BIN)/amends drill check; \
	say rasa data validate; mkdir -p var/log; \
	SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=3 \
	.venv-bot/bin/rasa data validate --config config.yml $(RASA_DATA) > var/log/validate.log 2>&1 \
	|| { tail -n 40 var/log/validate.log; echo "Rasa found mistakes in its data, see above."; exit 1; }; \
	say checked

lock: uv
	@for one in "desk $(DESK_PYTHON)" "test $(DESK_PYTHON) -c requirements/desk.txt" \
	"bench $(DESK_PYTHON) -c requirements/test.txt" "bot $(BOT_PYTHON)" \
	"tools $(BOT_PYTHON)"; do \
	set -- $$one; group=$$1; version=$$2; shift 2; \
	$(UV) pip compile pyproject.toml --group $$group --python-version $$version --generate-hashes --quiet \
	--no-header --no-emit-index-url --no-emit-find-links "$$@" -o requirements/$$group.txt || exit 1; \
	echo "requirements/$$group.txt: $$(grep -c == requirements/$$group.txt) packages"; done; \
	if grep -n "://" requirements/*.txt; then echo "An address got into a lock file, see above."; exit 1; fi

clean:
	rm -rf .venv .venv-bot .tools .rasa .pytest_cache .mypy_cache .ruff_cache .hypothesis var/models var/log var/cache

# An environment is made when there is none, and brought up to date when its lock file or its place changed:
# the stamp in it holds the checksum of the lock files and the path.
uv:
	@want=$$(cksum < requirements/tools.txt); \
	if [ "$$(cat .tools/stamp 2>/dev/null)" != "$$want" ] || [ ! -x $(UV) ]; then \
	python3 -c '' 2>/dev/null || export PYENV_VERSION=system; \
	python3 -c '' || { echo "python3 does not run here. Install Python 3 with pip, then run make again."; exit 1; }; \
	echo "Fetching uv into .tools/."; rm -rf .tools; mkdir .tools; \
	python3 -m pip install --quiet --disable-pip-version-check --require-hashes --target .tools \
	-r requirements/tools.txt > .tools/log 2>&1 && [ -x $(UV) ] \
	|| { cat .tools/log; echo "uv could not be fetched with 'python3 -m pip', see above. Is pip installed, and is there a network?"; exit 1; }; \
	echo "$$want" > .tools/stamp; fi

# Where pip has been told to look for packages and whom to trust, uv looks and trusts too.
define uv_like_pip
	index=$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$(python3 -m pip config get global.index-url 2>/dev/null || true)}}; \
	[ -z "$$index" ] || export UV_DEFAULT_INDEX="$$index"; \
	[ -n "$$SSL_CERT_FILE" ] || [ -z "$$PIP_CERT" ] || export SSL_CERT_FILE="$$PIP_CERT";
endef

# $(1) directory, $(2) Python version, $(3) lock file, $(4) other names under which the same may stand, $(5) what for
define environment
	@began=$$(date +%s); want="$(3) $$(cat requirements/desk.txt requirements/test.txt requirements/bench.txt requirements/bot.txt | cksum) $(CURDIR)"; \
	have=$$(cat $(1)/stamp 2>/dev/null); good=; \
	for name in $(3) $(4); do [ "$$have" = "$$name $${want#* }" ] && good=yes; done; \
	right() { $(1)/bin/python -c 'import sys; sys.exit("$(2)" != "%d.%d" % sys.version_info[:2])' 2>/dev/null; }; \
	if [ -z "$$good" ] || ! right; then $(uv_like_pip) \
	if [ "$${have##* }" != "$(CURDIR)" ] || ! right; then \
	echo "Making $(1) with Python $(2)."; \
	$(UV) venv --quiet --clear --no-project --python $(2) $(1) 2> .tools/log \
	|| { cat .tools/log; echo "Python $(2), which $(5) needs, is not on this machine and could not be downloaded. Install it (for example 'pyenv install $(2)'), then run make again."; exit 1; }; fi; \
	echo "Installing requirements/$(3).txt into $(1)."; rm -f $(1)/stamp; \
	$(UV) pip sync --python $(1) --require-hashes requirements/$(3).txt \
	|| { echo "The packages of requirements/$(3).txt could not be installed, see above."; exit 1; }; \
	$(6) \
	echo "$$want" > $(1)/stamp; echo "$(1) is ready after $$(($$(date +%s) - began)) s."; fi
endef

# The project itself: a path file, so that Python finds it, and the command.
define amends_command
	echo "$(CURDIR)" > "$$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/amends.pth"; \
	printf '%s\n' '#!/bin/sh' "exec '$(CURDIR)/.venv/bin/python' -m amends.cli \"\$$@\"" > .venv/bin/amends; \
	chmod +x .venv/bin/amends;
endef

desk: uv
	$(call environment,.venv,$(DESK_PYTHON),desk,test bench,the desk,$(amends_command))

dev: uv
	$(call environment,.venv,$(DESK_PYTHON),test,bench,the desk,$(amends_command))

# With what ours is measured against.
measuring: uv
	$(call environment,.venv,$(DESK_PYTHON),bench,,the desk,$(amends_command))

bot: uv
	$(call environment,.venv-bot,$(BOT_PYTHON),bot,,Rasa,)

chromium:
	@command -v chromium > /dev/null || command -v chromium-browser > /dev/null || { \
	as=; [ "$$(id -u)" = 0 ] || as="sudo -n"; echo "Installing chromium for the browser tests."; mkdir -p var/log; \
	{ $$as apt-get update && $$as apt-get install -y --no-install-recommends chromium; } > var/log/chromium.log 2>&1 \
	|| { echo "The browser tests need chromium, which could not be installed here (var/log/chromium.log). Install it, then run make again."; exit 1; }; }

# Stopped at once if the package starts it: the tests start their own, from deploy/nginx.
nginx:
	@PATH="$$PATH:/usr/sbin"; command -v nginx > /dev/null || { \
	as=; [ "$$(id -u)" = 0 ] || as="sudo -n"; echo "Installing nginx for the test of deploy/."; mkdir -p var/log; \
	{ $$as apt-get update && $$as apt-get install -y --no-install-recommends nginx; $$as service nginx stop; \
	command -v nginx; } > var/log/nginx.log 2>&1 \
	|| { echo "The test of deploy/ needs nginx, which could not be installed here (var/log/nginx.log). Install it, then run make again."; exit 1; }; }

# The PDF of an evidence bundle is drawn with Pango. Without it everything else works, so nothing stops here.
pango:
	@has() { ldconfig -p | grep -q libpangoft2-1.0.so.0 && ldconfig -p | grep -q libharfbuzz-subset.so.0 && fc-list | grep -q .; }; \
	has 2>/dev/null || { \
	as=; [ "$$(id -u)" = 0 ] || as="sudo -n"; echo "Installing Pango for the PDFs of evidence bundles."; mkdir -p var/log; \
	{ $$as apt-get update && $$as apt-get install -y --no-install-recommends \
	libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core; } > var/log/pango.log 2>&1 \
	|| echo "Pango could not be installed here (var/log/pango.log). Everything works but the export of evidence bundles; 'amends doctor' says how to mend it."; }
