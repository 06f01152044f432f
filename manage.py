#!/usr/bin/env python
"""Django's command-line entry point, with the embedded servers where a command needs them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
    from django.core.management import execute_from_command_line

    from cdp.runtime.command import servers_for_command
    from cdp.runtime.problem import RuntimeProblem

    try:
        with servers_for_command(sys.argv):
            execute_from_command_line(sys.argv)
    except RuntimeProblem as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
