"""What tokens of other products mean here: names, filters, forms of dates, and what has no counterpart."""

ROOTS = frozenset({"user", "customer", "person", "contact", "subscriber", "recipient", "lead", "member"})
"""First words under which others keep what we call the profile."""
SEGMENT_WORDS = frozenset({"segment", "segments", "segment_name"})
OURS = frozenset({
    "profile", "computed", "scores", "clusters", "rfm", "segments", "last_purchase", "cart", "viewed",
    "recommended", "offer", "offers", "feed", "feeds", "campaign", "today", "unsubscribe_url", "forloop", "true",
    "false", "nil", "null", "blank", "empty", "and", "or", "not", "contains", "in", "with",
})  # fmt: skip
"""Words that mean something in a mail of ours: a trait of that name is written `profile.…`."""

NAMES = {
    "fname": "first_name",
    "lname": "last_name",
    "email_address": "email",
    "phone_number": "phone",
    "merge0": "email",
    "mobile_number": "phone",
}
"""What others call a usual trait; names that differ by case and underscores only need no entry."""
WHOLE = {
    "unsubscribe_link": "unsubscribe_url",
    "unsubscribe": "unsubscribe_url",
    "unsubscribe_url": "unsubscribe_url",
    "unsubscribeurl": "unsubscribe_url",
    "set_user_to_unsubscribed_url": "unsubscribe_url",
    "campaign.name": "campaign.name",
    "message.name": "campaign.name",
}
"""Tokens that are not about a trait, in lower case."""

FILTERS = {
    "title": "titlecase",
    "lower": "downcase",
    "upper": "upcase",
    "capfirst": "capitalize",
    "length": "size",
    "urlencode": "url_encode",
    "urlize": "url_encode",
    "default_if_none": "default",
    "floatformat": "round",
    "uppercase": "upcase",
    "lowercase": "downcase",
}
"""Django's and HubL's filters → ours. Those with the same name need no entry."""
IDLE_FILTERS = frozenset(
    {"safe", "autoescape", "force_escape", "escapejs", "format_date_string", "linebreaks", "linebreaksbr", "striptags"}
)
"""Left out: values are always escaped, and dates are dates."""

GONE = {
    "event": "what happened in a flow is not known here: use last_purchase, cart or viewed",
    "event_properties": "what happened in a flow is not known here: use last_purchase, cart or viewed",
    "trigger": "what triggered a flow is not known here: use a trait or a data feed",
    "api_trigger_properties": "what triggered a message is not known here: use a trait or a data feed",
    "canvas_entry_properties": "what triggered a journey is not known here: use a trait or a data feed",
    "content_blocks": "use a saved module instead",
    "snippets": "use a saved module instead",
    "snippet": "use a saved module instead",
    "organization": "write the company's name and address themselves",
    "site_settings": "write the company's name and address themselves",
    "owner": "who owns a contact is not known here",
    "catalogs": "use a product block, or {% for item in recommended %}",
    "catalog_items": "use a product block, or {% for item in recommended %}",
    "custom_event": "what happened in a flow is not known here: use last_purchase, cart or viewed",
    "view_in_browser_url": "there is no page that shows the mail: leave it out",
    "web_view": "there is no page that shows the mail: leave it out",
}
"""First word of a token → what to do instead."""

