"""Brings a version back: it is saved anew, so that going back can be undone too."""

from datetime import datetime

from django.db import transaction

from campaigns import content_save
from campaigns.content_models import Template, TemplateVersion
from campaigns.library import versions
from cdp.accounts.models import User


def go_back(version: TemplateVersion, *, by: User | None, now: datetime) -> Template:
    """What stands there is kept first. Raises content_save.Started for the mail of a campaign that went out."""
    with transaction.atomic():
        template = Template.objects.select_related("changed_by").get(pk=version.template_id)
        if template.content == version.content:
            return template
        versions.keep_as_it_is(template, note=f"Before version {version.number} came back")
        saved = content_save.save(template, content=version.content, revision=template.revision, by=by, now=now)
        versions.keep_named(saved, note=f"Version {version.number} brought back", by=by, now=now)
        return saved
