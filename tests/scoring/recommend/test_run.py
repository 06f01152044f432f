import pytest
from cdp.common.clock import deployment_zone
from scoring.recommend.run import run, settings_row
from scoring.recommend.shown import items_for
from tests.scoring.recommend.shop import NOW, demo_shop
import time

@pytest.mark.django_db
def test_x():
    t=time.time()
    people = demo_shop(500); print("shop", time.time()-t); t=time.time()
    ran = run(now=NOW, zone=deployment_zone()); print(time.time()-t)
    print(ran)
    ids=list(people.values())
    t=time.time()
    a = items_for(ids, kind="recommended", limit=4, now=NOW); print("kept", (time.time()-t)/len(ids)*1e6,"us")
    for k in list(a)[:6]:
        for s in a[k]: print(k, s.item.name, s.reason, s.confidence, s.is_fallback)
    from scoring.models import Recommendation
    Recommendation.objects.all().delete()
    t=time.time()
    b = items_for(ids, kind="recommended", limit=4, now=NOW); print("fresh", (time.time()-t)/len(ids)*1e6,"us")
    print(sum(a[k]!=b[k] for k in a), len(a))
    t=time.time()
    for k in ids[:50]:
        c=items_for([k], kind="recommended", limit=4, now=NOW)
        assert c[k]==b[k]
    print("one", (time.time()-t)/50*1e3, "ms")
