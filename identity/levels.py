"""How much two values can agree, by kind, and what is usual for customer data before one's own data speaks.

`m` is how often a level is seen between two records of one person, `u` between records of two people (Fellegi & Sunter
1969, "A theory for record linkage", JASA 64). The shipped numbers are round figures of common experience, worth
`PRIOR_PAIRS` pairs: a large file outvotes them, a small one leans on them.
"""

from dataclasses import dataclass, replace

from identity.columns import Kind

PRIOR_PAIRS = 20.0
NOT_TOLD = 0
"""The level of a pair of which one record lacks the value: it speaks neither for nor against."""
DIFFERENT = 1


@dataclass(frozen=True, slots=True)
class Scale:
    """The levels of a kind from `DIFFERENT` (1) up; tuples run parallel, so `m[0]` belongs to level 1."""

    labels: tuple[str, ...]
    m: tuple[float, ...]
    u: tuple[float, ...]
    rarest: float
    """How often two people share even the rarest value: the floor of a value's own frequency."""
    relatives: float
    """How often two people of one household share the value."""
    evidence: str
    """Fields of one evidence do not count twice; a field without a name for it stands for itself."""
    is_hard: bool = False
    """Two clearly different values are two people, if the data say that it is seldom otherwise."""

    @property
    def top(self) -> int:
        return len(self.labels)


_NAME = ("different", "alike", "similar", "nearly the same", "short form", "the same")
_TEXT = Scale(
    ("different", "similar", "nearly the same", "the same"),
    (0.30, 0.10, 0.10, 0.50), (0.90, 0.06, 0.02, 0.02), 1e-3, 0.3, "",
)  # fmt: skip
_CATEGORY = Scale(("different", "the same"), (0.05, 0.95), (0.6, 0.4), 1e-3, 0.5, "")
_REGION = replace(_CATEGORY, evidence="place")

SCALES: dict[Kind, Scale] = {
    Kind.FIRST_NAME: Scale(
        _NAME, (0.02, 0.02, 0.03, 0.07, 0.05, 0.81), (0.90, 0.06, 0.025, 0.005, 0.003, 0.007), 1e-4, 0.005, "name"
    ),
    Kind.LAST_NAME: Scale(
        _NAME, (0.04, 0.02, 0.03, 0.07, 0.02, 0.82), (0.92, 0.055, 0.018, 0.004, 0.001, 0.002), 5e-5, 0.75, "name"
    ),
    Kind.MIDDLE_NAME: Scale(
        _NAME, (0.06, 0.02, 0.02, 0.05, 0.20, 0.65), (0.85, 0.06, 0.025, 0.005, 0.05, 0.01), 1e-3, 0.02, "middle name"
    ),
    Kind.EMAIL: Scale(
        ("different", "alike", "nearly the same", "same name, other provider", "the same"),
        (0.12, 0.03, 0.08, 0.07, 0.70), (0.99, 0.0098, 1e-4, 1e-4, 1e-6), 1e-6, 0.1, "email",
    ),
    Kind.PHONE: Scale(
        ("different", "alike", "one digit apart", "the same"),
        (0.18, 0.02, 0.05, 0.75), (0.95, 0.05, 1e-5, 1e-6), 1e-6, 0.5, "phone",
    ),
    Kind.BIRTH_DATE: Scale(
        ("different", "three digits apart", "two digits apart", "two of day, month, year", "one slip", "the same"),
        (0.03, 0.02, 0.03, 0.05, 0.07, 0.80), (0.86, 0.10, 0.03, 0.006, 0.003, 4e-5), 2e-5, 0.02, "birth", True,
    ),
    Kind.IDENTIFIER: Scale(
        ("different", "alike", "one character apart", "the same"),
        (0.04, 0.02, 0.04, 0.90), (0.95, 0.05, 1e-5, 1e-7), 1e-7, 0.0, "identifier", True,
    ),
    Kind.ADDRESS: Scale(
        (
            *("elsewhere", "a town spelled alike", "same town, other street", "same town, street not told"),
            *("nearly the same address", "same street, other town", "the same address"),
        ),
        (0.12, 0.05, 0.08, 0.15, 0.10, 0.03, 0.47), (0.95, 0.02, 0.02, 0.008, 0.0015, 4e-4, 1e-4), 1e-5, 0.9, "place",
    ),
    Kind.COMPANY: Scale(_TEXT.labels, _TEXT.m, (0.96, 0.03, 0.005, 0.005), 1e-4, 0.05, "company"),
    Kind.NUMBER: Scale(
        ("different", "nearly the same", "the same"), (0.30, 0.05, 0.65), (0.95, 0.03, 0.02), 1e-3, 0.1, ""
    ),
    Kind.TEXT: _TEXT,
    Kind.GENDER: _CATEGORY,
    Kind.STATE: _REGION,
    Kind.COUNTRY: _REGION,
}  # fmt: skip
