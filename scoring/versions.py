"""Which version answers: going back to one, or forward to one that waits."""

from django.db import transaction

from scoring.models import Predictor, TrainedModel


class NotUseful(Exception):
    """This version did not prove better than a simple guess, so it cannot be used."""

    def __str__(self) -> str:
        return str(self.__doc__)


def can_be_used(version: TrainedModel) -> bool:
    """A simple one stands in where there is too little to learn from."""
    return version.is_useful or version.is_simple


@transaction.atomic
def use_version(version: TrainedModel) -> bool:
    """False if it is in use already. Scoring everybody with it is the caller's."""
    if not can_be_used(version):
        raise NotUseful
    predictor = Predictor.objects.select_for_update().get(pk=version.predictor_id)
    if predictor.active_id == version.pk:
        return False
    Predictor.objects.filter(pk=predictor.pk).update(active=version)
    return True
