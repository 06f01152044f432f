"""The forms of Consent and topics, and of Suppressions."""

from typing import Any

from django import forms

from cdp.privacy.models import ConsentPrompt, Purpose, Suppression, Topic
from cdp.privacy.policy import key_of
from cdp.profiles.addresses import address

NAMESPACES = [("email", "E-mail address"), ("phone", "Phone number")]
KEY_HELP = "How senders name it in their consent object; capitals, hyphens and underscores make no difference."


class PurposeForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Purpose
        fields = ("name", "key", "description", "data_used", "when_denied", "is_denied_by_gpc")
        labels = {
            "when_denied": "An event of someone who denied it",
            "is_denied_by_gpc": "Global Privacy Control in the browser counts as a denial",
            "data_used": "What data is used, and how",
        }
        help_texts = {
            "key": KEY_HELP,
            "data_used": "In words for the people it is about: they read it where they choose.",
        }
        widgets = {name: forms.Textarea(attrs={"rows": 2}) for name in ("description", "data_used")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["key"].disabled = True

    def clean_key(self) -> str:
        return _new_key(self.cleaned_data["key"], Purpose, self.instance.pk)


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Topic
        fields = ("name", "key", "purpose", "description", "is_offered", "needs_confirmation")
        labels = {
            "is_offered": "People can choose it themselves",
            "needs_confirmation": "A yes counts once the address is confirmed (double opt-in)",
        }
        help_texts = {
            "key": KEY_HELP,
            "purpose": "Who denied the purpose gets nothing on the topic either.",
            "is_offered": "On the page of their choices, and on the sign-up page.",
            "needs_confirmation": "Of what a browser sends. The sign-up page always asks for it; what you import, or"
            " send by the API, counts at once.",
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["key"].disabled = True

    def clean_key(self) -> str:
        return _new_key(self.cleaned_data["key"], Topic, self.instance.pk)


def _new_key(key: str, model: Any, pk: int | None) -> str:
    others = model.objects.exclude(pk=pk).values_list("key", flat=True)
    if key_of(key) in {key_of(other) for other in others}:
        raise forms.ValidationError("There is one with this key already, written alike.")
    return key


class PromptForm(forms.ModelForm):  # type: ignore[type-arg]
    more_url = forms.URLField(label="Address of your privacy notice", required=False, assume_scheme="https")
    purposes = forms.ModelMultipleChoiceField(
        queryset=Purpose.objects.order_by("name"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one purpose: without one there is nothing to ask."},
        help_text="What visitors can say yes or no to. When this changes they are asked again.",
    )

    class Meta:
        model = ConsentPrompt
        fields = ("title", "text", "purposes", "refuse", "accept", "choose", "more_url", "position")
        labels = {"title": "Question", "position": "Where it stands"}
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}


class SuppressionFilter(forms.Form):
    q = forms.CharField(label="Address", max_length=300, required=False)
    reason = forms.ChoiceField(
        label="Reason", choices=[("", "Any reason"), *Suppression.Reason.choices], required=False
    )


class SuppressionForm(forms.Form):
    namespace = forms.ChoiceField(label="Kind", choices=NAMESPACES)
    value = forms.CharField(label="Address", max_length=300)
    note = forms.CharField(label="Note", max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("value") and not address(given.get("namespace", "email"), given["value"]):
            self.add_error("value", "This is no such address: ada@example.org, or a number of 7 digits or more.")
        return given
