import re
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from campaigns.models import Seed
from campaigns.preview_people import Audience
from campaigns.preview_people import person as person_of
from campaigns.trial import MOST_ADDRESSES
from cdp.profiles.find import NoSuchPerson
from cdp.profiles.models import Profile
from cdp.profiles.naming import name_of

PERSON, BRANCHES = "person", "branches"


class TrialForm(forms.Form):
    """To whom a test goes, and as whom it is made."""

    addresses = forms.CharField(
        label="To",
        required=False,
        max_length=3_000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        help_text=f"At most {MOST_ADDRESSES} addresses, with commas between them.",
    )
    way = forms.ChoiceField(label="Made", required=False, widget=forms.RadioSelect)
    person = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, own: str, person: str, audience: Audience, **kwargs: Any) -> None:
        kwargs["initial"] = {"addresses": own, "person": person, "way": PERSON}
        super().__init__(*args, **kwargs)
        self.is_to_seeds = self.data.get("to") == "seeds"
        self.chosen = self._find(audience, str(self.data.get("person", person)))
        name = name_of(self.chosen.traits, self.chosen.uuid) if self.chosen else "somebody of the audience"
        self.fields["way"].choices = [  # type: ignore[attr-defined]
            (PERSON, f"As {name}"),
            (BRANCHES, "One for each branch, as few mails as show all of them"),
        ]

    @property
    def is_each_branch(self) -> bool:
        return self.is_to_seeds or self.cleaned_data.get("way") == BRANCHES

    def clean_addresses(self) -> list[str]:
        if self.is_to_seeds:
            if not Seed.objects.exists():
                raise ValidationError("The seed list is empty. Add an address to it first.")
            return []
        found = list(
            dict.fromkeys(part.lower() for part in re.split(r"[\s,;]+", self.cleaned_data["addresses"]) if part)
        )
        if not found:
            raise ValidationError("Name at least one address.")
        if len(found) > MOST_ADDRESSES:
            raise ValidationError(f"At most {MOST_ADDRESSES} addresses at once.")
        for address in found:
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError(f"“{address}” is no e-mail address.") from error
        return found

    @staticmethod
    def _find(audience: Audience, person: str) -> Profile | None:
        try:
            return person_of(audience, UUID(person) if person else None)
        except (ValueError, NoSuchPerson):
            return person_of(audience, None)
