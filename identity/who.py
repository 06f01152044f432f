"""Who did something, by name: `user:<id>`, `token:<id>` and `system` as people read them."""

from collections.abc import Iterable

from cdp.accounts.models import ApiToken, User

SYSTEM = "system"
GONE = "somebody who left the team"


class Names:
    """Looks all of them up at once."""

    def __init__(self, doers: Iterable[str]) -> None:
        said = list(doers)
        users, tokens = _ids(said, "user"), _ids(said, "token")
        self.users = {user.pk: str(user) for user in User.objects.filter(pk__in=users)} if users else {}
        self.tokens = dict(ApiToken.objects.filter(pk__in=tokens).values_list("pk", "name")) if tokens else {}

    def of(self, doer: str) -> str:
        kind, _, rest = doer.partition(":")
        if kind == "user" and rest.isdigit():
            return self.users.get(int(rest), GONE)
        if kind == "token" and rest.isdigit():
            return f"API token {self.tokens.get(int(rest), rest)}"
        return "Tributary" if doer == SYSTEM else doer


def _ids(doers: Iterable[str], kind: str) -> set[int]:
    return {int(rest) for of, _, rest in (doer.partition(":") for doer in doers) if of == kind and rest.isdigit()}


def doer(user: User) -> str:
    return f"user:{user.pk}"
