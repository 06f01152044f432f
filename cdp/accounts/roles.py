"""The four roles and what each may do: the one table. Migrating makes groups and permissions equal to it."""

from enum import StrEnum

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from cdp.accounts.models import User

EVERYBODY = "view_people view_segments view_predictions view_campaigns view_data"
MARKETER = "edit_segments edit_predictions edit_campaigns send_campaigns export_people"
STEWARD = """edit_people review_duplicates erase_people export_people edit_data edit_consent
    edit_identity_rules view_audit"""

WORDS = {
    "view_people": "See people and their timelines",
    "edit_people": "Correct traits and identifiers of people",
    "review_duplicates": "Decide on duplicates, merge and un-merge",
    "erase_people": "Erase people on their request",
    "export_people": "Export lists of people",
    "view_segments": "See segments and computed traits",
    "edit_segments": "Build and change segments and computed traits",
    "view_predictions": "See predictions and scores",
    "edit_predictions": "Build and train predictions",
    "view_campaigns": "See campaigns and results",
    "edit_campaigns": "Write campaigns, templates and offers",
    "send_campaigns": "Send campaigns to people",
    "approve_campaigns": "Approve campaigns that others wrote",
    "manage_sending": "Set up accounts, senders, caps, quiet hours and webhooks",
    "view_data": "See sources, live events, quality and the tracking plan",
    "edit_data": "Change the tracking plan, catalogue and quarantine; import",
    "edit_identity_rules": "Change how people are recognised",
    "edit_consent": "Change consent, topics and suppression",
    "view_audit": "Read the audit log",
    "manage_sources": "Create sources, rotate and revoke their keys",
    "manage_team": "Invite people, change roles, deactivate",
    "manage_tokens": "Create and revoke API tokens",
    "manage_schedules": "Change schedules",
    "view_system": "See the state of the system",
}


class Role(StrEnum):
    ADMIN = "admin"
    MARKETER = "marketer"
    STEWARD = "steward"
    VIEWER = "viewer"

    @property
    def label(self) -> str:
        return self.value.capitalize()


CHOICES = [(role.value, role.label) for role in Role]

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.ADMIN: frozenset(WORDS),
    Role.MARKETER: frozenset(f"{EVERYBODY} {MARKETER}".split()),
    Role.STEWARD: frozenset(f"{EVERYBODY} {STEWARD}".split()),
    Role.VIEWER: frozenset(EVERYBODY.split()),
}


class UnknownPermission(Exception):
    """No such permission in the table of cdp/accounts/roles.py. Add it there first."""


def known(permission: str) -> str:
    if permission not in WORDS:
        raise UnknownPermission(permission)
    return permission


def create_roles(*, using: str = "default") -> None:
    """Groups and permissions equal to the table; permissions that left the table go."""
    of_users = ContentType.objects.db_manager(using).get_for_model(User)
    kept = {}
    for codename, words in WORDS.items():
        kept[codename], _ = Permission.objects.using(using).update_or_create(
            content_type=of_users, codename=codename, defaults={"name": words}
        )
    for role, names in PERMISSIONS.items():
        group, _ = Group.objects.using(using).get_or_create(name=role.label)
        group.permissions.set([kept[name] for name in names])


def give_role(user: User, *, role: Role) -> None:
    """Every person has exactly one role."""
    user.groups.set([Group.objects.get(name=role.label)])


def role_of(user: User) -> Role | None:
    names = {group.name.lower() for group in user.groups.all()}
    return next((role for role in Role if role.value in names), None)
