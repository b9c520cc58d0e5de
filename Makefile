# The only door. `make help` lists every command.
.DEFAULT_GOAL := help
PYTHON ?= python3
APP := .venv/bin/python
ENGINE := OMP_NUM_THREADS=1 .venv-engine/bin/python -W ignore

.PHONY: help
help: ## List every command
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'

.PHONY: setup
setup: ## Install both environments and train the model, as far as needed
	@$(PYTHON) launch/environments.py
	@$(APP) -m launch.model

.PHONY: run
run: setup ## Start everything: demo page, console, first sign-in link
	@$(APP) -m launch.start

.PHONY: train
train: ## Train the model anew
	@$(PYTHON) launch/environments.py
	@$(APP) -m launch.model --force

.PHONY: test
test: check test-fast test-engine test-understanding test-conversations test-browser test-system test-publish test-faults ## Every check and test

.PHONY: check
check: setup ## Style, types, and the content rules
	@$(APP) -m ruff check .
	@$(APP) -m ruff format --check .
	@$(APP) -m mypy
	@$(APP) -m content.lint
	@$(APP) -m content.answers_page --check

.PHONY: lint-content
lint-content: setup ## The content rules: one line for each mistake under data/
	@$(APP) -m content.lint

.PHONY: new-question
new-question: setup ## Ask four things and write a new question with its test
	@$(APP) -m content.new_question $(ARGUMENTS)

.PHONY: answers
answers: setup ## Write docs/answers.md, the page for the clinic's doctor to approve
	@$(APP) -m content.answers_page

.PHONY: test-fast
test-fast: setup ## Unit and HTTP tests, under two minutes
	@$(APP) -m pytest -n auto -m "not browser and not system"

.PHONY: test-engine
test-engine: setup ## The pipeline parts and the channel with the trained model, in the engine's environment
	@$(ENGINE) -m pytest -c engine/pytest.ini --rootdir . tests/engine

.PHONY: test-conversations
test-conversations: setup ## Conversation tests with `rasa test`; red without a model
	@$(APP) -m launch.conversation_tests

