"""What user agents say of themselves. Pure."""

import re

BOTS = re.compile(
    r"(?<!cu)bot\b|bot/|crawl|spider|scanner|slurp|preview|headless|phantomjs|puppeteer|playwright|selenium"
    r"|\bcurl\b|\bwget\b|libcurl|libwww|python-|python/|aiohttp|httpx|go-http-client|java/|apache-httpclient|axios"
    r"|node-fetch|undici|guzzle|winhttp|\bperl\b|scrapy|facebookexternalhit|whatsapp/|skypeuri|google-safety"
    r"|barracuda|mimecast|proofpoint|safelinks|safe links|forcepoint|fortiguard|fortisandbox|zscaler|symantec"
    r"|trendmicro|trend micro|messagelabs|ironport|checkpoint-|urldefense|virustotal|netcraft",
    re.IGNORECASE,
)
"""Programs that say what they are: of security gateways, link previews, libraries. Cubot is a maker of phones."""
PRIVACY = "Mozilla/5.0"
"""All that Apple's Mail Privacy Protection says. No browser says so little."""
GMAIL_AHEAD = "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
"""How Google fetches the pictures of a mail before its reader looks; of a look it says “GoogleImageProxy”."""
PROXIES = ("GoogleImageProxy", "YahooMailProxy")
"""Fetch a picture in the moment somebody looks at the mail: that is a person's open."""


def is_bot(agent: str) -> bool:
    return not any(proxy in agent for proxy in PROXIES) and BOTS.search(agent) is not None


def is_privacy_proxy(agent: str) -> bool:
    return agent == PRIVACY or agent.endswith(GMAIL_AHEAD)
