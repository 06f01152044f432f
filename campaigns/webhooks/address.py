"""Whether an address is one that may be posted to, as far as can be said before its name is looked up."""

from cdp.common.outbound import OutboundRefused, Policy
from cdp.common.outbound_target import check_public, read_target

LONGEST = 2_000


def address_problem(url: str, *, policy: Policy) -> str:
    """A sentence; empty where there is none."""
    if len(url) > LONGEST:
        return f"The address is longer than {LONGEST:,} characters."
    try:
        target = read_target(url)
        if not policy.is_own(target):
            check_public(target, ports=policy.ports)
    except OutboundRefused as error:
        return str(error)
    return "The address leads upwards (..), which is not asked." if target.has_dots else ""
