"""A vocabulary made by hand: what a small shop knows of its people."""

from datetime import timedelta

from campaigns.content.sampled import Sample, SampledTrait
from campaigns.content.vocabulary import Named, Vocabulary
from cdp.analytics.definition import Known, Type

TRAITS = (
    SampledTrait(("email",), "text", 1.0),
    SampledTrait(("firstName",), "text", 0.88, "Ada"),
    SampledTrait(("city",), "text", 0.5, "Berlin"),
    SampledTrait(("birthday",), "date", 0.4),
    SampledTrait(("Favourite colour",), "text", 0.3),
    SampledTrait(("tags",), "list", 0.2),
    SampledTrait(("address",), "object", 0.1),
    SampledTrait(("address", "zipCode"), "text", 0.05),
    SampledTrait(("today",), "text", 0.01),
)
COMPUTED = (
    Known(1, "orders", "Orders", Type.NUMBER, is_zero_without=True),
    Known(2, "favourite_category", "Favourite category", Type.TEXT),
    Known(3, "loved_brands", "Loved brands", Type.LIST),
    Known(4, "days_since_order", "Days since an order", Type.DURATION),
    Known(5, "interest", "Interest", Type.NUMBER, timedelta(days=9), is_zero_without=True),
    Known(6, "rfm_recency", "RFM: recency band", Type.NUMBER),
)
VOCABULARY = Vocabulary(
    sample=Sample(
        people=1000,
        is_everybody=True,
        traits=TRAITS,
        computed={1: 0.4, 2: 0.6, 3: 0.1, 4: 0.4, 6: 0.4},
        predictors={11: 0.9},
        clusterings={21: 0.7},
        buyers=0.4,
        carts=0.2,
    ),
    computed=COMPUTED,
    predictors=(Named(11, "Buys in 30 days", False), Named(12, "Old one", True)),
    clusterings=(Named(21, "How they shop", False),),
    segments=(Named(31, "Frequent Buyers", False), Named(32, "Gone", True)),
    offers=(Named(41, "Spring sale", False, "spring"), Named(42, "Winter sale", True, "winter")),
    feeds=(Named(51, "Weather", False, "weather"),),
    given={"spring": frozenset({"name", "code", "value", "unit"}), "winter": frozenset({"name"})},
    currency="EUR",
)
