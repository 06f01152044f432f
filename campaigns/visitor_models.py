"""What people who come to our own pages are written."""

from django.db import models

from campaigns.account_models import Account


class ConfirmationMail(models.Model):
    """Asks the owner of an address whether they want what somebody asked for. One row; read it with confirming.mail."""

    sender = models.CharField("From", max_length=200, default="Shop <hello@example.com>")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """None: the local mailbox."""
    subject = models.CharField(max_length=150, default="Please confirm your address")
    heading = models.CharField(max_length=150, default="One click, and you are in")
    text = models.TextField(
        default="Somebody, most likely you, asked us to send {{ topics }} to this address.\n\n"
        "Please confirm that it was you. If it was not, do nothing: you will not hear from us."
    )
    button = models.CharField(max_length=60, default="Yes, send it to me")

    def __str__(self) -> str:
        return self.subject
