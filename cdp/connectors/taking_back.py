"""What a rollback of an import must know of imports."""

from itertools import islice
from pathlib import Path

from django.db import connection

from cdp.common.copying import texts
from cdp.connectors.converting import make_options, make_plan, units
from cdp.connectors.models import Import
from cdp.events.inbox import IMPORT
from cdp.events.models import InboxBatch
from cdp.profiles.lots import NoSuchLot, Origin

FORGET_BATCH = 20_000


def title(import_id: int) -> str:
    return f"import of {_get(import_id).file_name}"


def hindrance(import_id: int) -> str:
    if _get(import_id).is_open:
        return "The import still runs: stop it first, or wait until it has ended."
    if InboxBatch.objects.filter(lane=InboxBatch.Lane.BULK, meta__contains={IMPORT: import_id}).exists():
        return "The last messages of the import still wait to be taken in: try again in a minute."
    return ""


def forget(import_id: int) -> None:
    """Forgets that these identify calls were seen. The ids follow from a row's content: else the rows that stay the
    same in a corrected file would be taken for repeats, and say nothing. Saying a trait twice does no harm; events
    stay seen, since they were not taken back."""
    one = _get(import_id)
    path = Path(one.file.path)
    if not path.exists():
        return
    options = make_options(one.options, source_id=one.source_id, how=f"import:{one.pk}", now=one.job.created_at)
    plan = make_plan(path, preset=one.preset, columns=one.columns, options=options)
    ids = (
        str(message["messageId"]) for unit in units(plan) for message in unit.messages if message["type"] == "identify"
    )
    with connection.cursor() as cursor:
        while batch := sorted(islice(ids, FORGET_BATCH)):
            cursor.execute(
                "delete from events_seenmessage where source_id = %s and message_id = any(%s::text[])",
                [one.source_id, texts(batch)],
            )


def _get(import_id: int) -> Import:
    one = Import.objects.select_related("job").filter(pk=import_id).first()
    if one is None:
        raise NoSuchLot("There is no such import.")
    return one


ORIGIN = Origin("import", title, hindrance, forget)
