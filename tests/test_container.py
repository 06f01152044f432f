"""Dockerfile and compose.yaml run what the Procfile runs, with settings that are documented. No engine is needed."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTED = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE))
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service.get("image", "").startswith("tributary")]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_every_process_of_the_procfile_is_a_service() -> None:
    assert set(OURS) == {*PROCFILE, "migrate"}


@pytest.mark.parametrize("name", sorted(PROCFILE))
def test_a_service_runs_the_command_of_the_procfile(name: str) -> None:
    shell, option, command = SERVICES[name]["command"]
    assert (shell, option) == ("sh", "-c")
    assert command.replace("$$", "$") == f"exec {PROCFILE[name]}"


def test_the_image_runs_web_if_nothing_else_is_said() -> None:
    assert f'"exec {PROCFILE["web"]}"' in DOCKERFILE


@pytest.mark.parametrize("name", OURS)
def test_what_a_service_is_told_is_documented(name: str) -> None:
    told = set(SERVICES[name]["environment"])
    assert told >= {"DATABASE_URL", "BROKER_URL", "CACHE_URL"}
    assert told <= DOCUMENTED


def test_what_env_may_say_is_documented_or_of_compose_alone() -> None:
    named = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()))
    assert named <= DOCUMENTED | {"POSTGRES_PASSWORD", "PUBLISH"}


def test_versions_of_images_are_pinned_and_the_volumes_exist() -> None:
    images = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert all(re.search(r":\d+\.\d+\.?\d*-", image) for image in images)
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_the_image_holds_no_secret_and_its_user_has_no_rights() -> None:
    stages = DOCKERFILE.split("\nFROM ")
    assert not re.search(r"SECRET|PASSWORD|_KEY", stages[-1])
    assert re.search(r"^USER tributary$", stages[-1], re.MULTILINE)
    assert "/healthz" in stages[-1]
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "var", ".env*"} <= set(ignored)


def test_what_a_service_waits_for_tells_when_it_is_there() -> None:
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "test" in SERVICES[name]["healthcheck"]
