# `make serve` starts the service, `make test` passes the tests; both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATE ?= state
# What the tests need beside the service itself.
EXTRAS := dev,postgresql,mysql,s3,swift,cinder,vmware,celery,signatures,barbican,lha
PACKAGE := setup.cfg setup.py pyproject.toml constraints.txt
# uv installs in a tenth of the time that pip needs.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt
# Ceph's bindings come from the distribution alone; they load in any Python of the same minor version.
SITE = $(shell $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
TAG = $(shell $(BIN)/python -c 'import sysconfig; print(sysconfig.get_config_var("SOABI"))')
LINK_CEPH = for name in rados rbd; do \
	file=/usr/lib/python3/dist-packages/$$name.$(TAG).so; \
	[ ! -e "$$file" ] || ln -sf "$$file" "$(SITE)/"; done
export PIP_CONSTRAINT = $(CURDIR)/constraints.txt
# Tests start many programs: compiling each of their modules once is most of the work of starting.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve test coverage lint format bench config-sample constraints wheel clean

serve: $(VENV)/.serve
	@exec $(BIN)/tintype serve --state-dir $(STATE)

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(TESTS)

# What of the code all tests together run; it takes half as long again.
coverage: $(VENV)/.dev
	$(BIN)/python -m pytest --cov $(TESTS)

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks $(BENCH)

config-sample: $(VENV)/.dev
	$(BIN)/tintype config sample > etc/tintype.conf.sample

# The wheel, in an environment that has nothing else, has to be enough to serve.
wheel: $(VENV)/.dev
	rm -rf build dist
	$(BIN)/uv build --quiet --wheel --out-dir dist

# Take the newest of everything that the ranges in setup.cfg allow.
constraints:
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	env -u PIP_CONSTRAINT build/constraints/bin/python -m pip install --quiet ".[$(EXTRAS)]"
	echo '# Every distribution that an installation from this checkout uses, pinned. Made anew by `make constraints`.' > constraints.txt
	build/constraints/bin/python -m pip freeze --exclude tintype >> constraints.txt

$(VENV)/bin/uv:
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) uv

$(VENV)/.serve: $(PACKAGE) | $(VENV)/bin/uv
	@echo "Installing Tintype into $(VENV) …"
	@$(UV) --editable ".[postgresql,mysql]"
	@touch $@

$(VENV)/.dev: $(PACKAGE) | $(VENV)/bin/uv
	$(UV) --editable ".[$(EXTRAS)]"
	@$(LINK_CEPH)
	@touch $@ $(VENV)/.serve

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
