"""What a campaign's form offers to send over."""

from campaigns.models import Account

MAILBOX = "The local mailbox: nothing leaves this machine"


def choices() -> list[tuple[str, str]]:
    """Value and label; the empty value is the local mailbox."""
    accounts = Account.objects.filter(archived_at=None).order_by("name")
    return [("", MAILBOX), *((str(one.pk), one.name) for one in accounts)]
