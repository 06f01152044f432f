from django.apps import AppConfig

from cdp.rules.leaves.anniversary import AnniversaryLeaf
from cdp.rules.leaves.consent import ConsentLeaf
from cdp.rules.leaves.cut import PercentileLeaf, TopLeaf
from cdp.rules.leaves.event import EventLeaf
from cdp.rules.leaves.interval import IntervalLeaf
from cdp.rules.leaves.item import ItemLeaf
from cdp.rules.leaves.sample import SampleLeaf
from cdp.rules.leaves.seen import SeenLeaf
from cdp.rules.leaves.sequence import SequenceLeaf
from cdp.rules.leaves.trait import TraitLeaf
from cdp.rules.numbers import EventNumber, TraitNumber, register_number
from cdp.rules.registry import register

LEAVES = (
    TraitLeaf,
    EventLeaf,
    SequenceLeaf,
    ItemLeaf,
    AnniversaryLeaf,
    IntervalLeaf,
    SampleLeaf,
    PercentileLeaf,
    TopLeaf,
    SeenLeaf,
    ConsentLeaf,
)


class RulesConfig(AppConfig):
    name = "cdp.rules"
    label = "rules"

    def ready(self) -> None:
        for number in (EventNumber, TraitNumber):
            register_number(number)
        for leaf in LEAVES:
            register(leaf)
