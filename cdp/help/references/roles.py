"""Who may do what: roles with their permissions, and the scopes of API tokens."""

from collections.abc import Iterator

from cdp.accounts.roles import PERMISSIONS, WORDS, Role
from cdp.accounts.scopes import SCOPES
from cdp.help.references.text import code, made_by, table


def page() -> str:
    return "\n\n".join([*_parts(), made_by("`cdp/accounts/roles.py` and `cdp/accounts/scopes.py`")]) + "\n"


def _parts() -> Iterator[str]:
    yield "# Roles, permissions and scopes"
    yield (
        "Everybody who signs in has one role. Programs have tokens with scopes instead; a token is nobody's, and"
        " can do no more than its scopes say. How people and keys are managed:"
        " [people, keys and who may do what](accounts.md)."
    )
    yield "## Roles"
    yield table(
        ("permission", "allows to", *(role.label for role in Role)),
        [
            (code(name), words, *("yes" if name in PERMISSIONS[role] else "" for role in Role))
            for name, words in WORDS.items()
        ],
    )
    yield "Every page says which permission it needs, and a test tries every page with every role."
    yield "## Scopes"
    yield table(("scope", "allows to"), [(code(name), words) for name, words in SCOPES.items()])
    yield "`read` and `write` stand for all that end so. Each call of the API needs one scope; `/api/docs` says which."
