from django.apps import AppConfig

from cdp.rules.leaves.event import EventLeaf
from cdp.rules.leaves.trait import TraitLeaf
from cdp.rules.registry import register


class RulesConfig(AppConfig):
    name = "cdp.rules"
    label = "rules"

    def ready(self) -> None:
        register(TraitLeaf)
        register(EventLeaf)
