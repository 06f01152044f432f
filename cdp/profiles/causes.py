"""Why something changed, in words."""

from cdp.accounts.models import User
from cdp.profiles.lots import Lot, NoSuchLot
from cdp.profiles.models import Rollback
from cdp.profiles.survivorship import EVERY

PLAIN = {"merge": "profiles were merged, or parted again"}


class Causes:
    """Remembers who is called what while one page is made."""

    def __init__(self, sources: dict[int, str]) -> None:
        self.sources = sources
        self.users: dict[str, str] = {}
        self.lots: dict[str, str] = {}

    def said(self, cause: str) -> str:
        kind, _, rest = cause.partition(":")
        match kind:
            case "message":
                return self._message(rest)
            case "import":
                return f"said by the {self._lot(cause)}"
            case "rollback":
                return f"{self._rollback(rest)} was rolled back"
            case "rollback-undone":
                return f"the rollback of {self._rollback(rest)} was undone"
            case "rule":
                return "the rule for " + ("all other traits" if rest == EVERY else rest) + " was changed"
            case "user":
                return f"changed by {self.user(rest)}"
        return PLAIN.get(kind, kind)

    def _message(self, rest: str) -> str:
        source, _, message_id = rest.partition(":")
        if message_id.startswith("edit-"):
            return f"corrected by {self.user(message_id.split('-')[1])}"
        if message_id.startswith("back-"):
            return f"rolled back by {self.user(message_id.split('-')[1])}"
        return f"said by {self.sources.get(int(source), 'a source that was removed')}"

    def _lot(self, cause: str) -> str:
        if cause not in self.lots:
            try:
                self.lots[cause] = Lot(cause).title
            except NoSuchLot:
                self.lots[cause] = "import of a file that was removed"
        return self.lots[cause]

    def _rollback(self, pk: str) -> str:
        if pk not in self.lots:
            one = Rollback.objects.filter(pk=int(pk)).first() if pk.isdigit() else None
            self.lots[pk] = f"the {one.title}" if one and one.cause else one.title if one else "something"
        return self.lots[pk]

    def user(self, pk: str) -> str:
        if pk not in self.users:
            user = User.objects.filter(pk=int(pk)).first() if pk.isdigit() else None
            self.users[pk] = str(user) if user else "somebody who left the team"
        return self.users[pk]
