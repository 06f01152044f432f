"""PostgreSQL refuses to run as root: as root it runs as another user, who must be able to reach its files."""

import os
import pwd
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from cdp.runtime.binaries import PostgresBinaries
from cdp.runtime.problem import RuntimeProblem

SHARED_STATE = Path("/var/lib/tributary")
"""For what root's installation must keep where another user can read it."""


class NoUnprivilegedUser(RuntimeProblem):
    """PostgreSQL refuses to run as root, and there is neither a user 'postgres' nor 'nobody' to run it as."""


@dataclass(frozen=True)
class Account:
    """Who a server runs as."""

    uid: int
    gid: int

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)


def server_account() -> Account | None:
    """The user to change to; None if we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise NoUnprivilegedUser(NoUnprivilegedUser.__doc__)


def all_can_enter(folder: Path) -> bool:
    """Whether every user may enter the folder, by the permission bits of it and of all above it."""
    folder = folder.resolve()
    return all(step.stat().st_mode & 0o001 for step in (folder, *folder.parents))


def all_can_read(tree: Path) -> bool:
    return all_can_enter(tree) and all(
        path.lstat().st_mode & 0o004 for path in (tree, *tree.iterdir(), *(tree / "bin").glob("*"))
    )


def folder_all_can_enter(var: Path) -> Path:
    """`var`, if all can enter it; else a folder outside it (think of a clone in /root)."""
    if all_can_enter(var):
        return var
    SHARED_STATE.mkdir(mode=0o711, parents=True, exist_ok=True)
    SHARED_STATE.chmod(0o711)
    return SHARED_STATE


def new_data_folder(link: Path) -> Path:
    """Where a new data folder named `link` shall really lie.

    A new random name each time: whoever empties VAR_DIR must get a new database, not the old one back.
    """
    base = folder_all_can_enter(link.parent)
    return link if base == link.parent else base / f"postgres-{secrets.token_hex(6)}"


def readable_binaries(binaries: PostgresBinaries, var: Path) -> PostgresBinaries:
    """The binaries, or a copy of them that the other user can read (a virtual environment in /root)."""
    if all(all_can_read(part) for part in binaries.tree):
        return binaries
    copy = folder_all_can_enter(var) / f"postgresql-{binaries.version}"
    if not copy.is_dir():
        draft = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
        for part in binaries.tree:
            shutil.copytree(part, draft / part.relative_to(binaries.root), symlinks=True)
        open_to_all(draft)
        try:
            draft.rename(copy)
        except OSError:
            # Another installation of root's was quicker.
            shutil.rmtree(draft)
    return PostgresBinaries(root=copy, version=binaries.version)


def open_to_all(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.stat().st_mode & 0o100 else 0))
