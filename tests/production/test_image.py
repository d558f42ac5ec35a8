"""Image and compose file keep the rules of production; the file is checked by the rules it needs, no engine runs here."""

import json
import os
import re
import subprocess
import sys

import pytest
import yaml

from newretail.settings.base import LANES
from tests.architecture.tree import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("newretail:")}
SITE = {"web", "worker", "queued", "webhooks", "beat", "migrate", "manage"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
# What a service and a health check may say, by the compose specification.
SAYS = {
    "image", "build", "command", "entrypoint", "environment", "secrets", "volumes", "ports", "depends_on", "restart",
    "healthcheck", "deploy", "logging", "networks", "read_only", "tmpfs", "cap_drop", "security_opt", "init", "user",
    "shm_size", "stop_grace_period", "profiles",
}  # fmt: skip
CHECK_SAYS = {"test", "interval", "timeout", "retries", "start_period", "disable"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
DURATION = re.compile(r"\d+(s|m)")
BYTES = re.compile(r"\d+[MG]")


def each(names=SERVICES):
    return pytest.mark.parametrize("service", [pytest.param(SERVICES[name], id=name) for name in sorted(names)])


def test_the_whole_site_is_named():
    assert set(SERVICES) == SITE | {"postgres", "valkey"}
    assert OURS == SITE


@each()
def test_a_service_says_only_what_the_specification_knows(service):
    assert set(service) <= SAYS
    check = service.get("healthcheck", {})
    assert set(check) <= CHECK_SAYS
    assert all(DURATION.fullmatch(check[key]) for key in ("interval", "timeout", "start_period") if key in check)
    assert check.get("disable") or check["test"][0] in ("CMD", "CMD-SHELL")
    assert all(isinstance(value, str) for value in service.get("environment", {}).values())


@each()
def test_what_a_service_names_is_declared(service):
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    named = {volume.split(":")[0] for volume in service.get("volumes", ())}
    assert {name for name in named if re.fullmatch(r"\w+", name)} <= set(COMPOSE["volumes"])
    for name, wish in service.get("depends_on", {}).items():
        assert wish["condition"] in CONDITIONS
        assert name in SERVICES
        if wish["condition"] == "service_healthy":
            assert "test" in SERVICES[name]["healthcheck"]


@each()
def test_a_service_is_pinned_limited_and_its_log_turns_over(service):
    tag = service["image"].partition(":")[2]
    assert tag != "latest"
    assert re.match(r"\d|\$\{NEWRETAIL_VERSION:-\d", tag)
    limits = service["deploy"]["resources"]["limits"]
    assert float(limits["cpus"]) > 0
    assert BYTES.fullmatch(limits["memory"])
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert service["restart"] in ("unless-stopped", "no")


@each(SITE | {"valkey"})
def test_a_service_writes_nowhere_but_to_its_volumes_and_gains_no_rights(service):
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


@each({"web", "worker", "queued", "webhooks", "beat"})
def test_what_serves_waits_for_the_migration_and_never_sees_the_owners_secrets(service):
    assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert not {"postgres", "newretail_owner"} & set(service["secrets"])
    assert "newretail_app@" in service["environment"]["DATABASE_URL"]


def test_the_servers_of_data_answer_inside_only():
    assert COMPOSE["networks"]["inside"]["internal"]
    assert all(SERVICES[name]["networks"] == ["inside"] for name in ("postgres", "valkey"))
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert SERVICES["web"]["ports"][0].startswith("${BIND:-127.0.0.1}:")


def test_every_lane_has_its_workers():
    lanes = [
        command[command.index("-Q") + 1]
        for name in ("worker", "queued", "webhooks")
        for command in [SERVICES[name]["command"]]
    ]
    assert lanes == list(LANES)


def test_no_secret_stands_in_the_file():
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    assert not re.search(r"://\w*:[^@$/]+@", (ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def test_the_default_version_is_the_products():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert {SERVICES[name]["image"] for name in OURS} == {f"newretail:${{NEWRETAIL_VERSION:-{version}}}"}


def test_the_image_is_pinned_small_and_runs_as_nobody_in_particular():
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(stages) == 3
    assert all(re.search(r":\d+(\.\d+)?-", stage) for stage in stages)
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in final
    assert "/healthz" in final
    assert "pip install" not in final
    assert "--require-hashes" in DOCKERFILE
    assert "ADD " not in DOCKERFILE


def test_the_image_runs_on_the_python_of_the_suite():
    named = set(re.findall(r"^FROM python:(\d+\.\d+)-", DOCKERFILE, re.MULTILINE))
    assert named == {"3.11"}
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [".git", ".env", "secrets", "backups", "var", "tests", ".venv", "node_modules"])
def test_what_is_no_part_of_the_site_stays_out_of_the_image(name):
    assert name in (ROOT / ".dockerignore").read_text(encoding="utf-8").split()


@pytest.mark.parametrize(
    "path", ["manage.py", "newretail", "templates", "static", "locale", "tools", "requirements.lock"]
)
def test_what_the_image_needs_is_not_left_out(path):
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert path not in ignored
    assert (ROOT / path).exists()


ASK = """
import json, os
from newretail.platform.home import complete_addresses, given_secret
complete_addresses()
print(json.dumps([os.environ["DATABASE_URL"], os.environ["REDIS_URL"], given_secret("metrics"), given_secret("none")]))
"""


def test_an_address_without_a_password_takes_the_secret_of_its_user(tmp_path):
    for name, text in {"newretail_app": "p/w:d\n", "valkey": "queue", "metrics": "token\n"}.items():
        (tmp_path / name).write_text(text)
    given = {**os.environ, **SERVICES["web"]["environment"], "NEWRETAIL_SECRETS": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, env=given, check=True, capture_output=True, text=True)
    assert json.loads(told.stdout) == [
        "postgres://newretail_app:p%2Fw%3Ad@postgres:5432/newretail", "redis://:queue@valkey:6379/0", "token", "",
    ]  # fmt: skip


def test_a_password_that_is_given_stays(tmp_path):
    (tmp_path / "newretail_app").write_text("another")
    given = {**os.environ, "NEWRETAIL_SECRETS": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0",
             "DATABASE_URL": "postgres://newretail_app:given@db/newretail"}  # fmt: skip
    told = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, env=given, check=True, capture_output=True, text=True)
    assert json.loads(told.stdout)[:2] == [given["DATABASE_URL"], given["REDIS_URL"]]