.PHONY: annotate-conversations
annotate-conversations: setup ## Mark in the conversation tests what spaCy recognises in each message
	@$(ENGINE) -m engine.annotate_conversations tests/conversations/*.yml

.PHONY: test-browser
test-browser: setup ## The widget and the console in a real Chromium
	@$(APP) -m pytest -m "browser and not system"

.PHONY: screenshots
screenshots: setup ## Pictures of the widget in every state and look, into results/screenshots/
	@$(APP) -m tests.browser.take_screenshots

.PHONY: measure-widget
measure-widget: setup ## The widget's bytes, requests and times against the running system
	@$(APP) -m tests.system.measure_widget

.PHONY: test-system
test-system: setup ## The whole running system: faults, bad input, and a walk in a real Chromium
	@$(APP) -m pytest -m system --ignore tests/faults --ignore tests/scale --ignore tests/publish

.PHONY: test-publish
test-publish: setup ## Publishing and going back while visitors write, with the real engine
	@$(APP) -m pytest -m system tests/publish/test_under_load.py

.PHONY: test-story
test-story: setup ## A writer's whole day, from an unanswered question to a published answer (minutes: it trains)
	@$(APP) -m pytest -m system tests/publish/test_writers_story.py

.PHONY: test-faults
test-faults: setup ## Fifty faults by chance, a sudden end, and a release under traffic
	@$(APP) -m pytest -m system tests/faults

.PHONY: test-scale
test-scale: setup ## Two of everything behind nginx, with PostgreSQL and Redis (needs them installed)
	@$(APP) -m pytest -m system tests/scale

.PHONY: faults
faults: setup ## Break the running system N times (default 50) under traffic, then check what is stored
	@$(APP) -m tests.faults.run --faults $(or $(N),50)

.PHONY: bench
bench: setup ## Measure latency, overload, long talks and memory; writes docs/load-report.md (SECONDS=600)
	@$(APP) -m tests.load.bench --seconds $(or $(SECONDS),600)

.PHONY: scale-test
scale-test: setup ## PostgreSQL, Redis, nginx and two of every process: load and faults (needs them installed)
	@$(APP) -m tests.scale.run --faults $(or $(N),20)

.PHONY: publish
publish: ## Put the working content live through the gate: make publish WHO="name" WHY="reason"
	@$(APP) -m launch.publish_command --who "$(WHO)" --why "$(WHY)" --override "$(OVERRIDE)"

.PHONY: rollback
rollback: ## Go back to a kept release: make rollback RELEASE=id WHO="name" WHY="reason"
	@$(APP) -m launch.publish_command --who "$(WHO)" --why "$(WHY)" --release "$(or $(RELEASE),previous)"

.PHONY: releases
releases: ## List the kept releases
	@$(APP) -m launch.publish_command --list

.PHONY: backup
backup: setup ## Back up the database while everything runs (INTO=var/backups), its keys apart (KEYS_INTO=var/backup-keys)
	@$(APP) -m launch.backup backup $(or $(INTO),var/backups) $(KEYS_INTO)

.PHONY: rotate-keys
rotate-keys: setup ## A new key for everything that is stored, while everything runs
	@$(APP) -m launch.rotate_keys

.PHONY: retention
retention: setup ## Show what is older than it is kept; REMOVE=yes removes it now
	@$(APP) -m launch.retention $(if $(filter yes,$(REMOVE)),--remove)

.PHONY: verify-audit
verify-audit: setup ## Check that the record of who did what is whole
	@$(APP) -m launch.verify_audit

.PHONY: restore-drill
restore-drill: setup ## Back up and restore 100,000 requests, with a stopwatch
	@$(APP) -m tests.load.restore_drill

.PHONY: restore
restore: setup ## Restore a backup (FROM=folder, KEYS=folder of its keys); stop the assistant first
	@$(APP) -m launch.backup restore $(FROM) $(KEYS)

QUESTIONS ?= evaluation/questions/*.tsv
OUT ?= evaluation/outcomes.json
.PHONY: evaluate
evaluate: setup ## Score the model: make evaluate QUESTIONS=FILE.tsv OUT=FILE.json
	@$(ENGINE) -m evaluation $(QUESTIONS) --out $(OUT)

REAL_QUESTIONS ?= ../shared/topics/real-questions.tsv
.PHONY: report
report: setup ## Write evaluation/REPORT.md with its plots
	@$(ENGINE) -m evaluation evaluation/questions/*.tsv --report --real $(REAL_QUESTIONS)

.PHONY: test-understanding
test-understanding: setup ## The floors: fails when understanding got worse
	@$(ENGINE) -m evaluation evaluation/questions/*.tsv --floors

DATA ?= ../shared/nlu-data
.PHONY: benchmark-nlu
benchmark-nlu: setup ## Our parts against stock Rasa on CLINC150 and BANKING77 (hours); writes evaluation/BENCHMARKS.md
	@$(ENGINE) -m evaluation.benchmark --data $(DATA) $(ARGUMENTS)

.PHONY: bench-console
bench-console: setup ## Measure the console with 100,000 requests
	@$(APP) -m tests.load.console

.PHONY: lock
lock: ## Renew both locks (needs the network)
	@$(PYTHON) -m launch.locks

.PHONY: sbom
sbom: setup ## The list of all packages (SBOM, CycloneDX) into var/sbom (needs the network once)
	@$(APP) -m launch.sbom

.PHONY: audit
audit: setup ## Known weaknesses of all packages in both locks; red when one was not checked (needs the network)
	@$(APP) -m launch.audit

.PHONY: clean
clean: ## Remove environments, models and local data
	rm -rf .venv .venv-engine .tools var models/*.tar.gz models/*.sha256 models/encoder
