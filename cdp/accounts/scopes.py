"""What an API token may do. `read` and `write` stand for all that end so."""

SCOPES = {
    "read": "Read everything the API shows",
    "write": "Write everything the API takes",
    "profiles:read": "Read people, their traits, timelines and memberships",
    "profiles:write": "Create and change people",
    "events:read": "Read events",
    "events:write": "Send events",
    "identity:read": "Read merges, pairs that look alike, identity rules and quality; which word on a trait counts",
    "identity:write": "Merge, un-merge, split, keep apart, decide on pairs; choose traits' words and roll back",
    "items:read": "Read the catalogue",
    "items:write": "Change the catalogue",
    "sources:read": "Read the list of sources",
    "identity_rules:write": "Change how people are recognised",
    "segments:read": "Read segments and who is in them",
    "segments:write": "Create and change segments",
    "scores:read": "Read predictors, scores and recommendations",
    "scores:write": "Have people scored anew",
    "campaigns:read": "Read campaigns and results",
    "campaigns:write": "Create campaigns and start deliveries",
    "webhooks:read": "Read webhooks and how they do",
    "webhooks:write": "Create and delete webhooks: addresses that are told about people",
    "consent:read": "Read consent and suppression",
    "consent:write": "Change consent and suppression",
    "privacy:read": "Read how privacy requests stand",
    "privacy:write": "Ask for copies of people and erase them",
}


class UnknownScope(Exception):
    """No such scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"There is no scope {scope!r}. Scopes: {', '.join(SCOPES)}.")


def known(scopes: list[str]) -> list[str]:
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownScope(scope)
    return sorted(set(scopes))


def allows(granted: list[str], needed: str) -> bool:
    return needed in granted or needed.rpartition(":")[2] in granted
