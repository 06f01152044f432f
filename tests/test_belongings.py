"""Whatever holds something about a person says what becomes of it when people are merged, parted or erased."""

import pytest

from cdp.common.belongings import OnMerge, declared
from tests.taking_in import rows

ABOUT_A_PERSON = ("profile_id", "record_id", "record_a", "winner_id")


@pytest.mark.django_db
def test_every_table_about_people_is_declared() -> None:
    found = rows(
        "select distinct c.relname from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p')"
        " and not c.relispartition and a.attname = any(%s) and not a.attisdropped",
        list(ABOUT_A_PERSON),
    )
    assert len(found) > 10
    assert sorted({name for (name,) in found} - {one.table for one in declared()}) == []


@pytest.mark.django_db
def test_what_moves_with_its_record_has_one() -> None:
    for one in declared():
        if one.on_merge is OnMerge.MOVE_BY_RECORD:
            columns = {
                name
                for (name,) in rows(
                    "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0", one.table
                )
            }
            assert {"profile_id", one.record_column, *one.unique} <= columns, one.table
