# The two commands: `make run` and `make test`. Everything they need is installed into this folder.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Without its bytecode every start of Python would compile some thousand files again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
LOCAL := $(PYTHON) -m config.local
CATALOGS := $(wildcard */locale/zh_Hans/LC_MESSAGES/django.po)
FRONTEND := $(shell find frontend -path frontend/dist -prune -o -type f -print 2>/dev/null)
# Processes of pytest.
WORKERS := 2
# Rounds of new examples for each property.
SEARCHES := 10

.PHONY: help setup run up stop status test check bench chaos screenshots messages browser

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 20

setup: .venv/.installed frontend/dist/manifest.json .run/messages ## install everything

run: setup ## servers, demo city, web and worker in the foreground; Ctrl-C ends them
	@exec $(LOCAL) run

up: setup ## the same in the background
	@$(LOCAL) up

stop: ## end what `make run` or `make up` started; data stay
	@if test -x $(PYTHON); then $(LOCAL) stop; fi

status: ## what runs
	@$(LOCAL) status

test: setup browser ## every test, on real PostgreSQL, Valkey and Chromium
	@$(PYTHON) -m pytest -n $(WORKERS) $(PYTEST)

browser: .venv/.installed
	@$(PYTHON) -m config.local.browser

check: setup ## style, types, imports, templates, migrations, deployment, translations
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/djlint --lint --quiet .
	$(PYTHON) -m config.local.inspect

bench: setup ## ratios against pgbench and raw COPY, into bench/results/
	@$(PYTHON) -m bench

chaos: setup ## long campaigns: new examples of properties, applicants at once, random ledger lives, races, kill -9
	@for _round in $$(seq $(SEARCHES)); do PROPERTIES_SEARCH=1 $(PYTHON) -m pytest -n $(WORKERS) -q -m hypothesis; done
	@P1_EXAMPLES=300 PROPERTIES_SEARCH=1 $(PYTHON) -m pytest -n 0 -q tests/vouchers/billing/test_p1.py
	@CAP_APPLICANTS=2000 $(PYTHON) -m pytest -n 0 -q tests/vouchers/grants/test_caps.py
	@RACE_ROUNDS=1000 RACE_PAIRS=10000 $(PYTHON) -m pytest -n 0 -q tests/vouchers/ledger/test_races.py tests/concurrency/test_freezing.py tests/concurrency/test_claim_races.py tests/concurrency/test_refund_races.py
	@EXACT_EVENTS=1000000 EXACT_BILLS=1000000 $(PYTHON) -m pytest -n 0 -q tests/vouchers/billing/test_exactness.py
	@CAPACITY_ROUNDS=1000 $(PYTHON) -m pytest -n 0 -q tests/concurrency/test_capacity.py
	@RESERVATION_ROUNDS=1000 RESERVATION_ENDS=200 $(PYTHON) -m pytest -n 0 -q tests/concurrency/test_reservations.py
	@CHAOS_REDEMPTIONS=50000 $(PYTHON) -m pytest -n 0 -q tests/chaos
	@STATEFUL_STEPS=1000000 $(PYTHON) -m pytest -n 0 -q tests/vouchers/ledger/test_stateful.py

screenshots: up browser ## every page at 1280 and 390 px, into screenshots/
	@$(PYTHON) -m tests.browser.capture

messages: .venv/.installed ## bring the translation catalogs up to date with the code
	@$(PYTHON) manage.py messages extract

.venv/.installed: requirements-dev.lock requirements-uv.lock
	@bash config/local/install.sh
	@touch $@

node_modules/.installed: package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

frontend/dist/manifest.json: node_modules/.installed vite.config.js $(FRONTEND)
	npm run --silent build
	@touch $@

.run/messages: .venv/.installed $(CATALOGS)
	@mkdir -p .run
	@$(PYTHON) manage.py messages compile
	@touch $@
