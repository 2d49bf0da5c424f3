# The commands anyone needs: run, test, check. Each sets up what it needs, and is quick the second time.
#   make run     set up, fill in demo data where the data folder is empty, serve on http://127.0.0.1:8000
#   make test    set up and run the whole test suite
#   make check   lint, types, import contracts
#   make setup   the virtual environment .venv from requirements.lock, nothing else

ifeq ($(filter oneshell,$(.FEATURES)),)
$(error make $(MAKE_VERSION) is too old: GNU make 3.82 or newer is needed. Debian: apt-get install make; macOS: brew install make, then call gmake)
endif

.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:
.PHONY: run test check setup clean

VENV := .venv
# In two processes; what takes no more than seconds first, a file of tests in one of them. Of the long ones a process that
# has done its own takes over half of what the other still has.
QUICK := -m "not long" -n 2 --dist loadfile --instafail -q
LONG := -m long -n 2 --dist worksteal --instafail -q --timeout 900
BIN := $(VENV)/bin
# The first Python that is new enough; PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
READY := $(VENV)/ready

run: setup
	$(BIN)/tracing serve --demo

test: setup
ifdef PYTEST_ARGS
	$(BIN)/python -m pytest $(PYTEST_ARGS)
else
	$(BIN)/python -m pytest $(QUICK)
	$(BIN)/python -m pytest $(LONG)
endif

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found; install it, or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "$(PYTHON) is Python %d.%d; 3.11 or newer is needed. Name another one: make PYTHON=/path/to/python3.11" % sys.version_info[:2])'
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python lacks venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$("$(PYTHON)" --version): about a minute, once."
	sh scripts/install.sh "$(PYTHON)" $(VENV) requirements.lock
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
