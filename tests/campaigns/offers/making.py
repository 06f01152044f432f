from typing import Any

from campaigns.models import Offer, OfferCode
from tests.taking_in import NOW


def an_offer(key: str = "spring", **fields: Any) -> Offer:
    """Ten percent off, without a code."""
    kept = {"name": key, "kind": "percent", "value": 10, "codes": "none", "created_at": NOW, "changed_at": NOW}
    return Offer.objects.create(key=key, **(kept | fields))


def with_codes(offer: Offer, *codes: str) -> None:
    OfferCode.objects.bulk_create(OfferCode(offer=offer, code=code, is_own=True) for code in codes)
