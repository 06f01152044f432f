from tests.identity.test_incremental import *
import pytest
pytestmark = pytest.mark.django_db
def comes(anon, traits, of="web"):
    take_in([identify(anonymousId=anon, traits=traits)], of=of)
    return resolve_waiting(now=NOW)
def test_x():
    print(comes("a1", ADA))
    print(comes("b1", ADA_ELSEWHERE, of="shop"))
    print(comes("c1", BOB, of="shop"))
    print(profiles(), states())
    import json
    for r in rows("select weight, probability, state, may_merge, is_exact, evidence from identity_candidate"): print(json.dumps(r)[:1500])
    print(rows("select * from identity_merge"))
    print(rows("select * from identity_link"))
