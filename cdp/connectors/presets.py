"""What can be imported, what its columns may be, and how a file's headers are recognised."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdp.connectors.units import Column

IGNORE = "ignore"
DETAILED = frozenset({"trait", "property", "external", "consent", "consent_at", "granted_at", "denied_at"})
"""Fields that may stand several times, each with a detail: the name of a trait, or a purpose."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a column may be. `known_as`: headers, in the form of `plain_header`, that name it."""

    key: str
    label: str
    known_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preset:
    key: str
    label: str
    says: str
    fields: tuple[Field, ...]
    needs: tuple[tuple[str, ...], ...]
    """Of each group at least one must be mapped."""
    rest: str = IGNORE
    """What columns become that nothing recognises: a trait, a property, or nothing."""


@dataclass(frozen=True, slots=True)
class Maker:
    """A well-known kind of file: recognised when all of `marks` are among its headers."""

    key: str
    label: str
    preset: str
    marks: frozenset[str]
    columns: Mapping[str, str]
    """Header → field, with `:detail` where the field has one."""
    options: Mapping[str, Any] = field(default_factory=dict)


ID = Field(
    "user_id", "Customer id", ("user_id", "userid", "customer_id", "customerid", "customer", "external_id", "id")
)
EMAIL = Field("email", "E-mail address", ("email", "email_address", "e_mail", "e_mail_address", "mail"))
PHONE = Field("phone", "Phone number", ("phone", "phone_number", "mobile", "telephone", "tel"))
CONSENT = Field("consent", "Agreed to … (yes or no)")
CONSENT_AT = Field("consent_at", "Answered on, about …")
GRANTED_AT = Field("granted_at", "Agreed on, to …")
DENIED_AT = Field("denied_at", "Refused on, …")
SUPPRESSED = Field("suppressed", "Do not write to (any text means yes)", ("suppressed", "email_suppressions"))
WHEN = ("timestamp", "time", "date", "datetime", "occurred_at", "created_at", "order_date", "invoicedate", "paid_at")
CURRENCY = Field("currency", "Currency code", ("currency", "currency_code"))
PRICE = Field("price", "Price of one", ("price", "unit_price", "unitprice", "lineitem_price"))
PRODUCT = (
    "product_id", "productid", "sku", "stockcode", "stock_code", "item_id", "lineitem_sku", "variant_id", "item",
)  # fmt: skip
ORDER = Field(
    "order_id", "Order number", ("order_id", "orderid", "order", "order_number", "invoiceno", "invoice_no", "invoice")
)

PRESETS = {
    preset.key: preset
    for preset in (
        Preset(
            "people", "People", "One person per row: ids, traits, and what they agreed to.",
            (
                ID, EMAIL, PHONE, Field("trait", "Trait"), Field("external", "Id in another system"), CONSENT,
                CONSENT_AT, GRANTED_AT, DENIED_AT, SUPPRESSED,
                Field("updated_at", "Last changed on", ("updated_at", "last_changed", "modified_at")),
            ),
            (("user_id", "email", "phone"),), rest="trait",
        ),
        Preset(
            "events", "Events", "One event per row: who, what, when.",
            (
                Field("event", "Name of the event", ("event", "event_name", "name", "action", "metric")),
                Field("occurred_at", "Time", WHEN), ID,
                Field("anonymous_id", "Anonymous id", ("anonymous_id", "anonymousid", "device_id")), EMAIL, PHONE,
                Field("value", "Amount of money", ("value", "amount", "revenue", "total")), CURRENCY,
                Field("product_id", "Product id", PRODUCT), ORDER,
                Field("quantity", "Quantity", ("quantity", "qty")), Field("property", "Property"),
                Field("message_id", "Message id", ("message_id", "messageid", "event_id")),
            ),
            (("event",), ("occurred_at",), ("user_id", "anonymous_id", "email", "phone")), rest="property",
        ),
        Preset(
            "orders", "Orders", "One line of an order, or one order, per row; lines are grouped into orders.",
            (
                ORDER, Field("occurred_at", "Time of the order", WHEN), ID, EMAIL,
                Field("product_id", "Product id", PRODUCT),
                Field("name", "Product name", ("description", "product_name", "title", "lineitem_name")),
                Field("quantity", "Quantity", ("quantity", "qty", "lineitem_quantity")), PRICE, CURRENCY,
                Field("total", "Total of the order", ("total", "order_total", "grand_total")),
                Field("refunded", "Refunded amount", ("refunded", "refunded_amount", "refund_amount")),
                Field("status", "Status", ("status", "financial_status", "order_status")), Field("trait", "Trait"),
            ),
            (("order_id",), ("occurred_at",), ("user_id", "email"), ("price", "total")),
        ),
        Preset(
            "items", "Items of the catalogue", "One product per row.",
            (
                Field("item_id", "Item id", (*PRODUCT, "id", "handle")),
                Field("name", "Name", ("name", "title", "product_name", "description")),
                Field("category", "Category", ("category", "product_type", "type", "product_category")),
                Field("brand", "Brand", ("brand", "vendor", "manufacturer")), PRICE, CURRENCY,
                Field("url", "Link to its page", ("url", "link", "product_url")),
                Field("image_url", "Link to its picture", ("image_url", "image", "image_link", "image_src")),
                Field("is_in_stock", "In stock", ("in_stock", "is_in_stock", "availability", "stock", "inventory")),
                Field("alias", "What this source calls it", ("alias", "source_id", "external_id")),
                Field("property", "Attribute"),
            ),
            (("item_id",),), rest="property",
        ),
        Preset(
            "consents", "Consents", "What addresses agreed to or refused. Makes no profiles.",
            (EMAIL, PHONE, ID, CONSENT, CONSENT_AT, GRANTED_AT, DENIED_AT),
            (("email", "phone", "user_id"), ("consent", "granted_at", "denied_at")),
        ),
        Preset(
            "suppressions", "Suppressions", "Addresses that must never be written to. Makes no profiles.",
            (EMAIL, PHONE), (("email", "phone"),),
        ),
    )
}  # fmt: skip

