PYTHON := .venv/bin/python
up: ; $(PYTHON) -m config.local up
run: ; $(PYTHON) -m config.local run
stop: ; $(PYTHON) -m config.local stop
