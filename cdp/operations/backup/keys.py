"""The secret keys that a backup brings, for as long as it is being restored and afterwards."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from cdp.operations.backup.manifest import SECRET_KEY, Manifest, mark_of
from cdp.operations.backup.whole import write_whole


@dataclass(frozen=True)
class Keys:
    signing: tuple[str, ...]
    encryption: tuple[str, ...]


def present_keys() -> Keys:
    return Keys((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS), tuple(settings.ENCRYPTION_KEYS))


def written(keys: Keys) -> bytes:
    return json.dumps({"signing": keys.signing, "encryption": keys.encryption}).encode()


def keys_of(folder: Path, manifest: Manifest) -> Keys | None:
    """Those in the backup; None if it was made without."""
    if not manifest.has_secret_key:
        return None
    told = json.loads((folder / SECRET_KEY).read_text())
    return Keys(tuple(told["signing"]), tuple(told["encryption"]))


def is_chosen_outside() -> bool:
    """By the environment: then no file can change it."""
    return bool(os.environ.get("SECRET_KEY"))


@contextmanager
def in_use(brought: Keys | None) -> Iterator[None]:
    """The backup's keys first, so that what it sealed can be read; the present ones too."""
    present = present_keys()
    if brought:
        settings.SECRET_KEY = brought.signing[0]
        settings.SECRET_KEY_FALLBACKS = [*brought.signing[1:], *present.signing]
        settings.ENCRYPTION_KEYS = [*brought.encryption, *present.encryption]
    try:
        yield
    finally:
        settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS = present.signing
        settings.ENCRYPTION_KEYS = list(present.encryption)


def keep(brought: Keys | None, path: Path) -> None:
    """The backup's key becomes that of the installation; another one that was there stays beside it."""
    if brought is None or is_chosen_outside() or brought.signing[0] == settings.SECRET_KEY:
        return
    if path.exists():
        path.replace(path.with_name(f"{path.name}.before-restore"))
    write_whole(path, brought.signing[0].encode())


def lacking(brought: Keys | None, manifest: Manifest) -> list[str]:
    """What the operator must do about keys before the product starts."""
    present = present_keys()
    marks = {mark_of(key) for key in present.signing}
    if brought is None:
        if manifest.key_mark in marks:
            return []
        return [
            "The backup was made with another secret key, which is not in it. Set SECRET_KEY to that one: until then"
            " nobody's links and sealed secrets can be read."
        ]
    said = []
    if is_chosen_outside() and manifest.key_mark not in marks:
        said.append(f"Set SECRET_KEY to the first of `signing` in {SECRET_KEY} of the backup: sealed secrets need it.")
    more = set(brought.signing[1:]) - set(present.signing)
    if more:
        said.append(f"Set SECRET_KEY_FALLBACKS to the others of `signing` in {SECRET_KEY} of the backup.")
    if set(brought.encryption) - set(brought.signing) - set(present.encryption):
        said.append(f"Set ENCRYPTION_KEYS to `encryption` in {SECRET_KEY} of the backup.")
    return said
