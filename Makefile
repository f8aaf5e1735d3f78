# Two commands do it all: `make run` and `make test`. `make help` lists the others.
SHELL := /bin/sh
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
export UV_PYTHON_PREFERENCE ?= system
SYSTEM_PACKAGES := bin/system-packages

.PHONY: help run train test walk faults bench-nlu bench-inbox screenshots lint clean setup packages

help: ## Cette aide
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## Démarrer tout le service et afficher son adresse
	@exec bin/guichet run

train: setup ## Entraîner le modèle si le contenu a changé
	@bin/guichet train

test: packages setup .venv/.test tests/browser/node_modules/.lock ## Tout vérifier (ce que fait .ci/run)
	@.ci/steps

walk: setup .venv/.test ## Jouer mille conversations au hasard (WALK=1000, WALK_FROM=0 : la première)
	@WALK=$${WALK:-1000} .venv/bin/python -m pytest tests/dialogues/test_walk.py

faults: packages setup .venv/.test ## Casser chaque processus, longtemps (FAULTS_FROM=N : le même hasard)
	@FAULTS=long .venv/bin/python -m pytest --timeout 3600 tests/faults tests/browser/test_network.py tests/channels/web/test_fuzz.py

bench-nlu: setup ## Comparer la compréhension à celles de Rasa (SETS="CHEMIN ..." : préfixes de jeux publics)
	@PYTHONPATH=. RASA_TELEMETRY_ENABLED=false .venv-rasa/bin/python -m bench.nlu $(SETS) $(BENCH_OPTIONS)

bench-inbox: packages setup .venv/.test ## Mesurer la liste des conseillers avec 50 000 dossiers (bench/inbox.md)
	@PYTHONPATH=. .venv/bin/python -m bench.inbox $(BENCH_OPTIONS)

screenshots: packages setup .venv/.test ## Photographier le widget, la console et les mails (var/screenshots, docs/images)
	@SCREENSHOTS=var/screenshots .venv/bin/python -m pytest tests/browser/test_axe.py tests/browser/test_console_figures.py \
		tests/console/test_pages.py tests/journeys/test_whole_case.py

lint: .venv/.test ## Vérifier la forme du code
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

packages: ## Vérifier les paquets système dont les tests ont besoin
	@$(SYSTEM_PACKAGES)

setup: .venv/.front .venv-rasa/.brain ## Installer les deux environnements

$(filter .uv/%,$(UV)):
	@echo "Installation de uv …"
	@python3 -m venv .uv || { echo "python3 ne sait pas créer d'environnement : apt-get install -y python3-venv" >&2; exit 1; }
	@.uv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.lock

.venv/.front: requirements/front.lock | $(filter .uv/%,$(UV))
	@echo "Installation de l'environnement du site (Python 3.13) …"
	@$(UV) venv --quiet --allow-existing --python 3.13 .venv
	@$(UV) pip install --python .venv --require-hashes -r $<
	@touch $@

.venv/.test: requirements/test.lock .venv/.front
	@echo "Installation des outils de test …"
	@$(UV) pip install --python .venv --require-hashes -r $<
	@touch $@

tests/browser/node_modules/.lock: tests/browser/package-lock.json
	@echo "Installation d'axe et de TypeScript …"
	@npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.venv-rasa/.brain: requirements/brain.lock | $(filter .uv/%,$(UV))
	@echo "Installation de l'environnement du cerveau (Python 3.10, environ 3 Go) …"
	@$(UV) venv --quiet --allow-existing --python 3.10 .venv-rasa
	@$(UV) pip sync --python .venv-rasa --require-hashes $<
	@touch $@

clean: ## Effacer environnements, modèle et données locales
	rm -rf .venv .venv-rasa .uv models var .rasa tests/browser/node_modules
