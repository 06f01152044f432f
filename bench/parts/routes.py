"""Every route of the URLconf with real objects to ask it for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_PERSON = (
    "select uuid from profiles_profile where id = any(array[(select min(id) from profiles_profile where merged_into"
    " is null), (select max(id) from profiles_profile where merged_into is null), (select profile_id from"
    " campaigns_delivery where clicked_at is not null limit 1), (select winner_id from identity_merge where verb ="
    " 'merged' order by id desc limit 1)]) and merged_into is null"
)
_CAMPAIGN = "select id from campaigns_campaign where id in (1, 2, 3, 4, 7, 20, 21) order by id"
_SEGMENT = "select id from segments_segment where id in (1, 2, 4, 13, 16) order by id"
_MAIL = "select template_id from campaigns_campaign where id in (1, 2, 7)"
_OF_CAMPAIGN = (
    "campaign test compared results results_now results_charts results_blocks results_map results_map_frame"
    " results_people results_costs edit audience_people why_search unknown_decide trigger trigger_people check"
)
_OF_MAIL = "editor mail_preview mail_people mail_people_for_branch mail_card mail_versions test_send"
_OF_SEGMENT = "segment sentence state flow overlap distinguish changes edit explain versions checks"
_OF_PROFILE_ID = "(select min(id) from profiles_profile where merged_into is null)"
_WHO = "select uuid::text from profiles_profile where merged_into is null order by id limit 2"
_SQL: dict[str, str] = {
    **{f"campaigns:{name}": _CAMPAIGN for name in _OF_CAMPAIGN.split()},
    **{f"campaigns:{name}": _MAIL for name in _OF_MAIL.split()},
    **{f"segments:{name}": _SEGMENT for name in _OF_SEGMENT.split()},
    "campaigns:variant_card": "select campaign_id, number from campaigns_variant order by id limit 3",
    "campaigns:why": "select campaign_id, p.uuid from campaigns_delivery d join profiles_profile p on p.id ="
    " d.profile_id where campaign_id in (2, 4) and merged_into is null order by profile_id limit 3",
    "campaigns:mail_version": "select template_id, number from campaigns_templateversion order by id limit 2",
    "campaigns:offer": "select id from campaigns_offer where id in (1, 2, 5)",
    "campaigns:offer_given": "select id from campaigns_offer where id in (1, 2)",
    "campaigns:offer_used": "select id from campaigns_offer where id in (1, 2)",
    "campaigns:offer_edit": "select id from campaigns_offer where id in (1, 2)",
    "campaigns:offer_codes": "select id from campaigns_offer where id in (2, 3)",
    "campaigns:mail": "select ref from campaigns_mailboxmessage order by at desc limit 2",
    "campaigns:mail_html": "select ref from campaigns_mailboxmessage order by at desc limit 2",
    "campaigns:feed": "select id from campaigns_feed order by id limit 2",
    "campaigns:feed_edit": "select id from campaigns_feed order by id limit 2",
    "campaigns:webhook": "select id from campaigns_endpoint order by id limit 2",
    "campaigns:webhook_edit": "select id from campaigns_endpoint order by id limit 1",
    "campaigns:webhook_message": "(select endpoint_id, id from campaigns_webhookmessage order by id limit 1)",
    "campaigns:ready_made": "values ('welcome'), ('abandoned-cart')",
    "campaigns:starter_card": "values ('newsletter'), ('win-back')",
    "campaigns:account_new": "values ('smtp')",
    "segments:why": f"select s.id, {_OF_PROFILE_ID} from segments_segment s where id in (1, 2, 3)",
    "segments:job": "select 1, id from common_job where kind like 'segments.%' order by id desc limit 1",
    "analytics:trait": "select id from analytics_computedtrait order by id limit 4",
    "analytics:edit": "select id from analytics_computedtrait order by id limit 2",
    "analytics:progress": "select id from analytics_computedtrait order by id limit 1",
    "analytics:rfm_people": "values (5, 5), (3, 3), (1, 1)",
    "events:item": "select id from events_item order by id limit 2",
    "events:item_change": "select id from events_item order by id limit 1",
    "events:message": "(select id from events_rejectedmessage order by id limit 1) union all"
    " (select id from events_rejectedmessage order by id desc limit 1)",
    "events:fix": "select id from events_rejectedmessage order by id limit 1",
    "privacy:purpose": "select id from privacy_purpose order by id limit 2",
    "privacy:topic": "select id from privacy_topic order by id limit 2",
    "accounts:source": "select id from accounts_source order by id limit 3",
    "identity:if_merged": "select id from identity_candidate where state = 'open' order by id limit 2",
    "identity:rules_version": "select id from identity_ruleset order by id limit 1",
    "identity:quality_people": "values ('shared'), ('largest'), ('conflicts')",
    "scoring:start": "values ('purchase')",
    "scoring:predictor": "select id from scoring_predictor order by id",
    "scoring:people": "select id from scoring_predictor order by id",
    "scoring:best_hour_people": "values (9), (20)",
    "scoring:clustering": "select id from scoring_clustering order by id limit 1",
    "scoring:clustering_edit": "select id from scoring_clustering order by id limit 1",
    "scoring:cluster_people": "select clustering_id, id from scoring_cluster where not is_gone order by id limit 3",
    "scoring:progress": "select id from common_job where kind = 'scoring.train' order by id desc limit 1",
    "api:rollback": "select id from profiles_rollback order by id limit 1",
    "api:clustering": "select id from scoring_clustering order by id limit 1",
    "api:identity_rules_version": "select id from identity_ruleset order by id limit 1",
    "demo:picture": "select id from events_item order by id limit 1",
    "demo:item": "select id from events_item order by id limit 1",
    "api:webhook": "select id from campaigns_endpoint order by id limit 1",
    "api:offer": "select key from campaigns_offer order by id limit 2",
    "api:offer_given": "select key from campaigns_offer order by id limit 2",
    "api:offer_redemptions": "select key from campaigns_offer order by id limit 2",
    "api:segment_member": "select 1, uuid::text from profiles_profile where merged_into is null order by id limit 2",
    "api:segment_explain": "select 2, uuid::text from profiles_profile where merged_into is null order by id limit 2",
    "api:computed_trait": "select key from analytics_computedtrait order by id limit 2",
    "api:item": "select id from events_item order by id limit 1",
    "api:items_similar": "select id from events_item order by id limit 2",
    "api:trait_rule": "values ('city')",
}
_BY_PREFIX = (
    (r"api:segment", "select id from segments_segment where id in (1, 2, 4)"),
    (r"api:template_version$", "select template_id, number from campaigns_templateversion order by id limit 2"),
    (r"api:template", _MAIL),
    (r"api:campaign", "select id from campaigns_campaign where id in (2, 4, 20)"),
    (r"api:profile", _WHO),
    (r"api:predictor", "select id from scoring_predictor order by id limit 2"),
    (r"scoring:", "select id from scoring_predictor order by id limit 3"),
    (r"connectors:", "select id from connectors_import where id in (1, 2, 4)"),
    (r"api:merge", "select id from identity_merge order by id limit 2"),
    (r"api:candidate", "select id from identity_candidate order by id limit 2"),
)
LEFT_OUT = {
    r"export|csv|problem_lines|not_taken|audience_export": "a download or stream",
    r"^accounts:logout$|^accounts:join$|^accounts:reset|^accounts:code$": "ends or begins a session",
    r"^campaigns:(click|open|hook|u|unsubscribe|choices|confirm|preview_frame)$": "signed into a mail",
}


@dataclass(frozen=True)
class Route:
    name: str
    urls: Sequence[str]
    left_out: str = ""


def routes() -> Iterator[Route]:
    from django.urls import URLResolver, get_resolver

    def walk(patterns: Sequence[Any], namespace: str) -> Iterator[tuple[str, Any]]:
        for found in patterns:
            if isinstance(found, URLResolver):
                yield from walk(found.url_patterns, f"{namespace}{found.namespace}:" if found.namespace else namespace)
            elif found.name:
                yield f"{namespace}{found.name}", found

    seen = set()
    for name, pattern in walk(get_resolver().url_patterns, ""):
        if name not in seen:
            seen.add(name)
            yield _route(name, list(pattern.pattern.converters))


def _route(name: str, parameters: Sequence[str]) -> Route:
    from django.urls import NoReverseMatch, reverse

    why = next((why for form, why in LEFT_OUT.items() if re.search(form, name)), "")
    if why:
        return Route(name, (), why)
    if not parameters:
        return Route(name, (reverse(name),))
    of_person = _PERSON if list(parameters) == ["uuid"] else ""
    sql = _SQL.get(name) or of_person or next((sql for form, sql in _BY_PREFIX if re.match(form, name)), "")
    if not sql:
        return Route(name, (), "no object to ask for")
    try:
        urls = tuple(reverse(name, args=row) for row in _rows(sql))
    except (NoReverseMatch, ValueError) as error:
        return Route(name, (), f"no address: {str(error)[:80]}")
    return Route(name, urls, "" if urls else "no object to ask for")


def _rows(sql: str) -> Sequence[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
