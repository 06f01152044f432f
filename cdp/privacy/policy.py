"""The shop's rules on consent as one batch needs them, read once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdp.common.copying import Cursor

from .models import Purpose

When = Purpose.WithoutConsent


def key_of(text: str) -> str:
    """`E-mail marketing`, `e_mail-marketing` and `E_Mail_Marketing` name one purpose."""
    return text.strip().lower().replace("-", "_").replace(" ", "_")


@dataclass(frozen=True, slots=True)
class Policy:
    """`when_denied`: purpose → what happens to an event. Keys are in the form of `key_of`; `names` has the slugs."""

    when_denied: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Topic key → (its slug, its purpose's slug)."""
    to_confirm: frozenset[str] = frozenset()
    """Slugs of topics to which a yes counts once the address is confirmed."""
    gpc_denies: frozenset[str] = frozenset()

    @property
    def enforced(self) -> list[str]:
        """Slugs of purposes whose denial changes what happens to an event."""
        return sorted(self.names[key] for key, when in self.when_denied.items() if when != When.ACCEPT)


def load(cursor: Cursor) -> Policy:
    cursor.execute("select key, when_denied, is_denied_by_gpc from privacy_purpose")
    purposes = cursor.fetchall()
    cursor.execute(
        "select t.key, p.key, t.needs_confirmation from privacy_topic t join privacy_purpose p on p.id = t.purpose_id"
    )
    topics = cursor.fetchall()
    return Policy(
        when_denied={key_of(key): when for key, when, _ in purposes},
        names={key_of(key): key for key, _, _ in purposes},
        topics={key_of(topic): (topic, purpose) for topic, purpose, _ in topics},
        to_confirm=frozenset(topic for topic, _, is_to_confirm in topics if is_to_confirm),
        gpc_denies=frozenset(key_of(key) for key, _, by_gpc in purposes if by_gpc),
    )
