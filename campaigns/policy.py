"""What holds for all campaigns, as it is set now."""

from datetime import datetime

from campaigns.models import SendingPolicy

THE_ONE = 1


def policy() -> SendingPolicy:
    """As it is until somebody sets it otherwise, if nobody did."""
    return SendingPolicy.objects.filter(pk=THE_ONE).first() or SendingPolicy(pk=THE_ONE)


def said_of_us() -> dict[str, str]:
    """What mails say in their footers, and where texts name it: `{{ sender.company }}`, `{{ sender.address }}`."""
    as_set = policy()
    lines = (line.strip(" ,") for line in as_set.postal_address.splitlines())
    return {"company": as_set.company.strip(), "address": ", ".join(filter(None, lines))}


def save_company(*, company: str, postal_address: str, now: datetime) -> None:
    """Who we say we are, in every footer."""
    given = {"company": company.strip(), "postal_address": postal_address.strip(), "changed_at": now}
    SendingPolicy.objects.update_or_create(pk=THE_ONE, defaults=given)
