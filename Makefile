.DEFAULT_GOAL := help
PYTHON ?= python3
export TF_CPP_MIN_LOG_LEVEL ?= 3
bin := .venv/bin
workers = $(shell n=$$(( $$(nproc) + 2 )); echo $$(( n < 5 ? n : 5 )))
ready := .venv/ready

$(ready): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, and \`$(PYTHON)\` is older: try \`make PYTHON=python3.12 $(MAKECMDGOALS)\`." >&2; exit 2; }
	@echo "Making .venv (once; a few minutes) ..."
	@$(PYTHON) -m venv .venv
	@$(bin)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@PYTHONWARNINGS=ignore $(bin)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(ready)

.PHONY: help install grade test test-fast test-nbgrader test-wheel test-manifests test-browsers test-backends course lint types bench bench-quick bench-proofs bench-grading bench-graph bench-gradebook bench-faults bench-attacks bench-platforms bench-fuzzing bench-odd bench-jail bench-watch bench-check bench-commands bench-tests bench-audit bench-marks bench-errors bench-verdicts bench-large bench-classreport bench-cluster bench-profile bench-bookkeeping audit verify release lock catalogue docs clean
help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

install: $(ready) ## make .venv, and nothing else

grade: $(ready) ## grade the example class and say where the pages lie
	@$(bin)/autograder grade examples/class --output out/class

# Hundreds of programs are started: where none may keep what it has compiled, each compiles the package anew.
test test-fast: export PYTHONDONTWRITEBYTECODE :=

# Tests that share what is slow to make are a group (tests/scheduling.py), and what is long comes first. Many wait for
# a browser, a kernel or a time limit: two processes more than there are processors.
test: $(ready) ## run everything that CI runs
	@$(bin)/ruff check .
	@$(bin)/python -m pytest --numprocesses $(workers) --dist loadscope --no-loadscope-reorder

test-fast: $(ready) ## run the unit tests that need no Keras (under a minute on two cores)
	@$(bin)/python -m pytest -m "not slow" -q --numprocesses auto --maxprocesses 4 --dist loadscope

test-nbgrader: $(ready) ## run nbgrader's own tests with our steps (half an hour; only="export collect" for some), and before, every example each way
	@$(if $(only),,EXAMPLES=all $(bin)/python -m pytest tests/gradebook/test_parity.py tests/e2e/test_examples.py)
	@$(bin)/python -m tests.nbgrader_suite $(only)

test-wheel: $(ready) ## install the wheel into empty environments, at both ends of the supported range (some minutes)
	@WHEEL_ENDS=all $(bin)/python -m pytest tests/test_wheel.py

# The schemas are a hundred megabytes; nothing else needs them. The patch in full.yml is no resource by itself.
test-manifests: ## validate the Kubernetes manifests against its schemas (a minute)
	@$(PYTHON) -m venv .venv-manifests
	@.venv-manifests/bin/pip install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
	@.venv-manifests/bin/kubernetes-validate --strict deploy/kubernetes/network.yml deploy/kubernetes/scheduler.yml deploy/kubernetes/workers.yml

test-browsers: $(ready) ## a learner's way in JupyterLab and in Notebook 7, and a class's in Formgrader, each in both languages (some minutes)
	@BROWSER_WAYS=all $(bin)/python -m pytest tests/e2e/test_study_browser.py tests/e2e/test_browser.py

# Each backend has an environment of its own with what a bare machine has, and nothing of nbgrader or Jupyter.
# torch="torch==2.13.0" takes another one than the newest.
backends := .venv-backends
torch ?= torch
jax ?= jax
small := babel jinja2 keras numpy platformdirs pydantic pytest rich ruamel.yaml typer
$(backends)/%/ready: requirements.lock
	@echo "Making $(backends)/$* (once; some minutes) ..."
	@$(PYTHON) -m venv $(backends)/$*
	@grep -oE '^($(subst $(eval ) ,|,$(subst .,-,$(small))))==[^ ;]+' requirements.lock >$(backends)/$*/pinned.txt
	@$(backends)/$*/bin/pip install --quiet --disable-pip-version-check --constraint $(backends)/$*/pinned.txt $($*) $(small)
	@touch $@

test-backends: $(ready) $(backends)/jax/ready $(backends)/torch/ready ## run, grade and train the solutions on jax and torch, too (a quarter of an hour)
	@VERIFY_BACKENDS=all $(bin)/python -m pytest tests/verification tests/benchmarks/test_by_hand.py

verify: $(ready) ## run, grade and train the reference solutions (assignment=inception for one)
	@$(bin)/autograder verify $(assignment)

course: $(ready) ## lint the course: notebooks, hints, releases, what the grader says of each solution and each pinned answer (a minute)
	@$(bin)/autograder lint

audit: $(ready) ## try the graders on wrong and right answers (assignment=inception for one)
	@$(bin)/autograder audit $(assignment) --output out/audit

lint: $(ready) ## ruff, and the layers that imports run down
	@$(bin)/ruff check .
	@$(bin)/lint-imports --no-cache >/dev/null || $(bin)/lint-imports --no-cache

types: $(ready) ## mypy, and once more what learners run, as on Windows
	@$(bin)/mypy
	@$(bin)/mypy --platform win32 -p autograder.study -m autograder -m autograder.cli.app

# Every pair of grading once for each assignment; by itself it measures them twice.
bench: grading_rounds = --rounds 2
bench: bench-grading bench-gradebook bench-jail bench-watch bench-check bench-commands ## measure every comparison, and write benchmarks/results.json (under 20 minutes)

bench-quick: $(ready) ## every comparison once, on few students, written nowhere (four minutes)
	@$(bin)/python -m benchmarks.grading --dry-run --rounds 1 --students 12 --peer-students 1 --assignments inception \
		--against floor nbgrader otter nbclient papermill
	@$(bin)/python -m benchmarks.gradebook --dry-run --rounds 1 --students 3 --stock-students 2 --assignments inception
	@$(bin)/python -m benchmarks.jail --dry-run --rounds 5
	@$(bin)/python -m benchmarks.watch --dry-run --rounds 1
	@$(bin)/python -m benchmarks.check --dry-run --rounds 1 inception
	@$(bin)/python -m benchmarks.commands --dry-run --rounds 1
	@$(bin)/python -m benchmarks.verdicts --dry-run --most 8 inception

bench-proofs: bench-graph bench-audit bench-marks bench-errors bench-verdicts bench-attacks bench-platforms bench-odd bench-faults bench-fuzzing bench-large bench-classreport bench-cluster ## count what must not happen, in hundreds of tries (two hours)

bench-grading: $(ready) ## measure grading against nbgrader, Otter, home-made graders and the floor (twenty minutes)
	@$(bin)/python -m benchmarks.grading $(grading_rounds)

bench-graph: $(ready) ## read every model of keras.applications, and compare it with mutants and copies of itself
	@$(bin)/python -m benchmarks.architectures
	@$(bin)/python -m benchmarks.applications

bench-gradebook: $(ready) ## measure a class's way into the gradebook against plain nbgrader
	@$(bin)/python -m benchmarks.gradebook

bench-faults: $(ready) ## kill the grader a hundred times, and count what is lost
	@$(bin)/python -m benchmarks.faults

bench-errors: $(ready) ## raise learners' slips in five versions of Keras, and count the kinds that all explain (a minute)
	@$(bin)/python -m benchmarks.errors

bench-marks: $(ready) ## grade worked cases, and measure how far the marks are from a fair teacher's
	@$(bin)/python -m benchmarks.marks

bench-attacks: $(ready) ## the attack corpus at every level, as root and as an ordinary user
	@$(bin)/python -m benchmarks.attacks
	@$(bin)/python -m benchmarks.attacks --through gradescope

bench-platforms: $(ready) ## the example class through Gradescope and GitHub, against the scores of grade (ten minutes)
	@$(bin)/python -m benchmarks.platforms

bench-odd: $(ready) ## grade a class of 200 with one odd submission of each kind, and measure what they cost the others
	@$(bin)/python -m benchmarks.odd

bench-fuzzing: $(ready) ## fuzz notebooks, evidence, course files, times, archives and names (half an hour)
	@$(bin)/python -m benchmarks.fuzzing

bench-jail: $(ready) ## measure what the jail costs a submission
	@$(bin)/python -m benchmarks.jail

bench-watch: $(ready) ## measure what a save costs until its verdict under `autograder watch`
	@$(bin)/python -m benchmarks.watch

bench-check: $(ready) ## measure how long a card takes in a notebook
	@$(bin)/python -m benchmarks.check

bench-profile: $(ready) ## where a submission's time goes, stage by stage (written nowhere)
	@$(bin)/python -m benchmarks.profile

bench-bookkeeping: $(ready) ## what it saves that Keras keeps its books in less time, and that nothing else comes of it (ten minutes; written nowhere)
	@$(bin)/python -m benchmarks.bookkeeping --check
	@$(bin)/python -m benchmarks.bookkeeping inception residual-projection

bench-large: $(ready) ## ten thousand submissions: the memory they take, and how fast they go again unchanged
	@$(bin)/python -m benchmarks.large

bench-classreport: $(ready) ## ten thousand submissions summed up: how long the class report takes, and its memory (some minutes)
	@$(bin)/python -m benchmarks.classreport

bench-cluster: $(ready) ## one, two and four workers of a Dask cluster, and what is lost when they are killed
	@$(bin)/python -m benchmarks.cluster

bench-commands: $(ready) ## measure `--help`, and a release after a change to one assignment
	@$(bin)/python -m benchmarks.commands

bench-tests: $(ready) ## measure `make test` and `make test-fast`, and where their time goes (a quarter of an hour)
	@$(bin)/python -m benchmarks.suite

bench-audit: $(ready) ## try every grader on wrong and right answers (some minutes)
	@$(bin)/python -m benchmarks.audit

bench-verdicts: $(ready) ## layer rows, plain asserts and our checks, on the audit's answers to every model (a quarter of an hour)
	@$(bin)/python -m benchmarks.verdicts

release: $(ready) ## build assignments/ from solutions/
	@$(bin)/autograder release

dist: $(ready) ## make the files of a release from the last commit: wheels, notebooks of each language, checksums (dist/)
	@$(bin)/python deploy/dist.py

try-learner: $(ready) ## go a learner's way: the wheel in an empty environment, a notebook to full marks (a minute; language=ko)
	@$(bin)/python deploy/dist.py out/dist >/dev/null
	@# Nobody sets KERAS_BACKEND: the notebook's first cell takes the backend that is there.
	@began=$$(date +%s) && $(PYTHON) -m venv --clear out/learner \
		&& out/learner/bin/pip install --quiet --disable-pip-version-check out/dist/beyond_sequential-*.whl jax nbclient \
		&& out/learner/bin/python deploy/first_card.py out/dist/beyond-sequential-$(or $(language),en).zip functional-api $$began

docs: $(ready) ## build the documentation's site in both languages, with search (out/docs/index.html)
	@$(bin)/python deploy/docs.py

catalogue: $(ready) ## bring the Korean catalogues in step with the sentences in the code, the engine's and the course's
	@$(bin)/python -m autograder.messages.extract
	@$(bin)/python -m autograder.messages.extract --graders graders

lock: $(ready) ## pin every package anew in requirements.lock, for every Python and system (upgrade=1: newer ones)
	@$(bin)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-strip-extras --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links $(if $(upgrade),--upgrade) --output-file requirements.lock pyproject.toml

clean: ## remove what was built
	rm -rf .venv .venv-peers .venv-backends out build dist *.egg-info
