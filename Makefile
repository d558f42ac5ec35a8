# newretail: every task has one command. `make help` lists them.

PYTHON ?= python3
PORT ?= 8000
SERVE ?= 1
SCALE ?=
ARGS ?=

PY := .venv/bin/python
SET_UP := @$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "需要 Python 3.11 或更新版本（$(PYTHON) 不合用），可用 make PYTHON=python3.12 指定" \
	"/ Python 3.11 or newer is needed ($(PYTHON) does not serve); name one: make PYTHON=python3.12" >&2; exit 1; }; \
	$(PYTHON) tools/set_up.py

.DEFAULT_GOAL := help
.PHONY: help setup demo up test check bench load prove messages clean

help:
	@echo "make demo       安装、装入真实零售数据并启动网站 / set up, load real retail data, serve the site"
	@echo "                SERVE=0 只装入不启动 / load only; PORT=8000"
	@echo "make up         只启动网站 / serve the site; PORT=8000"
	@echo "make test       运行全部测试 / run the whole suite; ARGS='-k name'"
	@echo "make check      检查代码 / lint, types, architecture, migrations"
	@echo "make bench      测速 / measure speed; SCALE=small"
	@echo "make load       负载测试 / many tills at once, then the books are verified; ARGS='--seconds 60 --tills 8'"
	@echo "make prove      长时间验证 / the long proofs: races, kills, state machines"
	@echo "make messages   提取待译文字（需要 gettext） / extract strings to translate (needs gettext)"
	@echo "make setup      只安装 / set up only"
	@echo "make clean      删除生成的文件（保留数据） / remove what was built (data stays)"

setup:
	$(SET_UP) dev
	@echo "已就绪 / ready"

demo:
	$(SET_UP) demo
	@$(PY) manage.py demo --port $(PORT) $(if $(filter 0 no false,$(SERVE)),--no-serve) $(ARGS)

up:
	$(SET_UP) demo
	@$(PY) manage.py up --port $(PORT) $(ARGS)

test:
	$(SET_UP) dev
	@$(PY) -m pytest -n 2 $(ARGS)

check:
	$(SET_UP) dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports
	$(PY) -m mypy
	$(PY) -m pytest tests/architecture $(ARGS)
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check

bench:
	$(SET_UP) dev
	@$(PY) -m bench $(if $(SCALE),--scale $(SCALE)) $(ARGS)

load:
	$(SET_UP) dev
	@$(PY) -m bench.load $(ARGS)

prove:
	$(SET_UP) dev
	@NEWRETAIL_PROVE=1 $(PY) -m pytest -m prove $(ARGS)

messages:
	$(SET_UP) dev
	@command -v xgettext >/dev/null 2>&1 || \
		{ echo "缺少 gettext。Debian 或 Ubuntu 请运行：apt-get install gettext / gettext is missing; on Debian or Ubuntu: apt-get install gettext" >&2; exit 1; }
	$(PY) manage.py makemessages -l zh_Hans -l en --no-wrap --add-location file --ignore .venv --ignore node_modules --ignore var
	$(PY) manage.py makemessages -d djangojs -l zh_Hans -l en --no-wrap --add-location file --ignore .venv --ignore node_modules --ignore var
	$(SET_UP) dev

clean:
	rm -rf .venv node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete
