"""Rebuild the icon sprite from the icons named here and in the templates: `python .ci/icons.py FOLDER`.

FOLDER is an unpacked `npm pack @tabler/icons@3.51.0`. Templates name an icon with {% icon "users" %}.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPRITE = ROOT / "static/vendor/tabler-icons-3.51.0/sprite.svg"
USE = re.compile(r"""(?:\{% icon |with [^%]*icon=|icon=)["']([a-z0-9-]+)["']""")
SHAPE = re.compile(r"<(?:path|circle|line|rect|polyline|ellipse)\b[^>]*/>")


def names_used() -> set[str]:
    pages = [*(ROOT / "templates").rglob("*.html"), *ROOT.glob("*/apps.py"), *ROOT.glob("cdp/**/*.py")]
    return {name for page in pages for name in USE.findall(page.read_text())}


def symbol(name: str, icons: Path) -> str:
    shapes = SHAPE.findall((icons / "icons/outline" / f"{name}.svg").read_text())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>'


def main(icons: Path) -> None:
    kept = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text())) if SPRITE.exists() else set()
    symbols = [symbol(name, icons) for name in sorted(kept | names_used() | set(sys.argv[2:]))]
    licence = "<!-- Icons of Tabler Icons 3.51.0, MIT, Copyright (c) 2020-2026 Pawel Kuna; see LICENSE beside. -->"
    SPRITE.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{licence}\n' + "\n".join(symbols) + "\n</svg>\n")


main(Path(sys.argv[1]))
