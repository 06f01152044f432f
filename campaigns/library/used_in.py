"""Where modules stand: which mails and templates change with them."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import TextField
from django.db.models.functions import Cast

from campaigns.content.read import modules_of
from campaigns.content_models import Template
from campaigns.models import Campaign


@dataclass(frozen=True)
class Holder:
    """One content that a module stands in."""

    template: Template
    campaign: Campaign | None = None
    """Whose mail it is."""

    @property
    def name(self) -> str:
        return self.campaign.name if self.campaign else self.template.name

    @property
    def is_fixed(self) -> bool:
        """What was sent keeps the module as it was."""
        return self.campaign is not None and self.campaign.state != Campaign.State.DRAFT


def holders_of(module_ids: Collection[int]) -> dict[int, list[Holder]]:
    """An entry for each module, by name; contents are large, so only those that name any module are read."""
    found: dict[int, list[Holder]] = {pk: [] for pk in module_ids}
    texts = Template.objects.annotate(text=Cast("content", TextField())).filter(text__contains='"module": ')
    naming = {
        template.pk: (template, modules_of(template.content) & found.keys())
        for template in texts.filter(archived_at=None)
    }
    campaigns = {one.template_id: one for one in Campaign.objects.filter(template_id__in=list(naming))}
    for pk, (template, modules) in naming.items():
        for module in modules:
            found[module].append(Holder(template, campaigns.get(pk)))
    return {pk: sorted(holders, key=lambda one: one.name.casefold()) for pk, holders in found.items()}
