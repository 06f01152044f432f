from celery import shared_task
from django.core.management import call_command


@shared_task(name="cdp.accounts.tasks.forget_sessions", queue="bulk")
def forget_sessions() -> None:
    """Ended sign-ins leave rows that nobody can use any more."""
    call_command("clearsessions")
