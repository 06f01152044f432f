"""Who belongs to the team: invitations, roles, deactivation."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from cdp.accounts import second_factor, sessions
from cdp.accounts.audit import record
from cdp.accounts.keys import hash_secret, new_secret
from cdp.accounts.models import Invitation, User
from cdp.accounts.roles import Role, give_role, role_of


class LastAdmin(Exception):
    """This is the last admin. Make somebody else an admin first."""


class AlreadyInTeam(Exception):
    """Somebody with this e-mail address is already in the team."""


class InvitationOver(Exception):
    """This invitation was used, withdrawn or has expired. Ask an admin for a new one."""


@dataclass(frozen=True)
class Invited:
    invitation: Invitation
    token: str


@transaction.atomic
def invite(actor: User, *, email: str, role: Role, now: datetime, days: int) -> Invited:
    """A new invitation; an open one to the same address is withdrawn."""
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise AlreadyInTeam
    open_invitations(now=now).filter(email=email).update(revoked_at=now)
    secret = new_secret("inv")
    invitation = Invitation.objects.create(
        email=email, role=role, hash=secret.hash, invited_by=actor, expires_at=now + timedelta(days=days)
    )
    record(actor, verb="invited", target=email, details={"role": role.label}, now=now)
    return Invited(invitation=invitation, token=secret.text)


def open_invitations(*, now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now).order_by("-created_at")


def invitation_of(token: str, *, now: datetime) -> Invitation:
    invitation = open_invitations(now=now).filter(hash=hash_secret(token)).first()
    if invitation is None:
        raise InvitationOver
    return invitation


@transaction.atomic
def accept(token: str, *, name: str, password: str, now: datetime) -> User:
    invitation = invitation_of(token, now=now)
    taken = open_invitations(now=now).filter(pk=invitation.pk).update(accepted_at=now)
    if not taken or User.objects.filter(email__iexact=invitation.email).exists():
        raise InvitationOver
    user = User.objects.create_user(invitation.email, password, name=name)
    give_role(user, role=Role(invitation.role))
    record(user, verb="joined", target=user.email, details={"role": Role(invitation.role).label}, now=now)
    return user


def withdraw(actor: User, *, invitation: Invitation, now: datetime) -> None:
    if open_invitations(now=now).filter(pk=invitation.pk).update(revoked_at=now):
        record(actor, verb="withdrew invitation", target=invitation.email, now=now)


@transaction.atomic
def change_role(actor: User, *, of: User, role: Role, now: datetime) -> None:
    before = role_of(of)
    if before is role:
        return
    if role is not Role.ADMIN:
        _keep_an_admin(without=of)
    give_role(of, role=role)
    details = {"from": before.label if before else "", "to": role.label}
    record(actor, verb="changed role", target=of.email, details=details, now=now)


@transaction.atomic
def deactivate(actor: User, *, person: User, now: datetime) -> None:
    """The person is signed out everywhere at once; what they made stays."""
    _keep_an_admin(without=person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    sessions.end(person)
    record(actor, verb="deactivated", target=person.email, now=now)


@transaction.atomic
def reactivate(actor: User, *, person: User, now: datetime) -> None:
    User.objects.filter(pk=person.pk).update(is_active=True)
    record(actor, verb="reactivated", target=person.email, now=now)


@transaction.atomic
def remove_second_factor(actor: User, *, person: User, now: datetime) -> None:
    """For somebody who lost both app and recovery codes; signs them out everywhere."""
    second_factor.turn_off(person)
    sessions.end(person)
    record(actor, verb="removed second factor", target=person.email, now=now)


def _keep_an_admin(*, without: User) -> None:
    """Locks all admins, so that two admins cannot remove each other at once."""
    is_admin = Q(groups__name=Role.ADMIN.label) | Q(is_superuser=True)
    of_admins = User.objects.filter(is_admin, is_active=True).values("pk")
    admins = set(User.objects.select_for_update().filter(pk__in=of_admins).order_by("pk").values_list("pk", flat=True))
    if admins == {without.pk}:
        raise LastAdmin
