"""One real mail over an account, to see what the server says."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import uuid4

from campaigns.accounts.senders import address_in
from campaigns.channels.base import Accepted, Channel, Message, Receipt
from campaigns.channels.known import channel_of
from campaigns.models import Account, Sender
from cdp.privacy.suppression import suppressed


class NotTried(Exception):
    """Nothing was sent. The message says why."""


def attempt(account: Account, *, sender: Sender, to: str, now: datetime) -> tuple[bool, str]:
    """Whether it was taken, and the server's words. Raises NotTried, BadSettings or SecretLost."""
    address = address_in(to)
    if not address:
        raise NotTried("That is no address.")
    if suppressed("email", [address]):
        raise NotTried("This address is suppressed: nothing may be sent to it.")
    return said(handed(channel_of(account), account, sender, address, now=now))


def handed(channel: Channel, account: Account, sender: Sender, address: str, *, now: datetime) -> Receipt | None:
    ref = uuid4()
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["From"], mail["To"] = str(sender), address
    mail["Subject"] = "Test of a sending account"
    mail["Date"], mail["Message-ID"] = format_datetime(now), f"<{ref}@{sender.domain.name}>"
    mail.set_content(f"This is a test of the account “{account.name}”. It works.\r\n", cte="base64")
    message = Message(ref, 0, None, address, "Test of a sending account", mail.as_bytes())
    return channel.hand([message], now=now).get(ref)


def said(receipt: Receipt | None) -> tuple[bool, str]:
    if receipt is None:
        return False, "The connection broke after the mail was handed over: it may or may not arrive."
    if isinstance(receipt, Accepted):
        return True, receipt.remote_id
    return False, receipt.why
