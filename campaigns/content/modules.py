"""The contents of the modules that a content names, as they are now."""

from typing import Any

from campaigns.content.read import modules_of
from campaigns.models import Template


def modules_for(content: Any) -> dict[int, Any]:
    rows = Template.objects.filter(pk__in=modules_of(content), kind=Template.Kind.MODULE)
    return dict(rows.values_list("pk", "content"))
