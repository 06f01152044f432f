"""Asking DNS, each question within its time."""

from collections.abc import Sequence

import dns.exception
import dns.resolver

QUESTION_S = 3.0


class NoAnswer(Exception):
    """DNS did not answer in time. Try again in a minute."""


def texts_of(name: str) -> Sequence[str]:
    """The TXT records of a name, each in one piece; none where the name has none. Raises NoAnswer."""
    resolver = dns.resolver.Resolver()
    resolver.lifetime = QUESTION_S
    try:
        answer = resolver.resolve(name, "TXT", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, UnicodeError) as error:
        raise NoAnswer from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
