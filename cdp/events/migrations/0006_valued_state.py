"""How many of a person's events of a name have a value: with it averages are read from the state."""

from django.db import migrations

FILL = """
alter table events_eventstate add column valued bigint not null default 0;
update events_eventstate s set valued = e.valued
  from (select profile_id, name, count(value) as valued from events_event where value is not null group by 1, 2) e
 where s.profile_id = e.profile_id and s.name = e.name;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0005_hot_state")]
    operations = [migrations.RunSQL(FILL, "alter table events_eventstate drop column valued")]
