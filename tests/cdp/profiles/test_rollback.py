"""Everything with one cause taken back, foreseen first, undone afterwards; and single traits."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.urls import reverse

from cdp.accounts.models import AuditEntry, Source
from cdp.common.models import Job
from cdp.connectors.models import Import
from cdp.events.models import SeenMessage
from cdp.pipeline import drain
from cdp.profiles.lots import Lot, NoSuchLot
from cdp.profiles.models import Profile, ProfileChange, Record, Rollback, Touched, TraitWord
from cdp.profiles.rollback import CannotRollBack, outlook, roll_back, undo
from tests.cast import Cast
from tests.cdp.connectors.importing import finish as finish_import
from tests.cdp.connectors.importing import uploaded
from tests.cdp.profiles.test_change_rule import finish
from tests.taking_in import NOW, ago, identify, rows, source, take_in

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def golden() -> dict[str, Any]:
    return {one.traits.get("email", one.traits.get("id", "?")): one.traits for one in Profile.objects.filter(merged_into=None)}


def state() -> Any:
    return (
        rows("select id, traits::text, profile_id from profiles_record order by id"),
        rows("select id, traits::text from profiles_profile order by id"),
    )


def bad_import(text: str = "") -> Import:
    """People with wrong cities."""
    text = text or "id,e-mail,city\n1,ada@x.org,WRONG\n2,bob@x.org,WRONG\n3,cy@x.org,WRONG\n"
    one = uploaded(text, source=source("crm"))
    finish_import(one)
    return one
