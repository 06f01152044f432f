"""What is expected of one person, on the profile page."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from cdp.accounts.access import SignedIn, needs
from cdp.profiles.find import NoSuchPerson, by_uuid
from scoring.models import Predictor, Score


@needs("view_predictions")
def of_person(request: SignedIn, uuid: UUID) -> HttpResponse:
    try:
        profile = by_uuid(uuid)
    except NoSuchPerson as error:
        raise Http404 from error
    scores = list(Score.objects.filter(profile_id=profile.pk))
    predictors = Predictor.objects.in_bulk([score.predictor_id for score in scores])
    known = [(predictors[score.predictor_id], score) for score in scores if score.predictor_id in predictors]
    known.sort(key=lambda one: one[0].name)
    return render(request, "scoring/_of_person.html", {"known": known})
