"""People to look at a mail as: those of its audience, one after the other, by name, or by the branch they get."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from campaigns import target
from campaigns.content_models import Template
from campaigns.models import Campaign
from campaigns.variants import campaigns_saying
from cdp.common.copying import numbers
from cdp.profiles.find import NoSuchPerson, by_any, by_known, by_uuid, in_traits, starting_with
from cdp.profiles.models import Profile
from cdp.profiles.naming import name_of
from cdp.rules.evidence import rows
from cdp.rules.fields import RuleError
from cdp.rules.kept_cuts import cuts_for
from cdp.rules.sets import matching
from cdp.rules.sql import Sql, fill, join
from cdp.rules.to_sql import members_sql
from cdp.rules.tree import AllOf, Node, NotOf, Scope
from segments.bounded import TooSlow, at_most
from segments.models import Membership

SHOWN = 20
FEW = 1_000
"""Looked at first: most branches are taken by somebody among so many."""
WAIT_S = 3.0
IDENTIFIER = re.compile(r"[@:]|\d{5}")
"""Nobody is called so: what has one of these is no name, and need not be looked for among all traits."""


@dataclass(frozen=True)
class Shown:
    """A person as lists of them say it."""

    profile_id: int
    uuid: UUID
    name: str
    email: str


@dataclass(frozen=True)
class Found:
    """People of a branch, the first ones by id."""

    people: list[Shown]
    is_sure: bool
    """Whether nobody is missing: False where the search was stopped because it took too long."""


@dataclass(frozen=True)
class Audience:
    """Those a mail is for."""

    inside: tuple[int, ...] = ()
    """Ids of the segments they are in, of one at least; none: everybody."""
    outside: tuple[int, ...] = ()
    rule: Sql | None = None
    """Selects the ids of those for whom its own rule holds; None: it has none."""
    name: str = "everybody"

    def people(self) -> QuerySet[Profile]:
        """EXISTS per segment, by the profile's id: the first ones are found by walking along it."""
        found = Profile.objects.filter(merged_into=None)
        of_person = Membership.objects.filter(profile_id=OuterRef("pk"))
        if self.inside:
            found = found.filter(Exists(of_person.filter(segment_id__in=self.inside)))
        if self.outside:
            found = found.exclude(Exists(of_person.filter(segment_id__in=self.outside)))
        return found.filter(pk__in=RawSQL(self.rule.text, self.rule.values)) if self.rule else found  # noqa: S611

    def narrowed(self) -> Sql:
        """For `p` of profiles_profile."""
        among = "(select from segments_membership m where m.profile_id = p.id and m.segment_id = any({ids}::bigint[]))"
        inside = fill(f" and exists {among}", ids=numbers(self.inside)) if self.inside else Sql("")
        outside = fill(f" and not exists {among}", ids=numbers(self.outside)) if self.outside else Sql("")
        rule = fill(" and p.id in ({rule})", rule=self.rule) if self.rule else Sql("")
        return join("", [inside, outside, rule])


def audience_of(template: Template, *, now: datetime, zone: ZoneInfo) -> Audience:
    return audience_for(campaign_of(template), now=now, zone=zone)


def campaign_of(template: Template) -> Campaign | None:
    """Whose mail it is."""
    return campaigns_saying(template).order_by("pk").first()


def audience_for(campaign: Campaign | None, *, now: datetime, zone: ZoneInfo) -> Audience:
    """Of a template or a module, everybody: it may go to anybody. So it is where the campaign's rule cannot be read."""
    if campaign is None:
        return Audience()
    to = target.target_of(campaign)
    try:
        own = target.members_sql(target.Target(rule=to.rule), Scope(now, None, zone)) if to.rule is not None else None
        inside, outside = (tuple(one.pk for one in some) for some in (to.inside, to.outside))
        return Audience(inside, outside, own, target.short_words(to))
    except RuleError:
        return Audience()


def person(audience: Audience, uuid: UUID | None) -> Profile | None:
    """The one of that uuid, whether of the audience or not; else the first of the audience; None if there is nobody."""
    if uuid is not None:
        return by_uuid(uuid)
    return audience.people().order_by("pk").first()


