"""What the library shows: templates and modules, newest first, found by what they are called or say."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from campaigns.content_models import Template
from campaigns.library.used_in import Holder, holders_of

ORDER = ("-changed_at", "-id")
Kind = Template.Kind


@dataclass(frozen=True)
class Card:
    template: Template
    holders: list[Holder]
    """Of a module: where it stands."""

    @property
    def open_holders(self) -> int:
        """How many change with it."""
        return sum(not one.is_fixed for one in self.holders)


def found(kind: str, *, text: str = "", is_archive: bool = False) -> QuerySet[Template]:
    """Those whose name or words hold the text."""
    rows = Template.objects.filter(kind=kind, archived_at__isnull=not is_archive).select_related("changed_by")
    if text:
        # Texts of JSON hold quotes and backslashes escaped; nobody searches for those.
        rows = rows.annotate(words=Cast("content", TextField())).filter(
            Q(name__icontains=text) | Q(words__icontains=text)
        )
    return rows


def cards(templates: Collection[Template]) -> list[Card]:
    modules = [one.pk for one in templates if one.kind == Kind.MODULE]
    holders = holders_of(modules) if modules else {}
    return [Card(one, holders.get(one.pk, [])) for one in templates]
