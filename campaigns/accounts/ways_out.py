"""What keeps a campaign from going out over its account, and what may keep its mails from arriving."""

from campaigns.accounts import senders
from campaigns.channels.kinds import BadSettings
from campaigns.channels.known import channel_of
from campaigns.models import Campaign
from campaigns.policy import said_of_us
from cdp.common.secrets import SecretLost


def mistakes(campaign: Campaign | None) -> list[str]:
    """Sentences; with any of them nothing can be sent. The local mailbox takes all."""
    if campaign is None or campaign.account is None:
        return []
    account = campaign.account
    found = [senders.refusal(campaign.sender, account)]
    if account.archived_at:
        found.append(f"The account “{account.name}” was archived: choose another, or restore it.")
    try:
        channel_of(account)
    except (BadSettings, SecretLost) as error:
        found.append(f"The account “{account.name}” cannot be used: {error or SecretLost.__doc__}")
    return [one for one in found if one]


def warnings(campaign: Campaign | None) -> list[str]:
    """Of campaigns whose mails leave this machine."""
    if campaign is None or campaign.account is None:
        return []
    found = senders.warnings(campaign.sender)
    if not said_of_us()["address"]:
        found.append("The footer names no postal address, which the law of many countries wants: set it under Senders.")
    return found
