from django.apps import AppConfig


class HelpConfig(AppConfig):
    """The documentation, served in the product from the same files that one reads on disk."""

    name = "cdp.help"
    label = "help"
