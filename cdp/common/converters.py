"""Parts of addresses that Django has no converter for: to import this module is to have them."""

from django.urls import register_converter


class Anything:
    """Also slashes and line ends: identifiers of people are whatever sources call them."""

    regex = r"[\s\S]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Anything, "anything")