KLAVIYO = Maker(
    "klaviyo", "Klaviyo, people", "people", frozenset({"email", "klaviyo_id"}),
    {
        "Email": "email", "Klaviyo ID": "external:klaviyo_id", "Phone Number": "phone",
        "First Name": "trait:first_name", "Last Name": "trait:last_name", "Organization": "trait:company",
        "Title": "trait:title", "Address": "trait:address", "Address 2": "trait:address_2", "City": "trait:city",
        "State / Region": "trait:region", "Country": "trait:country", "Zip Code": "trait:postal_code",
        "Email Marketing Consent": "consent:email-marketing",
        "Email Marketing Consent Timestamp": "consent_at:email-marketing",
        "SMS Marketing Consent": "consent:sms-marketing",
        "SMS Marketing Consent Timestamp": "consent_at:sms-marketing",
        "Email Suppressions": "suppressed", "Profile Created On": "trait:created_at", "Source": "trait:source",
        **dict.fromkeys(
            ("Latitude", "Longitude", "IP Address", "Historic Customer Lifetime Value",
             "Total Customer Lifetime Value", "Predicted Customer Lifetime Value", "Average Order Value",
             "Historic Number Of Orders", "First Active", "Last Active", "Date Added", "Last Open", "Last Click",
             "Average Days Between Orders", "Expected Date Of Next Order", "Churn Risk Prediction",
             "Initial Source", "Last Source"), IGNORE),
    },
)  # fmt: skip
"""Headers of Klaviyo's export of a list or segment. Its own sums and predictions are left out: ours differ."""

_MAILCHIMP = {
    "Email Address": "email", "First Name": "trait:first_name", "Last Name": "trait:last_name",
    "Phone Number": "phone", "Phone": "phone", "Address": "trait:address", "Birthday": "trait:birthday",
    "MEMBER_RATING": "trait:mailchimp_rating", "TIMEZONE": "trait:time_zone", "CC": "trait:country",
    "REGION": "trait:region", "LAST_CHANGED": "updated_at", "EUID": "external:mailchimp_euid", "TAGS": "trait:tags",
    "NOTES": "trait:notes", "UNSUB_REASON": "trait:unsubscribe_reason",
    **dict.fromkeys(
        ("OPTIN_IP", "CONFIRM_IP", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "LEID", "UNSUB_CAMPAIGN_TITLE",
         "UNSUB_CAMPAIGN_ID", "UNSUB_REASON_OTHER", "CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID", "OPTIN_TIME",
         "CONFIRM_TIME"), IGNORE),
}  # fmt: skip
"""Headers that Mailchimp's three files of an audience share."""

