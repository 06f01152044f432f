"""The picker of tokens: all it offers can be used as it is."""

import pytest

from campaigns.content.problems import problems_of
from campaigns.content.sampled import forget
from campaigns.content.words import Word, words_of
from tests.campaigns.tokens.known import VOCABULARY
from tests.cast import Cast
from tests.taking_in import NOW, identify, take_in

OFFERED = words_of(VOCABULARY)


@pytest.mark.parametrize("word", OFFERED, ids=lambda word: f"{word.group}: {word.label}")
def test_what_is_inserted_is_right_as_it_is(word: Word) -> None:
    content = {"version": 2, "subject": "Hi", "blocks": [{"id": "b", "kind": "text", "text": word.insert}]}
    assert problems_of(content, vocabulary=VOCABULARY) == []


def test_what_can_be_empty_has_words_that_stand_instead() -> None:
    by_label = {(word.group, word.label): word for word in OFFERED}
    person = "The person"
    assert by_label[person, "First name"] == Word(
        person, "First name", '{{ firstName | default: "there" }}', 0.88, "Ada"
    )
    assert by_label[person, "Email"].insert == "{{ email }}"
    assert by_label[person, "Today"].insert == '{{ profile.today | default: "" }}'
    assert by_label["Computed", "Orders"].insert == "{{ computed.orders }}"
    assert by_label["Last purchase", "Value"].insert == (
        "{{ last_purchase.value | money: last_purchase.currency | default: 0 }}"
    )
    assert by_label["Segments", "If in “Frequent Buyers”"].share is None
    assert not [word for word in OFFERED if "archived" in word.label or "Old one" in word.label]


@pytest.mark.django_db
def test_the_picker_knows_what_is_known_of_people(cast: Cast) -> None:
    forget()
    take_in([identify(f"u{n}", traits={"firstName": "Ada"} if n else {"city": "Rome"}, at=NOW) for n in range(4)])
    said = cast.client("vic").get("/campaigns/words/").json()["words"]
    found = {word["label"]: word for word in said}
    assert found["First name"] == {
        "group": "The person",
        "label": "First name",
        "insert": '{{ firstName | default: "there" }}',
        "share": 0.75,
        "example": "Ada",
    }
    assert (found["City"]["share"], found["City"]["example"]) == (
        0.25,
        None,
    )  # a value of one person is nobody's example
    assert cast.client("stranger").get("/campaigns/words/").status_code == 302
