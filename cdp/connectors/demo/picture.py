"""A picture for each item of the demo shop, drawn from its id: the category's shape in the item's own colours."""

import re
import zlib

ITEM_ID = re.compile(r"([A-Z]{3})-(\d{3})\Z")
SHAPES = {
    "COF": "M130 150h110v70a55 55 0 0 1-110 0zM240 165h20a25 25 0 0 1 0 50h-20",
    "TEA": "M120 190a80 60 0 0 1 160 0v50a20 20 0 0 1-20 20h-120a20 20 0 0 1-20-20zM185 130h30v-20h-30z",
    "KIT": "M110 200h150v40a30 30 0 0 1-30 30h-90a30 30 0 0 1-30-30zM260 205h70v18h-70z",
    "BED": "M90 240v-50a30 30 0 0 1 30-30h160a30 30 0 0 1 30 30v50zM120 160v-25h70v25zM210 160v-25h70v25z",
    "LIT": "M160 110h80l40 90h-160zM192 200h16v70h40v14h-96v-14h40z",
    "GAR": "M140 190h120l-18 90h-84zM196 190c-60-10-60-60-50-80 40 10 56 40 54 80 0-50 20-70 60-80 8 40-14 74-58 80z",
    "OUT": "M200 110l110 170h-220zM200 180l34 100h-68z",
    "BAG": "M140 150a60 60 0 0 1 120 0v110a20 20 0 0 1-20 20h-80a20 20 0 0 1-20-20zM160 200h80v50h-80z",
    "RUN": "M90 220c40 0 60-30 80-60l40 36c20 18 60 20 100 30v34h-220z",
    "CYC": "M140 190a45 45 0 1 0 .1 0zM270 190a45 45 0 1 0 .1 0zM140 235l40-80h60l30 80h-14l-26-64h-40l-38 64z",
    "TOY": "M110 180h80v80h-80zM200 180h80v80h-80zM155 95h80v80h-80z",
    "STA": "M130 110h120a14 14 0 0 1 14 14v152a14 14 0 0 1-14 14h-120zM150 140h84v12h-84zM150 168h84v12h-84z",
}


def picture(item_id: str) -> str | None:
    """An SVG document, or None for an id that is not of this shop."""
    match = ITEM_ID.match(item_id)
    if match is None or match[1] not in SHAPES:
        return None
    hue = zlib.crc32(item_id.encode()) % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400" role="img">'
        f'<rect width="400" height="400" fill="hsl({hue},45%,93%)"/>'
        f'<circle cx="200" cy="200" r="140" fill="hsl({(hue + 30) % 360},50%,86%)"/>'
        f'<path d="{SHAPES[match[1]]}" fill="hsl({hue},48%,42%)" fill-rule="evenodd"/></svg>'
    )
