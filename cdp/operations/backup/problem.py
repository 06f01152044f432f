"""What can go wrong with a backup, in sentences that say what to do, each kind with its exit code."""

import errno


class BackupProblem(Exception):
    """The backup or restore was refused; nothing was changed."""

    code = 1


class NoSpace(BackupProblem):
    """The disk is full."""

    code = 3


class NotAllowed(BackupProblem):
    """Rights are missing, on files or in the database."""

    code = 4


class Damaged(BackupProblem):
    """What was read is not what was written."""

    code = 5


def of_files(error: OSError) -> BackupProblem:
    """The operating system's reason as ours."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return NoSpace(f"The disk is full{where}: make room, or name another folder with --to. No half backup is left.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return NotAllowed(f"{error.strerror}{where}: run this as the user who runs Tributary.")
    return BackupProblem(f"{error.strerror}{where}.")


def of_program(name: str, said: str) -> BackupProblem:
    """What pg_dump or pg_restore wrote when it failed, as a sentence."""
    last = "\n".join(said.strip().splitlines()[-6:])
    if "No space left on device" in said or "could not extend file" in said:
        return NoSpace(f"The disk is full: make room, or name another folder with --to.\n{last}")
    if "permission denied" in said or "must be owner" in said or "must be superuser" in said:
        return NotAllowed(f"The user of DATABASE_URL lacks a right that {name} needs:\n{last}")
    if "server version mismatch" in said:
        return BackupProblem(f"{name} is older than the server; set POSTGRES_BIN to programs that fit it:\n{last}")
    return BackupProblem(f"{name} failed:\n{last}")
