"""What can go wrong between us and somebody else's server. Each message is a sentence for people, and names no path."""


class OutboundError(Exception):
    """The request did not end with an answer. Look at the kind of error."""

    permanent = True


class OutboundRefused(OutboundError):
    """The address is one that Tributary does not ask. Nothing was sent."""


class OutboundFailed(OutboundError):
    """The other side gave no usable answer. Asking again is of no use if `permanent`."""

    def __init__(self, message: str, *, permanent: bool, is_unsent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.is_unsent = is_unsent
        """No connection came about, so the other side cannot have got anything."""
