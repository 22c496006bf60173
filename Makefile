# One runner: people and CI call the same targets. The work is done by the scripts of install/.
PREFIX ?= /opt/hexr-autoinst
VENV := .venv/bin
export PREFIX

start: ## install what is missing, then watch this host in the foreground (root)
	@sh install/install.sh start
	@exec $(PREFIX)/core/bin/hexr-autoinst start

install: ## install to PREFIX (root)
	@sh install/install.sh install

bundle: ## make build/hexr-autoinst-offline.tar, from which a machine without a network installs
	@sh install/bundle.sh

uninstall: ## remove all that install and the daemon have made (root)
	@sh install/uninstall.sh

test: ## install what the tests need and pass them; as root also kernel and end-to-end
	@sh install/test.sh

bpf: ## build the BPF objects into build/bpf
	@$(MAKE) -s -C bpf

check: ## ruff, mypy, import-linter, clang-format
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/lint-imports
	@command -v clang-format >/dev/null && clang-format --dry-run --Werror bpf/*.[ch] || echo "clang-format is not here: bpf/ was not checked"

fmt: ## format all sources
	$(VENV)/ruff check --fix --quiet || true
	$(VENV)/ruff format
	@! command -v clang-format >/dev/null || clang-format -i bpf/*.[ch]

docs: ## write docs/reference and the README's help from the code
	$(VENV)/python docs/reference/generate.py

dashboards: ## write dashboards/*.json from their panels
	$(VENV)/python dashboards/generate.py

bench: ## measure everything: the rooms, what an observed client feels, what the proxy costs (root, an installation)
	$(VENV)/python -m benchmarks.wire
	$(VENV)/python -m benchmarks.protocols
	$(VENV)/python -m benchmarks.correlate
	$(VENV)/python -m benchmarks.pipeline
	$(VENV)/python benchmarks/attach.py
	$(VENV)/python benchmarks/client.py
	$(VENV)/python benchmarks/proxy.py

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

.PHONY: start install bundle uninstall test bpf check fmt docs dashboards bench help
.DEFAULT_GOAL := help
