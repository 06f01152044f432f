"""Uploaded files: restored into a folder beside the present one, so that erasing again reaches them there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.signals import setting_changed


def _draft() -> Path:
    media: Path = settings.PLACES.media
    return media.with_name(f"{media.name}.restoring")


@contextmanager
def brought(source: Path) -> Iterator[None]:
    """Meanwhile the files of the backup are those of the product."""
    draft = _draft()
    shutil.rmtree(draft, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, draft)
    else:
        draft.mkdir(parents=True)
    before = settings.MEDIA_ROOT
    _point_at(draft)
    try:
        yield
    finally:
        _point_at(before)


def _point_at(folder: Path) -> None:
    """Storages remember the folder until they are told."""
    settings.MEDIA_ROOT = folder
    setting_changed.send(sender=None, setting="MEDIA_ROOT", value=folder, enter=True)


def switch(*, now: datetime, keep_old: bool) -> None:
    present: Path = settings.PLACES.media
    if present.is_dir():
        old = present.with_name(f"{present.name}.before-{now:%Y%m%d%H%M%S}")
        present.rename(old)
        if not keep_old or not any(old.iterdir()):
            shutil.rmtree(old)
    _draft().rename(present)


def forget_draft() -> None:
    shutil.rmtree(_draft(), ignore_errors=True)
