from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from cdp.accounts import team
from cdp.accounts.models import AuditEntry, Invitation, User
from cdp.accounts.roles import Role, give_role, role_of
from tests.cast import Cast
from tests.cdp.accounts.test_sign_in import sign_in
from tests.factories import a_user

INVITE = "/accounts/team/invite/"
JOIN = {"name": "Nora", "password": "violet-carriage-rain"}


def link_for(cast: Cast, *, email: str = "nora@example.com", role: str = "steward") -> str:
    """The address in the mail that an invitation sends."""
    cast.client("ada").post(INVITE, {"email": email, "role": role})
    body = str(mail.outbox[-1].body)
    return next("/" + line.split("/", 3)[3] for line in body.splitlines() if "/accounts/join/" in line)


def test_an_invited_person_joins_with_the_role_and_is_signed_in(cast: Cast) -> None:
    client = Client()
    link = link_for(cast)
    assert "nora@example.com" in client.get(link).content.decode()
    assert client.post(link, JOIN).headers["Location"] == "/"
    nora = User.objects.get(email="nora@example.com")
    assert role_of(nora) is Role.STEWARD
    assert client.get("/").status_code == 200
    assert list(AuditEntry.objects.filter(target="nora@example.com").order_by("id").values_list("verb", flat=True)) == [
        "invited",
        "joined",
        "signed in",
    ]


def test_an_invitation_is_shown_once_and_kept_as_a_hash(cast: Cast) -> None:
    page = cast.client("ada").post(INVITE, {"email": "nora@example.com", "role": "viewer"}).content.decode()
    token = page.split("/accounts/join/")[1].split("/")[0]
    invitation = Invitation.objects.get()
    assert token not in str(invitation.__dict__)
    assert token not in cast.client("ada").get("/accounts/team/").content.decode()


def test_an_invitation_works_once(cast: Cast) -> None:
    link = link_for(cast)
    Client().post(link, JOIN)
    assert Client().get(link).status_code == 410
    assert Client().post(link, JOIN).status_code == 410


def test_an_invitation_expires(cast: Cast) -> None:
    link = link_for(cast)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().post(link, JOIN).status_code == 410
    assert not User.objects.filter(email="nora@example.com").exists()


def test_an_invitation_can_be_withdrawn_and_a_new_one_replaces_it(cast: Cast) -> None:
    first = link_for(cast)
    second = link_for(cast)
    assert Client().get(first).status_code == 410
    invitation = Invitation.objects.get(revoked_at=None)
    cast.client("ada").post(f"/accounts/team/invitations/{invitation.pk}/withdraw/")
    assert Client().get(second).status_code == 410


def test_who_is_in_the_team_is_not_invited_again(cast: Cast) -> None:
    answer = cast.client("ada").post(INVITE, {"email": "MARA@example.com", "role": "viewer"})
    assert answer.status_code == 422
    assert "is already in the team" in answer.content.decode()
    assert not mail.outbox


@pytest.mark.parametrize("password", ["short", "nora@example.com", "password1234"])
def test_a_weak_password_does_not_join(cast: Cast, password: str) -> None:
    assert Client().post(link_for(cast), JOIN | {"password": password}).status_code == 422


def test_a_changed_role_counts_at_once(cast: Cast) -> None:
    mara = cast.client("mara")
    assert mara.get("/accounts/team/").status_code == 403
    cast.client("ada").post(f"/accounts/team/{cast.mara.pk}/role/", {"role": "admin"})
    assert mara.get("/accounts/team/").status_code == 200


def test_a_deactivated_person_is_out_at_once_and_can_come_back(cast: Cast) -> None:
    mara = Client()
    sign_in(mara, email="mara@example.com")
    cast.client("ada").post(f"/accounts/team/{cast.mara.pk}/deactivate/")
    assert mara.get("/").status_code == 302
    assert sign_in(Client(), email="mara@example.com") == 422
    cast.client("ada").post(f"/accounts/team/{cast.mara.pk}/reactivate/")
    assert sign_in(Client(), email="mara@example.com") == 302


@pytest.mark.parametrize(("path", "form"), [("role", {"role": "viewer"}), ("deactivate", {})])
def test_the_last_admin_stays(cast: Cast, path: str, form: dict[str, str]) -> None:
    answer = cast.client("ada").post(f"/accounts/team/{cast.ada.pk}/{path}/", form, follow=True)
    assert "This is the last admin." in answer.content.decode()
    cast.ada.refresh_from_db()
    assert cast.ada.is_active
    assert role_of(User.objects.get(pk=cast.ada.pk)) is Role.ADMIN


def test_one_of_two_admins_may_go(cast: Cast) -> None:
    other = a_user(role=Role.ADMIN)
    team.deactivate(cast.ada, person=other, now=timezone.now())
    with pytest.raises(team.LastAdmin):
        team.change_role(cast.ada, of=cast.ada, role=Role.VIEWER, now=timezone.now())


def test_a_deactivated_admin_does_not_count(cast: Cast) -> None:
    other = a_user(role=Role.ADMIN)
    User.objects.filter(pk=other.pk).update(is_active=False)
    with pytest.raises(team.LastAdmin):
        team.deactivate(cast.ada, person=cast.ada, now=timezone.now())


def test_somebody_has_one_role(cast: Cast) -> None:
    give_role(cast.vic, role=Role.MARKETER)
    assert [group.name for group in cast.vic.groups.all()] == ["Marketer"]
