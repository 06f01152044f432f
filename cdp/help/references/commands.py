"""Every command with each of its options, from their own parsers."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands, load_command_class

from cdp.help.references.text import code, made_by, table

DJANGOS = {
    "help",
    "version",
    "verbosity",
    "settings",
    "pythonpath",
    "traceback",
    "no_color",
    "force_color",
    "skip_checks",
}


def page() -> str:
    return "\n\n".join([*_parts(), made_by("the commands themselves")]) + "\n"


def names() -> dict[str, str]:
    """The product's own commands: name and app."""
    ours = {str(one) for one in settings.INSTALLED_APPS if _is_ours(str(one))}
    return {name: str(app) for name, app in sorted(get_commands().items()) if app in ours}


def options(name: str) -> list[argparse.Action]:
    parser = load_command_class(names()[name], name).create_parser("manage.py", name)
    return [one for one in parser._actions if one.dest not in DJANGOS]


def _is_ours(app: str) -> bool:
    return (Path(settings.BASE_DIR) / app.replace(".", "/")).is_dir()


def _parts() -> Iterator[str]:
    yield "# Commands"
    yield (
        "All are called as `manage.py NAME …` with the Python of the installation, `.venv/bin/python` where `make"
        " run` made it. Those that need the database start the embedded servers for their time if they do not run. What"
        " each is for: [operations](operations.md#commands)."
    )
    for name, app in names().items():
        yield f"## `{name}`"
        if said := load_command_class(app, name).help:
            yield " ".join(said.split())
        if rows := [_row(one) for one in options(name)]:
            yield table(("option", "takes", "what it does"), rows)
        else:
            yield "It takes no options."


def _row(one: argparse.Action) -> tuple[str, str, str]:
    named = code(*one.option_strings) if one.option_strings else code(one.metavar or one.dest)
    needed = "" if not one.option_strings or not one.required else " Needed."
    return named, _taken(one), f"{_help(one)}{needed}".strip()


def _taken(one: argparse.Action) -> str:
    if one.nargs == 0:
        return "nothing"
    if one.choices:
        return code(*one.choices)
    return f"{one.metavar or one.dest.upper()}{' (may be repeated)' if _repeats(one) else ''}"


def _repeats(one: argparse.Action) -> bool:
    return isinstance(one.default, list) or one.nargs in ("*", "+") or type(one).__name__ == "_AppendAction"


def _help(one: argparse.Action) -> str:
    """A default that is a setting is told as the setting: its value is another on each machine."""
    default = "`PUBLIC_URL`" if one.default == settings.PUBLIC_URL else one.default
    text = (one.help or "").replace("%(default)s", str(default))
    return f"{text[:1].upper()}{text[1:]}." if text else ""