GONE_TAGS = {
    "connected_content": "make a data feed of that address and use a feed block",
    "catalog_items": "use a product block, or {% for item in recommended %}",
    "catalog": "use a product block, or {% for item in recommended %}",
    "coupon_code": "make an offer and use an offer block",
    "promotion": "make an offer and use an offer block",
    "include": "use a saved module instead",
    "render": "use a saved module instead",
    "snippet": "use a saved module instead",
    "abort_message": "leave these people out of the audience instead",
    "message_extras": "it has no counterpart: leave it out",
    "web_view": "there is no page that shows the mail: leave it out",
    "view_in_browser": "there is no page that shows the mail: leave it out",
    "view_in_browser_url": "there is no page that shows the mail: leave it out",
    "manage_preferences": "use the footer block, or a link to {{ unsubscribe_url }}",
    "manage_preferences_link": "use the footer block, or a link to {{ unsubscribe_url }}",
    "manage_subscription_preferences_url": "use the footer block, or a link to {{ unsubscribe_url }}",
    "load": "it has no counterpart: leave it out",
    "block": "a mail is not made of templates that extend each other: use blocks and saved modules",
    "extends": "a mail is not made of templates that extend each other: use blocks and saved modules",
    "set": "write {% assign name = value %}",
    "with": "write {% assign name = value %}",
    "macro": "use a saved module instead",
    "module": "use a saved module instead",
    "ifequal": "write {% if a == b %}",
    "ifchanged": "it has no counterpart: leave it out",
    "ab_test": "split the block by a condition instead",
}
UNSUBSCRIBE_TAGS = frozenset({"unsubscribe", "unsubscribe_link", "unsubscribe_url"})
NATIVE_TAGS = frozenset({
    "if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "endfor", "break",
    "continue", "assign", "capture", "endcapture", "cycle", "comment", "endcomment", "raw", "endraw", "increment",
    "decrement", "echo", "liquid", "tablerow", "endtablerow",
})  # fmt: skip

MAILCHIMP = {
    "UNSUB": "{{ unsubscribe_url }}",
    "CURRENT_YEAR": '{{ today | date: "%Y" }}',
    "MC:DATE": "{{ today }}",
}
MAILCHIMP_GONE = {
    "MC:SUBJECT": "write the subject itself here",
    "MC_PREVIEW_TEXT": "the preheader has a field of its own: leave it out",
    "ARCHIVE": "there is no page that shows the mail: leave it out",
    "UPDATE_PROFILE": "use the footer block, or a link to {{ unsubscribe_url }}",
    "FORWARD": "it has no counterpart: leave it out",
    "REWARDS": "it has no counterpart: leave it out",
    "LIST": "write the company's name and address themselves",
    "HTML": "write the company's name and address themselves",
    "USER": "write the company's name and address themselves",
    "INTERESTED": 'make a segment of them and write {% if segments contains "…" %}',
    "FEED": "make a data feed of that address and use a feed block",
    "RSS": "make a data feed of that address and use a feed block",
    "FEEDBLOCK": "make a data feed of that address and use a feed block",
    "PRODUCT": "use a product block",
    "PRODUCT_RECOMMENDATION": "use a product block",
    "PROMO_CODE": "make an offer and use an offer block",
    "COUPON": "make an offer and use an offer block",
    "TWITTER": "it has no counterpart: leave it out",
    "FACEBOOK": "it has no counterpart: leave it out",
    "MC_LANGUAGE": "use a trait such as language",
    "POLL": "it has no counterpart: leave it out",
    "SURVEY": "it has no counterpart: leave it out",
}
"""By the whole token, or by what stands before its first colon."""

MAUTIC_GONE = {
    "unsubscribe_text": "use the footer block, or a link to {{ unsubscribe_url }}",
    "webview_url": "there is no page that shows the mail: leave it out",
    "webview_text": "there is no page that shows the mail: leave it out",
    "ownerfield": "who owns a contact is not known here",
    "dynamiccontent": "use a block with a condition instead",
    "pagelink": "write the address itself",
    "assetlink": "write the address itself",
    "formfield": "it has no counterpart: leave it out",
    "signature": "write it itself",
    "subject": "write the subject itself here",
}

DJANGO_DATES = {
    "d": "%d", "j": "%-d", "D": "%a", "l": "%A", "m": "%m", "n": "%-m", "M": "%b", "F": "%B", "N": "%b", "y": "%y",
    "Y": "%Y", "H": "%H", "G": "%-H", "h": "%I", "g": "%-I", "i": "%M", "s": "%S", "A": "%p", "a": "%p", "e": "%Z",
    "T": "%Z", "P": "%-I:%M %p", "z": "%j", "W": "%V",
}  # fmt: skip
"""Signs of Django's and PHP's dates → those of strftime."""


def strftime(form: str) -> str | None:
    """A form of Django's or PHP's dates as strftime's; None where a sign is unknown."""
    if "%" in form:
        return form
    made, letters = "", iter(form)
    for letter in letters:
        if letter == "\\":
            made += next(letters, "")
        elif letter.isalpha():
            if letter not in DJANGO_DATES:
                return None
            made += DJANGO_DATES[letter]
        else:
            made += letter
    return made
