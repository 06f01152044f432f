"""The forms of the pages Catalogue and Exchange rates."""

from typing import Any

from django import forms

from cdp.accounts.models import Source
from cdp.events.models import Item
from cdp.events.money import ISO_4217


class ItemFilterForm(forms.Form):
    q = forms.CharField(label="Name, id or alias", max_length=200, required=False)
    category = forms.CharField(label="Category", max_length=200, required=False)


def _link(label: str) -> forms.URLField:
    return forms.URLField(label=label, max_length=1_000, required=False, assume_scheme="https")


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    url = _link("Link to its page")
    image_url = _link("Link to its picture")

    class Meta:
        model = Item
        fields = ("name", "category", "brand", "price", "currency", "url", "image_url", "is_in_stock")
        labels = {"is_in_stock": "In stock"}
        widgets = {
            name: forms.TextInput()
            for name in ("name", "category", "brand")
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"].required = False

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).strip().upper()
        if code and code not in ISO_4217:
            raise forms.ValidationError("This is not a currency code of ISO 4217, such as EUR.")
        return code


class AliasForm(forms.Form):
    source = forms.ModelChoiceField(label="Source", queryset=Source.objects.none())
    alias = forms.CharField(label="Calls it", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources = Source.objects.exclude(kind=Source.Kind.INTERNAL).order_by("name")
        self.fields["source"].queryset = sources  # type: ignore[attr-defined]


class RatesForm(forms.Form):
    file = forms.FileField(
        label="Table of rates",
        max_length=200,
        help_text="CSV with date,currency,rate: what one unit of the currency is worth in ours. The ECB writes it the"
        " other way round: name the third column per.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv"}),
    )
