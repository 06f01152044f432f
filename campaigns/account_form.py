"""The form an account is set up with, made of its kind's fields. Secrets go in and never come out."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from campaigns.accounts.save import Plan
from campaigns.channels.kinds import BadSettings, Field, Input, Kind
from campaigns.models import Account

PLAIN = {"autocomplete": "off", "spellcheck": "false"}
MOST_DOMAINS = 50


class AccountForm(forms.Form):
    name = forms.CharField(max_length=120, help_text="What your colleagues choose it by in a campaign.")
    per_second = forms.IntegerField(
        label="Messages a second, at most",
        required=False,
        min_value=1,
        max_value=100_000,
        help_text="Empty: as fast as it takes them.",
    )
    per_domain = forms.CharField(
        label="… to one domain",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, **PLAIN, "placeholder": "gmail.com 20\n* 50"}),
        help_text="A line each: the domain of the recipients and messages a second; * is any other domain.",
    )
    message_cost = forms.DecimalField(
        label="What a message costs",
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=6,
        help_text="In the currency of your reports. Campaigns count it against what they bring in.",
    )

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        account: Account | None = None,
        kept: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        """`kept`: the secrets the account has."""
        self.kind, self.account, self.kept = kind, account, dict(kept or {})
        kwargs["initial"] = _initial(kind, account)
        super().__init__(*args, **kwargs)
        for one in kind.fields:
            self.fields[f"set_{one.key}"] = self._made(one)

    def own_fields(self) -> Iterator[forms.BoundField]:
        for one in self.kind.fields:
            yield self[f"set_{one.key}"]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Account.objects.filter(name=name).exclude(pk=self.account.pk if self.account else 0).exists():
            raise forms.ValidationError("Another account has this name.")
        return name

    def clean_per_domain(self) -> dict[str, int]:
        lines = [line.split() for line in str(self.cleaned_data["per_domain"]).splitlines() if line.strip()]
        if len(lines) > MOST_DOMAINS:
            raise forms.ValidationError(f"At most {MOST_DOMAINS} domains.")
        for line in lines:
            if len(line) != 2 or not line[1].isascii() or not line[1].isdigit() or not 0 < int(line[1]) <= 100_000:
                raise forms.ValidationError(f"“{' '.join(line)[:60]}”: write a domain and a number: gmail.com 20.")
        return {domain.lower(): int(n) for domain, n in lines}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            plan = self.plan()
            try:
                self.kind.opens(plan.settings, plan.secrets)
            except BadSettings as error:
                raise forms.ValidationError(str(error)) from error
        return cleaned

    def plan(self) -> Plan:
        entered = {one.key: self.cleaned_data[f"set_{one.key}"] for one in self.kind.fields}
        secrets = {key: str(entered.pop(key) or self.kept.get(key, "")) for key in self.kind.secrets}
        return Plan(
            name=self.cleaned_data["name"],
            settings={key: value for key, value in entered.items() if value not in ("", None)},
            secrets=secrets,
            per_second=self.cleaned_data["per_second"],
            per_domain=self.cleaned_data["per_domain"],
            message_cost=self.cleaned_data["message_cost"],
        )

    def _made(self, one: Field) -> forms.Field:
        given: dict[str, Any] = {"label": one.label, "help_text": one.help, "required": one.is_required}
        match one.input:
            case Input.NUMBER:
                return forms.IntegerField(min_value=one.least, max_value=one.most, **given)
            case Input.CHOICE:
                return forms.ChoiceField(choices=one.choices, **given)
            case Input.SECRET:
                is_kept = bool(self.kept.get(one.key))
                attrs = {"autocomplete": "new-password", "placeholder": "kept; type to replace it" if is_kept else ""}
                given["required"] = one.is_required and not is_kept
                return forms.CharField(max_length=10_000, strip=True, widget=forms.PasswordInput(attrs=attrs), **given)
            case Input.TEXT:
                return forms.CharField(max_length=500, widget=forms.TextInput(attrs=PLAIN), **given)


class SenderForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, help_text="What recipients read: Anna of Example Shop.")
    address = forms.EmailField(label="Address", max_length=254, help_text="hello@shop.example")


class CompanyForm(forms.Form):
    company = forms.CharField(
        max_length=120, required=False, help_text="What you are called as a sender: Example Shop Ltd."
    )
    postal_address = forms.CharField(
        label="Postal address",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The law of many countries wants it in every mail that sells something.",
    )


def _initial(kind: Kind, account: Account | None) -> dict[str, Any]:
    own = {one.key: one.initial for one in kind.fields if one.input != Input.SECRET}
    if account is None:
        return {f"set_{key}": value for key, value in own.items()}
    own |= {key: account.settings.get(key, "") for key in own}
    return {
        "name": account.name,
        "per_second": account.per_second,
        "per_domain": "\n".join(f"{domain} {n}" for domain, n in account.per_domain.items()),
        "message_cost": account.message_cost,
        **{f"set_{key}": value for key, value in own.items()},
    }
