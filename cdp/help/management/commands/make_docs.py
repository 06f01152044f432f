from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cdp.help.contents import DOCS
from cdp.help.references.pages import PAGES


class Command(BaseCommand):
    help = "Writes the generated pages of docs/ anew: references of rules, tracking API, events, roles and commands."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; an error if a page is out of date")

    def handle(self, *_: Any, **options: Any) -> None:
        stale = []
        for name, made in PAGES.items():
            path, text = DOCS / f"{name}.md", made()
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(path.name)
                if not options["check"]:
                    path.write_text(text, encoding="utf-8")
        if stale and options["check"]:
            raise CommandError(f"Out of date: {', '.join(stale)}. Run manage.py make_docs.")
        self.stdout.write(f"Written: {', '.join(stale)}." if stale else "All pages are up to date.")
