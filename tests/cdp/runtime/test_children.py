"""What is run, and how often what dies is started again."""

import io
import re
import sys
from pathlib import Path

import pytest

from cdp.runtime import children, command
from cdp.runtime.child import Child
from cdp.runtime.children import CODE, ChildSpec
from cdp.runtime.log import Log
from cdp.runtime.places import Places
from cdp.runtime.processes import wait_until


def test_the_procfile_describes_the_processes_that_up_runs() -> None:
    lines = dict(line.split(": ", 1) for line in (CODE / "Procfile").read_text().splitlines())
    ours = {spec.name: " ".join(("python", *spec.command[1:])) for spec in children.product(3)}
    assert lines.keys() == {re.sub(r"\.\d+$", "", name) for name in ours}
    for name in ("live", "bulk", "beat"):
        assert re.sub(r"\$\{\w+:-(\d+)\}", r"\1", lines[name]).replace('""', "") == ours[name]
    assert lines["web"].partition(" --host")[0] == ours["web.1"].partition(" --fd")[0]


@pytest.mark.parametrize(
    ("arguments", "needs"),
    [
        ("migrate", True),
        ("source create shop --kind server", True),
        ("shell -c pass", True),
        ("up", False),
        ("check --deploy", False),
        ("makemigrations --check", False),
        ("migrate --help", False),
        ("--version", False),
        ("", False),
    ],
)
def test_commands_that_need_servers(arguments: str, needs: bool) -> None:
    assert command.needs_servers(["manage.py", *arguments.split()]) is needs


def test_what_keeps_dying_is_started_again_with_growing_pauses(tmp_path: Path) -> None:
    terminal = io.StringIO()
    log = Log(tmp_path, terminal)
    dying = ChildSpec(name="dying", command=(sys.executable, "-c", "import sys; sys.exit('no luck')"))
    child = Child(dying, log, -1, Places.of(tmp_path))
    child.start()

    def said(pause: str) -> bool:
        child.look_after()
        return f"ended (exit code 1); starting it again in {pause} s" in terminal.getvalue()

    assert wait_until(lambda: said("0.5"), within_s=60)
    assert wait_until(lambda: said("1"), within_s=60)
    assert "dying    | no luck" in terminal.getvalue()


def test_what_runs_once_is_remembered_until_it_ended_well(tmp_path: Path) -> None:
    wanted = tmp_path / "wanted"
    wanted.touch()
    for code, still_wanted in ((3, True), (0, False)):
        once = ChildSpec(
            name="once", command=(sys.executable, "-c", f"raise SystemExit({code})"), once=True, finished=wanted
        )
        child = Child(once, Log(tmp_path, io.StringIO()), -1, Places.of(tmp_path))
        child.start()
        assert wait_until(child.look_after, within_s=60)
        assert wanted.exists() is still_wanted
        assert not child.look_after()
        assert not child.is_running


def test_a_closed_terminal_does_not_stop_the_log(tmp_path: Path) -> None:
    terminal = io.StringIO()
    log = Log(tmp_path, terminal)
    terminal.close()
    log.line("web.1", "still here")
    assert "still here" in (tmp_path / "tributary.log").read_text()
