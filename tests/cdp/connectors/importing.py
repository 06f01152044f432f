"""A file through an import, as the task runs it, and drained."""

from pathlib import Path

from django.core.files.base import ContentFile

from cdp.connectors import imports
from cdp.connectors.models import Import
from cdp.connectors.running import run
from cdp.pipeline import drain
from tests.taking_in import NOW, source


def uploaded(body: str | bytes, *, name: str = "file.csv", of: str = "shop", preset: str = "") -> Import:
    data = body.encode() if isinstance(body, str) else body
    one = imports.upload(ContentFile(data), name=name, source=source(of), actor=None, now=NOW)
    if preset:
        imports.take_for(one, preset)
    return one


def finish(one: Import) -> Import:
    imports.start(one, actor=None, now=NOW)
    run(one.pk, clock=lambda: NOW, wait=drain_all)
    drain_all()
    return Import.objects.select_related("job").get(pk=one.pk)


def drain_all() -> None:
    while drain("bulk", now=NOW).rows:
        pass


def the_file(name: str) -> Path | None:
    """A large file that the checkout does not carry: in `shared/data` of the checkout or of a folder above it."""
    here = Path(__file__).resolve()
    return next((path for up in here.parents if (path := up / "shared" / "data" / name).is_file()), None)
