"""Advisory locks are numbers: two that are the same would wait for each other, or take each other for busy."""

import re
from collections import Counter

from tests.product import ROOT

LAYERS = ("cdp", "identity", "segments", "scoring", "campaigns")


def test_each_lock_has_a_number_of_its_own() -> None:
    sources = [path.read_text() for layer in LAYERS for path in (ROOT / layer).rglob("*.py")]
    numbers = Counter(found for text in sources for found in re.findall(r"^\w*LOCK = (7_3\d\d_\d{3})$", text, re.M))
    assert len(numbers) >= 12
    assert [number for number, n in numbers.items() if n > 1] == []
