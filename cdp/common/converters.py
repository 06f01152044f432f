"""Parts of addresses that Django has no converter for."""


class Anything:
    """Also slashes and line ends: identifiers of people are whatever sources call them."""

    regex = r"[\s\S]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
