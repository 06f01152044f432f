"""What is expected of one person, on the profile page."""

import pytest

from cdp.common.clock import utc_now
from cdp.profiles.models import Profile
from scoring.models import Score, SendHour
from scoring.person import line_of
from tests.cast import Cast
from tests.scoring.pages.laid import a_predictor, a_version, scored
from tests.segments.laid import people

pytestmark = pytest.mark.django_db


def test_each_score_is_a_sentence_with_its_band_and_since_when(cast: Cast) -> None:
    ids, now = people(200), utc_now()
    buys, spends = a_predictor(), a_predictor("Spends in 90 days", kind="value", days=90)
    a_version(buys)
    a_version(spends, is_simple=True)
    for predictor in (buys, spends):
        scored(predictor, ids, now=now, scale=0.9 if predictor == buys else 400)
    Score.objects.filter(profile_id=ids[0], predictor_id=buys.pk).update(
        value=0.82, percentile=94, band="high", is_cold=True
    )
    Score.objects.filter(profile_id=ids[0], predictor_id=spends.pk).update(value=52.3, percentile=70)
    SendHour.objects.create(
        profile_id=ids[0], hour=23, evidence=9, own_share=0.8, lift=2, shares=[1 / 24] * 24, computed_at=now
    )
    uuid = Profile.objects.get(pk=ids[0]).uuid
    text = cast.client("vic").get(f"/predictions/person/{uuid}/").content.decode()
    assert "Likely to buy within 30 days: 0.82, higher than 94 % of people" in text
    assert "Expected to spend 52.30 EUR within 90 days, more than 70 % of people" in text
    assert text.index("0.82") < text.index("52.30")
    assert "Newcomer" in text
    assert "Simple model" in text
    assert "23:00 to 0:00" in text
    assert "Score anew" not in text
    assert "Score anew" in cast.client("mara").get(f"/predictions/person/{uuid}/").content.decode()


def test_who_has_no_score_yet_and_a_shop_without_predictors(cast: Cast) -> None:
    [one] = people(1)
    uuid = Profile.objects.get(pk=one).uuid
    panel = f"/predictions/person/{uuid}/"
    assert "No predictor is in use yet" in cast.client("vic").get(panel).content.decode()
    a_version(a_predictor())
    assert "No score yet" in cast.client("vic").get(panel).content.decode()
    told = cast.client("mara").post(f"{panel}rescore/").content.decode()
    assert "nobody was scored yet" in told


def test_the_tab_shows_how_each_score_went(cast: Cast) -> None:
    ids, predictor = people(50), a_predictor()
    a_version(predictor)
    scored(predictor, ids)
    uuid = Profile.objects.get(pk=ids[3]).uuid
    answer = cast.client("vic").get(f"/predictions/person/{uuid}/history/")
    [(shown, line, changes)] = answer.context["shown"]
    assert shown == predictor
    assert [one.at for one in changes] == sorted((one.at for one in changes), reverse=True)
    assert line == line_of(changes[::-1])
    assert line.most == max(one.value for one in changes)
    assert "Scores over time" in cast.client("vic").get(f"/people/{uuid}/").content.decode()


def test_a_stranger_to_the_shop_is_not_found(cast: Cast) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    assert cast.client("mara").get(f"/predictions/person/{nobody}/").status_code == 404
    assert cast.client("mara").get(f"/predictions/person/{nobody}/history/").status_code == 404
