"""What work on everybody wrote about somebody who was erased while it ran: found by the numbers they had."""

from datetime import datetime, timedelta

from cdp.common.belongings import Person
from cdp.privacy import rows
from cdp.privacy.models import PrivacyRequest

LOOKED_BACK = timedelta(days=3)
"""No work runs longer."""


def sweep(*, now: datetime) -> int:
    """Returns how many rows there were."""
    requests = PrivacyRequest.objects.filter(kind=PrivacyRequest.Kind.ERASE, at__gte=now - LOOKED_BACK)
    ids = sorted({one for request in requests if request.sealed is None for one in request.profile_ids})
    return rows.erase_all(Person(profile_ids=tuple(ids))) if ids else 0
