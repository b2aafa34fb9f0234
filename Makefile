# `make demo` and `make test` do all of their own set-up in .venv, on a machine with Python >= 3.11 and git.
VENV ?= .venv
PYTHON ?= python3
# The CPU build of torch is enough. Where pip would fetch a CUDA build, point it to the CPU wheels:
#   make test TORCH="torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu"
TORCH ?= torch==2.13.0

.PHONY: demo test lint slow torture coverage versions audit docs

demo: $(VENV)/.installed
	$(VENV)/bin/claimcheck check seeds/*.txt

test: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest

coverage: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest --cov --cov-report=term

# The oldest allowed versions of everything but torch, with this Python; VERSIONS takes the script's other options.
versions: $(VENV)/.installed-test
	$(VENV)/bin/python tests/torture/versions.py $(VERSIONS)

# Needs the network. --strict: a package that could not be looked up counts as a failure.
audit: $(VENV)/.installed-test
	$(VENV)/bin/pip install --quiet pip-audit
	$(VENV)/bin/pip-audit --strict --skip-editable --local

torture: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest tests/torture --full -m "slow or not slow"
	$(VENV)/bin/python tests/torture/build.py
	$(VENV)/bin/python tests/torture/licences.py
	$(VENV)/bin/python benchmarks/tables.py

slow: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest -m slow

lint: $(VENV)/.installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

docs: $(VENV)/.installed
	$(VENV)/bin/pip install --quiet --editable '.[docs,spacy]'
	$(VENV)/bin/mkdocs build

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --upgrade pip
	$(VENV)/bin/pip install --quiet $(TORCH)
	$(VENV)/bin/pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(VENV)/bin/pip install --quiet --editable '.[train,html,plot,spacy,notebook,test,dev]'
	touch $@
