from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "cdp.rules"
    label = "rules"
