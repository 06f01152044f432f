"""What may be said of a person, for the editor's picker of tokens."""

from dataclasses import asdict

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from campaigns.content.vocabulary import Vocabulary
from campaigns.content.words import words_of
from campaigns.triggers import tokens
from cdp.accounts.access import SignedIn, needs


@needs("view_campaigns")
@require_safe
def words(request: SignedIn) -> JsonResponse:
    return JsonResponse({"words": [asdict(one) for one in [*words_of(Vocabulary.lately()), *tokens.words()]]})
