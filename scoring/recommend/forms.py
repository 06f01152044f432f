from typing import Any

from django import forms

from scoring.item_models import Recommending
from segments.schedule import BadCron, read_cron


class SettingsForm(forms.Form):
    floor_pct = forms.FloatField(
        label="Show what is popular below (percent)",
        min_value=0,
        max_value=100,
        help_text="How likely somebody comes to an item within four weeks. Below it, popular items are shown.",
    )
    leaves_out_bought_days = forms.IntegerField(
        label="Leave out what was bought within so many days",
        min_value=0,
        max_value=3650,
        help_text="0 recommends it as well. What people buy again and again comes back when it is about due.",
    )
    schedule = forms.CharField(
        label="When everything is learned anew",
        max_length=100,
        help_text="Five fields as in cron: minute, hour, day, month, weekday. “40 2 * * *” is every night at 2:40.",
    )

    def clean_schedule(self) -> str:
        try:
            return read_cron(self.cleaned_data["schedule"])
        except BadCron as error:
            raise forms.ValidationError(str(error)) from error

    @staticmethod
    def initial_of(row: Recommending) -> dict[str, Any]:
        return {
            "floor_pct": round(100 * row.floor, 4),
            "leaves_out_bought_days": row.leaves_out_bought_days,
            "schedule": row.schedule,
        }