def beside(audience: Audience, *, after: UUID | None = None, before: UUID | None = None) -> list[Shown]:
    """The next ones after a person, or those before, nearest first; with neither, the first ones."""
    found = audience.people()
    if after is not None:
        found = found.filter(pk__gt=by_uuid(after).pk)
    if before is not None:
        found = found.filter(pk__lt=by_uuid(before).pk)
    return _shown(found.order_by("pk" if before is None else "-pk")[:SHOWN])


def named(audience: Audience, text: str, *, is_time_up: Callable[[], bool]) -> list[Shown]:
    """By uuid, identifier, or what stands in their name or other traits."""
    text = text.strip()
    if not text or "\x00" in text:
        return []
    found = _by_identifier(text)
    if found and IDENTIFIER.search(text):
        return _among(audience, found)[:SHOWN]
    words = sorted(text.casefold().split(), key=len, reverse=True)
    after = ""
    while len(_among(audience, found)) < SHOWN:
        scan = in_traits(words[0], after=after, size=10 * SHOWN, is_time_up=is_time_up)
        found |= dict.fromkeys(scan.found)
        after = scan.next
        if not after or is_time_up():
            break
    listed = _among(audience, found)
    return [one for one in listed if _says(one, words)] or listed[:SHOWN] if len(words) > 1 else listed[:SHOWN]


def _by_identifier(text: str) -> dict[int, None]:
    found: dict[int, None] = {}
    for look in (by_any, by_known):
        try:
            found[look(text).pk] = None
        except NoSuchPerson:
            continue
    return found | dict.fromkeys(starting_with(text))


def _among(audience: Audience, ids: Sequence[int] | dict[int, None]) -> list[Shown]:
    order = {pk: nth for nth, pk in enumerate(ids)}
    return sorted(_shown(audience.people().filter(pk__in=list(ids))), key=lambda one: order[one.profile_id])


def _says(shown: Shown, words: Sequence[str]) -> bool:
    said = f"{shown.name} {shown.email}".casefold()
    return all(word in said for word in words)


def path_to(rules: Sequence[Node], branch: int) -> Node:
    """The rule of those who take a branch: none of the conditions before it holds, and its own does; the last branch is
    the one of everybody else."""
    before = [NotOf(rule) for rule in rules[:branch]]
    return AllOf((*before, *rules[branch : branch + 1]))


def leading_to(audience: Audience, path: Node, *, now: datetime, zone: ZoneInfo, leave_out: int | None = None) -> Found:
    """A thousand people are asked first; where too few of them get there, the others as one set, for so long."""
    few = list(audience.people().order_by("pk").values_list("pk", flat=True)[:FEW])
    found: list[int] = []
    try:
        with at_most(WAIT_S):
            cuts = cuts_for(path, now=now, zone=zone)
            found = sorted(matching(path, few, now=now, zone=zone, cuts=cuts) - {leave_out})[:SHOWN]
            if len(found) < SHOWN and len(few) == FEW:
                scope = Scope(now, None, zone, cuts)
                found += _beyond(audience, members_sql(path, scope), after=few[-1], most=SHOWN - len(found))
    except TooSlow:
        return Found(_in_order(found), is_sure=False)
    return Found(_in_order([pk for pk in found if pk != leave_out]), is_sure=True)


def _beyond(audience: Audience, members: Sql, *, after: int, most: int) -> list[int]:
    found = fill(
        "{members}{audience} and p.id > {after} order by p.id limit {most}",
        members=members,
        audience=audience.narrowed(),
        after=after,
        most=most + 1,
    )
    return [row[0] for row in rows(found)]


def _in_order(ids: Sequence[int]) -> list[Shown]:
    return _shown(Profile.objects.filter(pk__in=ids).order_by("pk"))[:SHOWN]


def _shown(profiles: QuerySet[Profile]) -> list[Shown]:
    return [
        Shown(pk, uuid, name_of(traits, uuid), str(traits.get("email") or ""))
        for pk, uuid, traits in profiles.values_list("pk", "uuid", "traits")
    ]
