"""Which browsers a person is signed in with."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from cdp.accounts.models import User, UserSession

SEEN_EVERY = timedelta(minutes=1)


def remember(user: User, *, session_key: str, user_agent: str, now: datetime) -> UserSession:
    """Notes a sign-in; rows whose session is over go at the same time."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    UserSession.objects.filter(user=user).exclude(session_key__in=alive).delete()
    session, _ = UserSession.objects.update_or_create(
        session_key=session_key,
        defaults={"user": user, "user_agent": user_agent[:300], "last_seen_at": now},
    )
    return session


def rename(session_key: str, *, to: str) -> None:
    """Django gives a session a new key when its person changes the password."""
    UserSession.objects.filter(session_key=session_key).update(session_key=to)


def touch(session_key: str, *, now: datetime) -> None:
    """Writes at most once a minute."""
    UserSession.objects.filter(session_key=session_key, last_seen_at__lt=now - SEEN_EVERY).update(last_seen_at=now)


def forget(session_key: str) -> None:
    UserSession.objects.filter(session_key=session_key).delete()


@transaction.atomic
def end(user: User, *, only: int | None = None, but: str = "") -> int:
    """Signs out this person's sessions: all, or one, or all but the given key. Returns how many."""
    found = UserSession.objects.filter(user=user).exclude(session_key=but)
    if only is not None:
        found = found.filter(pk=only)
    keys = list(found.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    found.delete()
    return len(keys)


def living(user: User, *, now: datetime) -> list[UserSession]:
    """This person's sessions that still hold, the last seen first."""
    keys = user.sessions.values_list("session_key", flat=True)
    alive = Session.objects.filter(session_key__in=list(keys), expire_date__gt=now)
    return list(
        user.sessions.filter(session_key__in=list(alive.values_list("session_key", flat=True))).order_by(
            "-last_seen_at"
        )
    )
