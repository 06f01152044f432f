"""Headers as the makers write them, and what becomes of each column."""

import pytest

from cdp.connectors.presets import PRESETS, map_by_name, missing, recognise_headers

_KLAVIYO = (
    "Email,Klaviyo ID,First Name,Last Name,Organization,Title,Phone Number,Address,Address 2,City,State / Region,"
    "Country,Zip Code,Latitude,Longitude,Source,IP Address,Email Marketing Consent,Email Marketing Consent Timestamp,"
    "Historic Customer Lifetime Value,Average Order Value,First Active,Last Active,Profile Created On,Date Added,"
    "Last Open,Last Click,Email Suppressions,Favourite Colour"
)
KLAVIYO = _KLAVIYO.split(",")
TAIL = "OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED"
END = "LEID,EUID,NOTES,TAGS"
MAILCHIMP = "Email Address,First Name,Last Name,Address,Phone Number,Birthday,MEMBER_RATING"
UNSUBSCRIBED = "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER"
CLEANED = "CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID"


@pytest.mark.parametrize(
    ("headers", "maker", "preset", "mapped"),
    [
        (
            KLAVIYO, "klaviyo", "people",
            {
                "Email": ("email", ""), "Klaviyo ID": ("external", "klaviyo_id"),
                "Email Marketing Consent": ("consent", "email-marketing"),
                "Email Marketing Consent Timestamp": ("consent_at", "email-marketing"),
                "Email Suppressions": ("suppressed", ""), "State / Region": ("trait", "region"),
                "Average Order Value": ("ignore", ""), "Favourite Colour": ("trait", "favourite_colour"),
            },
        ),
        (
            f"{MAILCHIMP},{TAIL},{END}".split(","), "mailchimp_subscribed", "people",
            {"Email Address": ("email", ""), "CONFIRM_TIME": ("granted_at", "email-marketing"),
             "LAST_CHANGED": ("updated_at", ""), "EUID": ("external", "mailchimp_euid"), "OPTIN_IP": ("ignore", "")},
        ),
        (
            f"{MAILCHIMP},{TAIL},{UNSUBSCRIBED},{END}".split(","), "mailchimp_unsubscribed", "people",
            {"UNSUB_TIME": ("denied_at", "email-marketing"), "CONFIRM_TIME": ("ignore", "")},
        ),
        (
            f"{MAILCHIMP},{TAIL},{CLEANED},{END}".split(","), "mailchimp_cleaned", "people",
            {"CLEAN_TIME": ("suppressed", "")},
        ),
        (
            ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"],
            "online_retail", "orders", {"CustomerID": ("user_id", ""), "Country": ("trait", "country")},
        ),
        (
            ["Order", "SKU", "Qty", "Unit Price", "Email", "Created At", "Gift"], "", "orders",
            {"Order": ("order_id", ""), "SKU": ("product_id", ""), "Gift": ("ignore", "")},
        ),
        (
            ["event", "timestamp", "user_id", "colour"], "", "events",
            {"event": ("event", ""), "colour": ("property", "colour")},
        ),
        (["SKU", "Title", "Price", "Vendor"], "", "items", {"SKU": ("item_id", ""), "Vendor": ("brand", "")}),
        (["E-Mail", "City"], "", "people", {"E-Mail": ("email", ""), "City": ("trait", "city")}),
    ],
)  # fmt: skip
def test_whose_file_it_is(headers: list[str], maker: str, preset: str, mapped: dict[str, tuple[str, str]]) -> None:
    found = recognise_headers(headers)
    assert (found.maker, found.preset) == (maker, preset)
    said = {column.header: (column.field, column.detail) for column in found.columns}
    assert {header: said[header] for header in mapped} == mapped
    assert missing(PRESETS[preset], found.columns) == []


def test_a_given_preset_goes_before_the_headers() -> None:
    assert recognise_headers(["email", "city"], preset="suppressions").preset == "suppressions"


def test_what_is_missing_is_said() -> None:
    columns = map_by_name(["sku", "qty"], PRESETS["orders"])
    assert missing(PRESETS["orders"], columns) == [
        "Choose the column with the “Order number”.",
        "Choose the column with the “Time of the order”.",
        "Choose the column with the “Customer id” or the “E-mail address”.",
        "Choose the column with the “Price of one” or the “Total of the order”.",
    ]
