"""What a kind of account is: what somebody must enter, and the channel that is made of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from campaigns.channels.base import EMAIL, Channel

Settings = Mapping[str, Any]
Secrets = Mapping[str, str]


class BadSettings(Exception):
    """What an account was set up with cannot be used. The message says what would be right."""


class Input(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    SECRET = "secret"  # noqa: S105
    """Sealed, and never shown again."""


@dataclass(frozen=True)
class Field:
    """One thing to enter. The form is made of it."""

    key: str
    label: str
    help: str = ""
    input: Input = Input.TEXT
    is_required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    initial: str | int = ""
    least: int = 0
    most: int = 1_000_000
    """Of a number."""


@dataclass(frozen=True)
class Kind:
    key: str
    label: str
    about: str
    """One sentence for whoever chooses."""
    fields: tuple[Field, ...]
    opens: Callable[[Settings, Secrets], Channel]
    """Cheap; raises BadSettings."""
    namespace: str = EMAIL
    has_hooks: bool = False
    """It tells us what became of messages by signed webhooks."""
    signs: bool = False
    """It signs mails itself (DKIM), so that we do not."""

    def field(self, key: str) -> Field | None:
        return next((one for one in self.fields if one.key == key), None)

    @property
    def secrets(self) -> frozenset[str]:
        return frozenset(one.key for one in self.fields if one.input == Input.SECRET)
