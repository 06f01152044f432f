"""How a mail server is set up as an account."""

import re

from campaigns.channels.kinds import BadSettings, Field, Input, Kind, Secrets, Settings
from campaigns.channels.smtp import Smtp
from campaigns.channels.smtp_letter import envelope_address
from campaigns.channels.smtp_open import Security, Server, is_this_machine

_host = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?")
SECURITY = (
    (Security.STARTTLS, "STARTTLS (usual, port 587)"),
    (Security.TLS, "TLS from the start (port 465)"),
    (Security.NONE, "None: only inside your own network, without a password"),
)


def _open(settings: Settings, secrets: Secrets) -> Smtp:
    host, return_path = str(settings.get("host", "")), str(settings.get("return_path", ""))
    hello = str(settings.get("hello", "")) or "localhost"
    username, security = str(settings.get("username", "")), Security(str(settings.get("security", Security.STARTTLS)))
    if not _host.fullmatch(host) or not _host.fullmatch(hello):
        raise BadSettings("Enter the server's name as it stands in its manual: smtp.example.com.")
    if username and security == Security.NONE and not is_this_machine(host):
        raise BadSettings("A user name and password need an encrypted connection. Choose STARTTLS or TLS.")
    if return_path and not envelope_address(return_path):
        raise BadSettings("The address for bounces is no address.")
    server = Server(host, int(settings.get("port", 587)), security, username, secrets.get("password", ""), hello)
    return Smtp(server, return_path, int(settings.get("connections", 1)))


SMTP = Kind(
    "smtp",
    "Mail server (SMTP)",
    "Any mail server that lets you sign in: your own, or your provider's.",
    (
        Field("host", "Server", "smtp.example.com"),
        Field("port", "Port", input=Input.NUMBER, initial=587, least=1, most=65535),
        Field("security", "Encryption", input=Input.CHOICE, choices=SECURITY, initial=Security.STARTTLS),
        Field("username", "User name", "Empty: it takes mail without one.", is_required=False),
        Field("password", "Password", input=Input.SECRET, is_required=False),
        Field(
            "connections",
            "Connections at once",
            "1 for a server near by; more for one far away, as many as it allows.",
            input=Input.NUMBER,
            initial=2,
            least=1,
            most=16,
        ),
        Field("return_path", "Address for bounces", "Empty: bounces go to the sender.", is_required=False),
        Field("hello", "What we call ourselves", "The name of this machine in DNS, if it has one.", is_required=False),
    ),
    _open,
)
