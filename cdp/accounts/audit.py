"""The audit log: who did what, when. Append-only."""

from datetime import datetime
from typing import Any

from cdp.accounts.models import AuditEntry, User


def record(
    actor: User | None, *, verb: str, target: str, details: dict[str, Any] | None = None, now: datetime
) -> AuditEntry:
    """`verb` in the past tense ("created source"); no actor means the system itself did it."""
    return AuditEntry.objects.create(
        at=now,
        actor=actor,
        actor_name=actor.email[:150] if actor else "Tributary",
        verb=verb,
        target=target[:200],
        details=details or {},
    )
