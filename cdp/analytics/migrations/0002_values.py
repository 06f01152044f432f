"""The values: narrow and typed, keyed by the profile first. Each index holds only rows that have such a value, so that
a row is in one of them."""

from django.db import migrations

VALUES = """
create table analytics_computedvalue (
    profile_id bigint not null, trait_id bigint not null, number numeric, text text, at timestamptz, list jsonb,
    due_at timestamptz,
    primary key (profile_id, trait_id)
) with (fillfactor = 80);
-- rules about a number and its histogram; a decaying score's threshold moving over it
create index computed_by_number on analytics_computedvalue (trait_id, number, profile_id) where number is not null;
-- rules about a text and its most frequent values
create index computed_by_text on analytics_computedvalue (trait_id, text, profile_id) where text is not null;
-- rules about a date or the days since, and the clock moving over it
create index computed_by_time on analytics_computedvalue (trait_id, at, profile_id) where at is not null;
-- values of a list, counted and cleared
create index computed_by_list on analytics_computedvalue (trait_id, profile_id) where list is not null;
-- the time tick
create index computed_due on analytics_computedvalue (due_at) where due_at is not null;
"""


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_initial")]
    operations = [migrations.RunSQL(VALUES, "drop table analytics_computedvalue")]
