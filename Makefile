PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

.PHONY: app test check warm picture docs glossary clean

app: .venv/app.done  ## open the dashboard
	$(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: .venv/dev.done  ## everything: style, types, all tests with the browser's
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist worksteal --ignore tests/browser
	$(BIN)/python -m pytest -n auto --dist loadfile tests/browser -m "not timed"
	$(BIN)/python -m pytest tests/browser -m timed

check: .venv/dev.done  ## what a commit should pass: style, types and the fast tests
	$(BIN)/ruff format .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist worksteal --ignore tests/browser -m "not slow"

warm: .venv/app.done  ## make what every page opens with
	$(BIN)/python -m genmodels warm

picture: .venv/dev.done  ## take the README's screenshot anew
	$(BIN)/python -m tests.browser.picture docs/side-by-side.png

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "genmodels needs Python 3.11 or newer; call make PYTHON=python3.12, say")'
	$(PYTHON) -m venv .venv

.venv/app.done: requirements.txt | .venv/bin/pip
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	touch $@

.venv/dev.done: requirements.txt requirements-dev.txt | .venv/bin/pip
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	touch .venv/app.done $@

docs: .venv/dev.done  ## the library's reference, into docs/api
	$(BIN)/python -m docs.reference docs/api

glossary: .venv/app.done  ## write docs/glossary.md from the terms of the pages
	$(BIN)/python -c 'from genmodels.views import glossary; print(glossary.page(), end="")' > docs/glossary.md

clean:  ## remove the virtual environment; recordings in cache/ stay
	rm -rf .venv
