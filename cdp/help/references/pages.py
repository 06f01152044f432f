"""The generated pages: each file of docs/ and what makes it."""

from collections.abc import Callable

from cdp.help.references import commands, events, roles, rules, tracking

PAGES: dict[str, Callable[[], str]] = {
    "rules-reference": rules.page,
    "tracking-api": tracking.page,
    "events": events.page,
    "roles": roles.page,
    "commands": commands.page,
}
