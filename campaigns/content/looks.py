"""How mails look where nothing else is said, and the fonts every mail program has."""

from campaigns.content.blocks import Look

FONTS = {
    "sans": "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
    "arial": "Arial, Helvetica, sans-serif",
    "verdana": "Verdana, Geneva, sans-serif",
    "trebuchet": "'Trebuchet MS', Tahoma, sans-serif",
    "georgia": "Georgia, 'Times New Roman', serif",
    "times": "'Times New Roman', Times, serif",
    "courier": "'Courier New', Courier, monospace",
}
"""Font of a look → its stack: nothing is loaded from elsewhere."""

DEFAULT = Look(font="sans", text="#1f2933", background="#f2f4f7", paper="#ffffff", accent="#1f5fbf", width_px=600)
