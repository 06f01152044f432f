"""`python -m tests.browser` prints the path of a Chromium for the tests, and gets one if there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

INSTALLED_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NONE_TO_BE_HAD = (
    "The tests need a Chromium browser; none is installed and none could be fetched. Install one "
    "(Debian, Ubuntu: apt-get install chromium), or name one: make test CHROMIUM=/path/to/chromium"
)


def chromium() -> str:
    """The path of a browser that starts; ends the program with a sentence if there is none."""
    for find in (named, installed, from_playwright, from_apt):
        path = find()
        if path and starts(path):
            return path
    sys.exit(NONE_TO_BE_HAD)


def named() -> str | None:
    return os.environ.get("CHROMIUM")


def installed() -> str | None:
    return next(filter(None, map(shutil.which, INSTALLED_NAMES)), None) or playwrights_own()


def playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def from_playwright() -> str | None:
    say("No browser found: fetching Chromium with Playwright")
    as_root = ["--with-deps"] if os.geteuid() == 0 else []
    ran = subprocess.run([sys.executable, "-m", "playwright", "install", *as_root, "chromium"], stdout=sys.stderr)
    return playwrights_own() if ran.returncode == 0 else None


def from_apt() -> str | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    say("Installing Debian's chromium")
    subprocess.run(["apt-get", "update", "-qq"], stdout=sys.stderr)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    subprocess.run(command, stdout=sys.stderr, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    return shutil.which("chromium")


def starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.stdout.write(chromium() + "\n")
