"""Who did something, by name: `user:<id>` and `system` as people read them."""

from collections.abc import Iterable

from cdp.accounts.models import User

SYSTEM = "system"
GONE = "somebody who left the team"


class Names:
    """Looks all of them up at once."""

    def __init__(self, doers: Iterable[str]) -> None:
        ids = {
            int(rest) for kind, _, rest in (doer.partition(":") for doer in doers) if kind == "user" and rest.isdigit()
        }
        self.users = {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}

    def of(self, doer: str) -> str:
        kind, _, rest = doer.partition(":")
        if kind == "user" and rest.isdigit():
            return self.users.get(int(rest), GONE)
        return "Tributary" if doer == SYSTEM else doer


def doer(user: User) -> str:
    return f"user:{user.pk}"
