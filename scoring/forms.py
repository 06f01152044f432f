from django import forms

from scoring.models import Predictor


class New(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="Such as “Buys in 90 days”.")
    event_name = forms.CharField(
        label="What is predicted: that people do this event",
        max_length=200,
        initial="Order Completed",
        widget=forms.TextInput(attrs={"list": "events", "autocomplete": "off"}),
    )
    days = forms.IntegerField(label="Within how many days", min_value=1, max_value=365, initial=90)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Predictor.objects.filter(name=name).exists():
            raise forms.ValidationError("Another predictor has this name.")
        return name
