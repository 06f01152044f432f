"""The tables Django cannot describe: the partitioned event store, its state, and the seen message ids."""

from django.db import migrations

STORE = """
create table events_event (
    profile_id bigint not null, occurred_at timestamptz not null, message_id text not null,
    record_id bigint not null, name text not null, item_id text, value numeric(14, 2),
    properties jsonb not null, context jsonb not null, source_id bigint not null, received_at timestamptz not null,
    primary key (profile_id, occurred_at, message_id, source_id)
) partition by range (occurred_at);
-- one person's events of a name in a window: incremental rules, timeline
create index event_by_profile on events_event (profile_id, name, occurred_at);
-- everyone's events of a name in a window, index-only: full refresh, time ticks
create index event_by_name on events_event (name, occurred_at) include (profile_id, item_id, value);
-- what arrived lately: the live page
create index event_by_received on events_event using brin (received_at);
create table events_event_default partition of events_event default;

create table events_eventitem (
    profile_id bigint not null, occurred_at timestamptz not null, message_id text not null, line integer not null,
    source_id bigint not null, record_id bigint not null, name text not null, item_id text not null, quantity numeric(14, 3) not null,
    value numeric(14, 2),
    primary key (profile_id, occurred_at, message_id, source_id, line)
);
-- who bought an item, index-only
create index eventitem_by_item on events_eventitem (item_id, name, occurred_at) include (profile_id, quantity, value);

create table events_eventstate (
    profile_id bigint not null, name text not null, n bigint not null, sum numeric(16, 2) not null,
    first_at timestamptz not null, last_at timestamptz not null,
    primary key (profile_id, name)
);
-- who did something last before or after a moment: recency rules
create index eventstate_by_last on events_eventstate (name, last_at) include (profile_id, n, sum);

create table events_order (
    profile_id bigint not null, order_id text not null, record_id bigint not null, ordered_at timestamptz,
    total numeric(14, 2) not null default 0, refunded numeric(14, 2) not null default 0,
    is_cancelled boolean not null default false,
    primary key (profile_id, order_id)
);
-- refunds that arrive under another profile find their order
create index order_by_id on events_order (order_id);
-- orders in a window
create index order_by_time on events_order (ordered_at) include (profile_id, total, refunded, is_cancelled);

create table events_seenmessage (
    source_id bigint not null, message_id text not null, body_hash bigint not null, seen_at timestamptz,
    primary key (source_id, message_id)
) partition by hash (source_id, message_id);
"""
PARTS = "".join(
    f"create table events_seenmessage_{n} partition of events_seenmessage"
    f" for values with (modulus 8, remainder {n});\n"
    f"create index seenmessage_{n}_by_time on events_seenmessage_{n} (seen_at);\n"  # batched expiry
    for n in range(8)
)
UNDO = """
drop table events_event; drop table events_eventitem; drop table events_eventstate;
drop table events_order; drop table events_seenmessage;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunSQL(STORE + PARTS, UNDO)]
