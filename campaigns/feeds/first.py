"""What the demo shop begins with: a feed that works, asked of the shop itself."""

from datetime import datetime

from campaigns.feeds import save
from campaigns.models import Feed

KEY = "weather"
SCHEMA = {
    "type": "object",
    "required": ["city", "sky", "words", "degrees", "tip"],
    "properties": {
        "city": {"type": "string"},
        "sky": {"enum": ["sunny", "cloudy", "rain", "windy", "fog", "snow"]},
        "words": {"type": "string"},
        "degrees": {"type": "integer"},
        "tip": {"type": "string"},
    },
}


def lay_out_feed(*, site: str, now: datetime) -> None:
    """Only where nobody has set up any. `site` is where the product answers; settings allow its /demo/ pages."""
    if Feed.objects.exists():
        return
    plan = save.Plan(
        name="Weather where they live",
        url=f"{site}/demo/api/weather?city={{{{ profile.address.city | default: 'Berlin' }}}}",
        headers={},
        timeout_ms=1_500,
        cache_s=900,
        most_bytes=10_000,
        schema=SCHEMA,
        fallback=None,
    )
    save.create(plan, key=KEY, by=None, now=now)
