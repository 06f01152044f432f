"""Tributary as a source of its own: what people correct by hand, and what the API is told without a source."""

from cdp.accounts.models import Source

NAME = "Tributary"
SCORE_BAND_CHANGED = "Score Band Changed"
OFFER_REDEEMED = "Offer Redeemed"
OPENED, CLICKED = "Email Opened", "Email Link Clicked"
BY_MACHINE = {OPENED: "Email Opened by Machine", CLICKED: "Email Link Clicked by Machine"}
"""Names of their own: whoever counts opens and clicks counts people."""
NOT_OPENED, NOT_CLICKED = "Email Open Taken Back", "Email Link Click Taken Back"
"""What was told of a person turned out to be a machine's."""
OF_MACHINES = (*BY_MACHINE.values(), NOT_OPENED, NOT_CLICKED)
DELIVERED, BOUNCED = "Email Delivered", "Email Bounced"
NOTICES = frozenset({SCORE_BAND_CHANGED, DELIVERED, BOUNCED, *OF_MACHINES})
"""Events of ours about people who did nothing: somebody silent for a year was not seen last night because a score
fell."""


def internal_source() -> Source:
    """Made when it is first needed. It has no write key: nobody can send as it from outside."""
    return Source.objects.get_or_create(name=NAME, defaults={"kind": Source.Kind.INTERNAL, "trust_rank": 10})[0]
