import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from cdp.accounts.access import needs
from cdp.accounts.models import User
from cdp.accounts.roles import PERMISSIONS, WORDS, Role, UnknownPermission, create_roles
from cdp.common.navigation import navigation
from tests.cast import ROLES, Cast


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("permission", WORDS)
def test_each_role_may_what_the_table_says(cast: Cast, name: str, permission: str) -> None:
    assert getattr(cast, name).may(permission) == (permission in PERMISSIONS[ROLES[name]])


def test_migrating_makes_groups_equal_to_the_table(db: None) -> None:
    Group.objects.get(name="Viewer").permissions.add(Permission.objects.get(codename="manage_team"))
    Group.objects.get(name="Steward").permissions.clear()
    create_roles()
    for role in Role:
        held = Group.objects.get(name=role.label).permissions.values_list("codename", flat=True)
        assert set(held) == PERMISSIONS[role]


def test_viewers_change_nothing() -> None:
    assert {name.split("_")[0] for name in PERMISSIONS[Role.VIEWER]} == {"view"}


def test_a_permission_nobody_knows_is_an_error() -> None:
    with pytest.raises(UnknownPermission):
        needs("fly")


def test_the_navigation_shows_what_the_role_may_use(cast: Cast) -> None:
    def shown(user: User) -> set[str]:
        return {link.url for area in navigation(user, path="/") for link in area.links}

    keys = {"/accounts/team/", "/accounts/tokens/"}
    assert keys < shown(cast.ada)
    assert not keys & shown(cast.mara)
    assert "/accounts/sources/" in shown(cast.mara)
    assert 'href="/accounts/sources/"' in cast.client("mara").get("/accounts/sources/").content.decode()
    assert "/accounts/team/" not in cast.client("mara").get("/accounts/sources/").content.decode()


def test_htmx_requests_of_strangers_go_to_the_login_page(db: None) -> None:
    answer = Client().get("/accounts/you/", HTTP_HX_REQUEST="true")
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/accounts/you/"
