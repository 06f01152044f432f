"""The demo shop's weather service, for the feed that stands ready: made up, the same all day for a city."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from math import cos, pi

SKIES = (
    ("sunny", "Sunny", "Coffee on the balcony?"),
    ("cloudy", "Cloudy", "A good day for a walk and a hot chocolate."),
    ("rain", "Rain", "Stay in and brew something warm."),
    ("windy", "Windy", "Hold on to your hat, or put the kettle on."),
    ("fog", "Fog", "Slow mornings were made for this."),
)
SNOW = ("snow", "Snow", "The teapot is calling.")
LONGEST = 80


@dataclass(frozen=True)
class Weather:
    city: str
    on: str
    sky: str
    words: str
    degrees: int
    tip: str


def weather(city: str, *, on: date) -> Weather:
    name = " ".join(city.split())[:LONGEST].title()
    drawn = sha256(f"{name} {on.isoformat()}".encode("utf-8", "replace")).digest()
    season = 11 - 10 * cos(2 * pi * (on.timetuple().tm_yday - 20) / 365)
    degrees = round(season + drawn[0] % 11 - 5)
    sky, words, tip = SNOW if degrees < 0 else SKIES[drawn[1] % len(SKIES)]
    return Weather(name, on.isoformat(), sky, f"{words}, {degrees} °C", degrees, tip)