MAKERS = (
    Maker(
        "mailchimp_unsubscribed", "Mailchimp, unsubscribed", "people",
        frozenset({"email_address", "leid", "unsub_time"}),
        {**_MAILCHIMP, "UNSUB_TIME": "denied_at:email-marketing"},
    ),
    Maker(
        "mailchimp_cleaned", "Mailchimp, cleaned", "people", frozenset({"email_address", "leid", "clean_time"}),
        {**_MAILCHIMP, "CLEAN_TIME": "suppressed"},
    ),
    Maker(
        "mailchimp_subscribed", "Mailchimp, subscribed", "people", frozenset({"email_address", "leid", "confirm_time"}),
        {**_MAILCHIMP, "CONFIRM_TIME": "granted_at:email-marketing"},
    ),
    KLAVIYO,
    Maker(
        "online_retail", "Online retail, invoice lines", "orders",
        frozenset({"invoiceno", "stockcode", "unitprice", "customerid"}),
        {
            "InvoiceNo": "order_id", "StockCode": "product_id", "Description": "name", "Quantity": "quantity",
            "InvoiceDate": "occurred_at", "UnitPrice": "price", "CustomerID": "user_id", "Country": "trait:country",
        },
        {
            "refund_prefix": "C", "upper_codes": True, "currency": "GBP", "zone": "Europe/London",
            "adds_items": True,
            "charge_codes": ["POST", "DOT", "C2", "D", "M", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK"],
        },
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recognised:
    maker: str
    preset: str
    columns: tuple[Column, ...]
    options: Mapping[str, Any]


def plain_header(header: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", header.strip().lower()).strip("_")


def recognise_headers(headers: Sequence[str], *, preset: str = "") -> Recognised:
    """Whose file this is, and what its columns are. A given preset goes before what the headers suggest."""
    plain = {plain_header(header) for header in headers}
    for maker in MAKERS:
        if maker.marks <= plain and preset in ("", maker.preset):
            named = {plain_header(header): said for header, said in maker.columns.items()}
            columns = [_column(i, h, named.get(plain_header(h), "")) for i, h in enumerate(headers)]
            return Recognised(maker.key, maker.preset, _filled(columns, PRESETS[maker.preset]), maker.options)
    chosen = PRESETS[preset] if preset else _closest(plain)
    return Recognised("", chosen.key, map_by_name(headers, chosen), {})


def _closest(plain: set[str]) -> Preset:
    """The preset with all it needs and most of its fields among the headers; people where in doubt."""

    def score(preset: Preset) -> tuple[bool, int]:
        found = {one.key for one in preset.fields if plain & set(one.known_as)}
        return all(found & set(group) for group in preset.needs), len(found)

    return max((PRESETS[key] for key in ("people", "orders", "events", "items")), key=score)


def map_by_name(headers: Sequence[str], preset: Preset) -> tuple[Column, ...]:
    taken: set[str] = set()
    columns = []
    for index, header in enumerate(headers):
        name = plain_header(header)
        found = next((one.key for one in preset.fields if name in one.known_as and one.key not in taken), "")
        taken |= {found} - DETAILED
        columns.append(_column(index, header, found))
    return _filled(columns, preset)


def _column(index: int, header: str, said: str) -> Column:
    name, _, detail = said.partition(":")
    return Column(index, header, name, detail)


def _filled(columns: Sequence[Column], preset: Preset) -> tuple[Column, ...]:
    """Columns that nothing recognised become what the preset makes of the rest, under their own name."""
    return tuple(one if one.field else _rest(one, preset.rest) for one in columns)


def _rest(one: Column, field: str) -> Column:
    return Column(one.index, one.header, field, plain_header(one.header) if field in DETAILED else "")


def missing(preset: Preset, columns: Sequence[Column]) -> list[str]:
    """What the mapping lacks, as sentences; empty if it will do."""
    mapped = {column.field for column in columns}
    labels = {one.key: one.label for one in preset.fields}
    found = [
        "Choose the column with the " + " or the ".join(f"“{labels[key]}”" for key in group) + "."
        for group in preset.needs
        if not mapped & set(group)
    ]
    twice = [key for key in labels if key not in DETAILED and sum(c.field == key for c in columns) > 1]
    found += [f"Two columns are mapped to “{labels[key]}”; leave one." for key in twice]
    bare = [c for c in columns if c.field in DETAILED and not c.detail]
    return found + [f"Say what column “{column.header}” is about." for column in bare]
