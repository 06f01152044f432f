"""Tributary as a source of its own: what people correct by hand, and what the API is told without a source."""

from cdp.accounts.models import Source

NAME = "Tributary"
SCORE_BAND_CHANGED = "Score Band Changed"
OFFER_REDEEMED = "Offer Redeemed"
NOTICES = frozenset({SCORE_BAND_CHANGED})
"""Events of ours about people who did nothing: somebody silent for a year was not seen last night because a score
fell."""


def internal_source() -> Source:
    """Made when it is first needed. It has no write key: nobody can send as it from outside."""
    return Source.objects.get_or_create(name=NAME, defaults={"kind": Source.Kind.INTERNAL, "trust_rank": 10})[0]
