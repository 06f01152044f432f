"""The seed list: our own addresses, which get every branch of a mail before people do."""

from datetime import datetime

from django import forms

from campaigns.models import Seed
from cdp.privacy.suppression import suppressed

MOST = 50


class SeedForm(forms.Form):
    address = forms.EmailField(label="E-mail address", max_length=254)
    name = forms.CharField(label="Name", max_length=120, required=False, help_text="Whose it is, or in which program.")

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip().lower()
        if Seed.objects.filter(address=address).exists():
            raise forms.ValidationError("This address is on the list already.")
        if suppressed("email", [address]):
            raise forms.ValidationError("This address is suppressed: nothing may be sent to it.")
        if Seed.objects.count() >= MOST:
            raise forms.ValidationError(f"The list holds {MOST} addresses at most. Remove one first.")
        return address

    def add(self, *, now: datetime) -> Seed:
        return Seed.objects.create(address=self.cleaned_data["address"], name=self.cleaned_data["name"], created_at=now)
