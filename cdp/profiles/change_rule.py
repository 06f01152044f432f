"""The verb that changes a rule of survivorship: the rule at once, the people in the background."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from cdp.accounts.audit import record
from cdp.accounts.models import User
from cdp.common.copying import Cursor
from cdp.common.estimate import table_size
from cdp.common.models import Job
from cdp.profiles.long_work import lock_living, settle
from cdp.profiles.models import SurvivorshipRule
from cdp.profiles.survivorship import EVERY, Rule, Strategy

KIND = "survivorship"
BATCH = 500
"""People per transaction: their locks keep the pipeline waiting for some 50 ms."""
SINGLE = frozenset({"email", "phone", "name", "firstName", "lastName", "first_name", "last_name"})
"""What other parts read as one text."""


class BadRule(ValueError):
    """The rule does not fit."""


@dataclass(frozen=True)
class Change:
    """`rule` None removes the trait's own rule: it then follows the rule for all others."""

    trait: str
    rule: Rule | None

    def check(self) -> None:
        if self.rule and self.rule.strategy is Strategy.UNION and self.trait in SINGLE | {EVERY}:
            raise BadRule(
                "All values as a list would break what reads one value, such as e-mails and names. Choose another"
                " strategy here, and this one for traits that are lists, such as interests."
            )

    def applied_to(self, rules: dict[str, Rule]) -> dict[str, Rule]:
        kept = {trait: rule for trait, rule in rules.items() if trait != self.trait}
        return kept if self.rule is None else {**kept, self.trait: self.rule}


def rules_now() -> dict[str, Rule]:
    return {
        row.trait: Rule(Strategy(row.strategy), tuple(row.sources))
        for row in SurvivorshipRule.objects.order_by("trait")
    }


@transaction.atomic
def change_rule(change: Change, *, actor: User | None, by: str = "", now: datetime) -> Job:
    """The caller rings the bell after commit. Raises BadRule."""
    change.check()
    before = SurvivorshipRule.objects.select_for_update().filter(trait=change.trait).first()
    details = {"before": _said(before), "after": "", **({"by": by} if by else {})}
    if change.rule is None:
        SurvivorshipRule.objects.filter(trait=change.trait).delete()
    else:
        values = {"strategy": change.rule.strategy, "sources": list(change.rule.sources), "updated_at": now}
        kept, _ = SurvivorshipRule.objects.update_or_create(trait=change.trait, defaults=values)
        details["after"] = _said(kept)
    record(actor, verb="changed rule of trait", target=change.trait, details=details, now=now)
    return Job.objects.create(
        kind=KIND,
        title="Applying the rule for " + ("all other traits" if change.trait == EVERY else change.trait),
        params={"trait": change.trait},
        total=table_size("profiles_profile", where="merged_into is null", without="profile_by_winner").n,
        created_by=actor,
        created_at=now,
    )


def _said(rule: SurvivorshipRule | None) -> str:
    return "" if rule is None else f"{rule.strategy} {','.join(map(str, rule.sources))}".strip()


def batch(cursor: Cursor, job: Job, now: datetime) -> int | None:
    """The next people by id. Whoever comes later, or is merged meanwhile, is picked by the new rule anyway."""
    cursor.execute(
        "select id from profiles_profile where id > %s and merged_into is null order by id limit %s",
        [job.checkpoint.get("after", 0), BATCH],
    )
    ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return None
    changed = settle(cursor, lock_living(cursor, ids), cause=f"rule:{job.params['trait']}", now=now)
    job.checkpoint = {"after": ids[-1]}
    job.result = _added(job.result, changed)
    return len(ids)


def _added(result: dict[str, Any], changed: int) -> dict[str, Any]:
    return {**result, "changed": int(result.get("changed", 0)) + changed}
