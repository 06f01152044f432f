"""Providers of django-anymail: how each is set up, sent through, and how it proves who tells us something."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

from anymail.backends import brevo, mailgun, mandrill, postmark, sendgrid, sparkpost
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.exceptions import AnymailNotSupportedWarning
from anymail.webhooks import brevo as brevo_hooks
from anymail.webhooks import mailgun as mailgun_hooks
from anymail.webhooks import mandrill as mandrill_hooks
from anymail.webhooks import postmark as postmark_hooks
from anymail.webhooks import sendgrid as sendgrid_hooks
from anymail.webhooks import sparkpost as sparkpost_hooks
from anymail.webhooks.base import AnymailCoreWebhookView

from campaigns.channels.kinds import BadSettings, Field, Input, Kind, Secrets, Settings
from campaigns.channels.provider import Provided

API_KEY = Field("api_key", "API key", input=Input.SECRET)
REGION = Field(
    "region", "Region", input=Input.CHOICE, choices=(("us", "United States"), ("eu", "Europe")), initial="us"
)
CONNECTIONS = Field(
    "connections",
    "Connections at once",
    "Each waits for one answer at a time.",
    Input.NUMBER,
    initial=4,
    least=1,
    most=16,
)
BASIC = Field(
    "hook_secret",
    "User and password of its webhook",
    "user:password, of your own making. Stands before the host in the address you give the provider: "
    "https://user:password@… Empty: what the provider tells is not believed.",
    Input.SECRET,
    is_required=False,
)


@dataclass(frozen=True)
class Provider:
    key: str
    label: str
    backend: type[AnymailRequestsBackend]
    view: type[AnymailCoreWebhookView]
    key_option: str
    """What anymail calls the API key."""
    hook_option: str
    """… and what it checks webhooks with."""
    fields: tuple[Field, ...]
    hosts: tuple[tuple[str, str], ...] = ()
    """Region → where its API is, where there are several."""
    soft: frozenset[str] = frozenset()
    """What it calls bounces that may pass."""

    def open(self, settings: Settings, secrets: Secrets) -> Provided:
        if not secrets.get("api_key"):
            raise BadSettings("Enter the API key.")
        options: dict[str, str] = {self.key_option: secrets["api_key"]}
        for key in ("sender_domain", "message_stream"):
            if settings.get(key):
                options[key] = str(settings[key])
        if where := settings.get("api_url") or dict(self.hosts).get(str(settings.get("region", "us"))):
            options["api_url"] = str(where)
        return Provided(self.backend, options, int(settings.get("connections", 4)))

    def hook_view(self, secrets: Secrets, *, url: str) -> AnymailCoreWebhookView | None:
        """None: nothing is known that it could prove itself with."""
        secret = secrets.get("hook_secret", "")
        if not secret:
            return None
        options = {self.hook_option: secret}
        if self.key == "mandrill":
            options["webhook_url"] = url
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AnymailNotSupportedWarning)
            view: AnymailCoreWebhookView = self.view(**options)
        return view


def _signed(label: str, help: str) -> Field:
    return Field("hook_secret", label, f"{help} Empty: what it tells is not believed.", Input.SECRET, is_required=False)


PROVIDERS = (
    Provider(
        "postmark",
        "Postmark",
        postmark.EmailBackend,
        postmark_hooks.PostmarkTrackingWebhookView,
        "server_token",
        "webhook_secret",
        (
            Field("api_key", "Server API token", input=Input.SECRET),
            Field("message_stream", "Message stream", "Newsletters go over a broadcast stream.", initial="broadcast"),
            CONNECTIONS,
            BASIC,
        ),
        soft=frozenset({"SoftBounce", "Transient", "DnsError", "Blocked", "SpamNotification"}),
    ),
    Provider(
        "mailgun",
        "Mailgun",
        mailgun.EmailBackend,
        mailgun_hooks.MailgunTrackingWebhookView,
        "api_key",
        "webhook_signing_key",
        (
            API_KEY,
            Field("sender_domain", "Sending domain", "As Mailgun knows it: mg.example.com."),
            REGION,
            CONNECTIONS,
            _signed("HTTP webhook signing key", "From Mailgun's API security page."),
        ),
        hosts=(("us", "https://api.mailgun.net/v3"), ("eu", "https://api.eu.mailgun.net/v3")),
    ),
    Provider(
        "sendgrid",
        "SendGrid",
        sendgrid.EmailBackend,
        sendgrid_hooks.SendGridTrackingWebhookView,
        "api_key",
        "tracking_webhook_verification_key",
        (
            API_KEY,
            REGION,
            CONNECTIONS,
            _signed("Verification key", "From the signed event webhook's settings."),
        ),
        hosts=(("us", "https://api.sendgrid.com/v3/"), ("eu", "https://api.eu.sendgrid.com/v3/")),
        soft=frozenset({"blocked"}),
    ),
    Provider(
        "brevo",
        "Brevo",
        brevo.EmailBackend,
        brevo_hooks.BrevoTrackingWebhookView,
        "api_key",
        "webhook_secret",
        (API_KEY, CONNECTIONS, BASIC),
        soft=frozenset({"soft_bounce", "blocked"}),
    ),
    Provider(
        "sparkpost",
        "SparkPost",
        sparkpost.EmailBackend,
        sparkpost_hooks.SparkPostTrackingWebhookView,
        "api_key",
        "webhook_secret",
        (API_KEY, REGION, CONNECTIONS, BASIC),
        hosts=(("us", "https://api.sparkpost.com/api/v1/"), ("eu", "https://api.eu.sparkpost.com/api/v1/")),
        soft=frozenset(map(str, (*range(20, 26), 40, *range(50, 55), 60, 70, 100))),
    ),
    Provider(
        "mandrill",
        "Mailchimp Transactional (Mandrill)",
        mandrill.EmailBackend,
        mandrill_hooks.MandrillCombinedWebhookView,
        "api_key",
        "webhook_key",
        (API_KEY, CONNECTIONS, _signed("Webhook key", "From Mandrill's webhooks page.")),
        soft=frozenset({"soft_bounce"}),
    ),
)
BY_KEY = {one.key: one for one in PROVIDERS}
_about: Callable[[str], str] = "Sends over {}'s API, and hears from it what became of each message.".format
KINDS = tuple(
    Kind(one.key, one.label, _about(one.label), one.fields, one.open, has_hooks=True, signs=True) for one in PROVIDERS
)
