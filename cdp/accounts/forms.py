"""The forms of the account pages."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password

from cdp.accounts.models import Source, User
from cdp.accounts.roles import CHOICES
from cdp.accounts.scopes import SCOPES

LIFETIMES = [("30", "30 days"), ("90", "90 days"), ("365", "One year"), ("", "Never")]


def password_field(label: str, *, is_new: bool = False) -> forms.CharField:
    complete = "new-password" if is_new else "current-password"
    return forms.CharField(
        label=label,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": complete}),
        help_text=password_validators_help_text_html() if is_new else "",
    )


class SignIn(forms.Form):
    username = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = password_field("Password")


class Code(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="Six digits from your authenticator app, or one of your recovery codes.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class OwnDetails(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["name"]
        labels = {"name": "Your name"}


class NewPassword(forms.Form):
    """Changes one's own password; the present one is checked by the view, which counts wrong ones."""

    old = password_field("Present password")
    new = password_field("New password", is_new=True)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new(self) -> str:
        password = str(self.cleaned_data["new"])
        validate_password(password, self.user)
        return password


class OnlyPassword(forms.Form):
    password = password_field("Your password")


class Invite(forms.Form):
    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(label="Role", choices=CHOICES, initial="viewer")


class RoleChange(forms.Form):
    role = forms.ChoiceField(label="Role", choices=CHOICES)


class Join(forms.Form):
    name = forms.CharField(label="Your name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = password_field("Password", is_new=True)

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            validate_password(cleaned.get("password", ""), User(email=self.email, name=str(cleaned.get("name", ""))))
        except forms.ValidationError as error:
            self.add_error("password", error)
        return cleaned


KINDS = [choice for choice in Source.Kind.choices if choice[0] != Source.Kind.INTERNAL]


class NewSource(forms.ModelForm):  # type: ignore[type-arg]
    kind = forms.ChoiceField(label="Kind", choices=KINDS, initial=Source.Kind.WEB)

    class Meta:
        model = Source
        fields = ["name", "kind", "trust_rank"]
        labels = {"trust_rank": "Trust rank"}
        help_texts = {
            "name": "As your team calls it: “Web shop”, “Loyalty app”.",
            "trust_rank": "Where sources disagree about a person, the lower rank wins. 50 is usual.",
        }


class ChangeSource(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Source
        fields = ["name", "trust_rank", "plan", "events_per_s", "is_active"]
        labels = {
            "trust_rank": "Trust rank",
            "plan": "Events that break the tracking plan",
            "events_per_s": "Events per second at most",
            "is_active": "Takes in events",
        }
        help_texts = {
            "trust_rank": "Where sources disagree about a person, the lower rank wins.",
            "events_per_s": "0 takes the limit of the deployment.",
        }


class NewToken(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="What will use it: “Data warehouse”.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope, f"{words} ({scope})") for scope, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    lifetime = forms.ChoiceField(label="Expires after", choices=LIFETIMES, initial="90", required=False)


class AuditFilter(forms.Form):
    who = forms.CharField(label="Who", required=False, max_length=150, widget=forms.TextInput(attrs={"type": "search"}))
    verb = forms.ChoiceField(label="Did what", required=False)
    target = forms.CharField(
        label="To what", required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    since = forms.DateField(label="Since", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, verbs: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["verb"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Anything"), *((verb, verb) for verb in verbs)]
