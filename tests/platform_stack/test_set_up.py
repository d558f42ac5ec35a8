"""Setting up does only what is missing, and says in a sentence what stops it; locks name no host."""

import json
import sys
from pathlib import Path

import polib
import pytest

from newretail.platform.home import CHECKOUT
from tools import set_up
from tools.compile_messages import compile_all


def test_only_a_changed_catalogue_is_compiled(tmp_path: Path) -> None:
    source = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="member", msgstr="会员"))
    catalogue.save(str(source))
    assert compile_all(tmp_path) == [source.with_suffix(".mo")]
    assert polib.mofile(str(source.with_suffix(".mo"))).find("member").msgstr == "会员"
    assert compile_all(tmp_path) == []
    assert compile_all(tmp_path, force=True) == [source.with_suffix(".mo")]


def test_a_python_without_venv_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up.require_venv()
    monkeypatch.setattr(set_up, "find_spec", lambda name: None)
    with pytest.raises(set_up.CannotSetUp, match=r"缺少 venv.*apt-get install python3-venv"):
        set_up.require_venv()


def test_a_disk_without_room_is_told_before_installing(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up.require_room()
    monkeypatch.setattr(set_up, "ROOM_NEEDED", 2**60)
    with pytest.raises(set_up.CannotSetUp, match=r"磁盘空间不足.* / the disk is nearly full"):
        set_up.require_room()


def test_a_program_that_fails_is_told_with_its_last_lines() -> None:
    program = [sys.executable, "-c", "print('so it ended'); raise SystemExit(3)"]
    with pytest.raises(set_up.CannotSetUp, match=r"没有成 / it failed\n    so it ended"):
        set_up.run(program, problem="没有成 / it failed")


def test_what_stands_is_not_installed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(set_up, "STAMP", tmp_path / "set-up.json")
    calls: list[object] = []
    monkeypatch.setattr(set_up, "run", lambda command, **settings: calls.append(command))
    set_up.install(*set_up.LOCKS["dev"])
    set_up.install(*set_up.LOCKS["dev"])
    set_up.install(*set_up.LOCKS["demo"])
    assert len(calls) == 1


@pytest.mark.parametrize("name", sorted({*sum(set_up.LOCKS.values(), ()), set_up.NODE_LOCK}))
def test_a_lock_pins_by_hash_and_names_no_host(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(set_up.pins(name)) > 0


def test_the_front_end_lock_names_no_host() -> None:
    packages = json.loads((CHECKOUT / "package-lock.json").read_text())["packages"]
    assert all("resolved" not in package for package in packages.values())
    assert all("integrity" in package for path, package in packages.items() if path)
