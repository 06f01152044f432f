"""E-mail addresses as mailboxes: providers differ in what they ignore."""

_NO_DOTS = frozenset({"gmail.com", "googlemail.com"})
_SAME_DOMAIN = {
    "googlemail.com": "gmail.com",
    "ymail.com": "yahoo.com",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
_PLUS_TAGS = frozenset(
    {
        *("gmail.com", "icloud.com", "outlook.com", "hotmail.com", "live.com", "msn.com"),
        *("fastmail.com", "proton.me", "protonmail.com", "pm.me", "zoho.com", "yandex.com", "gmx.com"),
    }
)
_NOBODY = frozenset(str.split("noreply no-reply donotreply none test example nobody na unknown"))


def mailbox(text: str) -> str:
    """`Ada.Byron+shop@GoogleMail.com` → `adabyron@gmail.com`. Tags and dots go only where the provider ignores them.

    Without an `@` it is no address; a second one is taken for a slip of the pen and stays, so that it can be compared.
    """
    local, at, domain = text.strip().lower().removeprefix("mailto:").rpartition("@")
    if not at or not local or not domain or local in _NOBODY:
        return ""
    domain = domain.strip(". ")
    domain = _SAME_DOMAIN.get(domain, domain)
    if domain in _PLUS_TAGS:
        local = local.split("+", 1)[0] or local
    if domain in _NO_DOTS:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def local_part(box: str) -> str:
    return box.rpartition("@")[0]
