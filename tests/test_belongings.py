"""Whatever holds something about a person says what becomes of it when people are merged, parted or erased."""

import pytest

from cdp.common.belongings import OnMerge, declared, places
from tests.everywhere import columns, tables
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


NOBODY = {
    # The team and its settings: people who work here, and what they made.
    "accounts_apitoken", "accounts_invitation", "accounts_source", "accounts_user", "accounts_user_groups",
    "accounts_user_user_permissions", "accounts_usersession", "accounts_writekey", "auth_group",
    "auth_group_permissions", "auth_permission", "axes_accessattempt", "axes_accessattemptexpiration",
    "axes_accessfailurelog", "axes_accesslog", "django_content_type", "django_migrations", "django_session",
    "otp_static_staticdevice", "otp_static_statictoken", "otp_totp_totpdevice",
    # Definitions.
    "analytics_computedtrait", "campaigns_account", "campaigns_campaign", "campaigns_campaign_excluded",
    "campaigns_campaign_included", "campaigns_confirmationmail", "campaigns_domainkey", "campaigns_endpoint",
    "campaigns_frequencycap", "campaigns_offer", "campaigns_seed", "campaigns_sender", "campaigns_senderdomain",
    "campaigns_sendingpolicy", "campaigns_template", "campaigns_templateversion", "campaigns_variant",
    "events_eventschema", "events_exchangerate", "events_item", "events_itemalias", "identity_matchmodel",
    "identity_ruleset", "privacy_consentprompt", "privacy_consentprompt_purposes", "privacy_purpose",
    "privacy_retention", "privacy_topic", "profiles_survivorshiprule", "scoring_clustering", "scoring_predictor",
    "segments_segment", "segments_segmentversion",
    # Counts, and numbers of people without anything about them.
    "campaigns_goal", "campaigns_goalsample", "operations_errorcount", "operations_heartbeat", "operations_sample",
    "operations_tally", "operations_taskstate",
    "campaigns_check", "campaigns_checklot", "campaigns_checkmark", "campaigns_decision", "campaigns_listening",
    "campaigns_planlot", "campaigns_ratebucket", "common_newscursor", "events_eventproperty", "events_eventvolume",
    "events_shapeseen", "identity_identitysnapshot", "identity_separation", "rules_publishedcut", "scoring_cluster",
    "scoring_itemfigures", "scoring_itemneighbours", "scoring_recommending", "scoring_scoringchunk",
    "scoring_scoringrun", "scoring_segmentfavourites", "scoring_sendhourfit", "scoring_trainedmodel",
    "segments_fault", "segments_segmentsize",
    # Of imports: the file's own place answers for it. Of rollbacks: the import's name.
    "connectors_import", "profiles_rollback",
    # Fingerprints and what they are made with; what is written under made-up names.
    "privacy_analysisexport", "privacy_erased", "privacy_erasurekey", "privacy_refusal",
}  # fmt: skip
"""Tables that hold nothing of customers. A new table stands here, or its app declares it."""


@pytest.mark.django_db
def test_every_table_says_whether_it_holds_people() -> None:
    answered = {one.table for one in declared()} | {table for place in places() for table in place.tables}
    assert sorted(set(tables()) - answered - NOBODY) == []
    assert sorted(NOBODY & answered) == []


@pytest.mark.django_db
def test_declared_columns_are_there() -> None:
    for one in declared():
        known = {name for name, *_ in columns(one.table)}
        assert {*one.about, *one.of_record, *one.blank, *(column for column, _ in one.names)} <= known, one.table
