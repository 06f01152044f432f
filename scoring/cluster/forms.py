"""Setting up a clustering."""

from typing import Any

from django import forms

from scoring.cluster.themes import DEFAULT, LEAST_DAYS, offered
from scoring.models import Clustering
from segments.forms import RuleField
from segments.schedule import BadCron, read_cron

EVERYBODY, SOME = "everybody", "some"
OWN = "own"
PACES = (
    ("40 3 * * 1", "Every Monday, 3:40"),
    ("40 3 * * *", "Every day, 3:40"),
    ("40 3 1 * *", "On the first of the month, 3:40"),
    (OWN, "At other times"),
)
MOST = 20
METHODS = {
    "k_means": "K-Means: everybody is in a cluster, the one whose middle is nearest. The usual choice.",
    "hierarchical": "Hierarchical: small groups joined step by step (Ward), with the tree to look at.",
    "hdbscan": "HDBSCAN: crowded places of any density; who stands apart is in no cluster.",
    "dbscan": "DBSCAN: crowded places of one density; who stands apart is in no cluster.",
}


class Population(RuleField):
    """May be left empty."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) if value not in self.empty_values else None


class SetUp(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="Such as “Ways to shop”.")
    whom = forms.ChoiceField(
        label="Who is grouped",
        choices=((EVERYBODY, "Everybody"), (SOME, "People by a rule")),
        widget=forms.RadioSelect,
        initial=EVERYBODY,
    )
    population = Population(required=False)
    least_days = forms.IntegerField(
        label="Only who came on at least so many days in the last year",
        min_value=1,
        max_value=100,
        initial=LEAST_DAYS,
        help_text="A visit or an order makes a day. Of others too little is known to say what kind they are.",
    )
    features = forms.MultipleChoiceField(label="By what", widget=forms.CheckboxSelectMultiple)
    method = forms.ChoiceField(
        label="How", choices=tuple(METHODS.items()), widget=forms.RadioSelect, initial=Clustering.Method.K_MEANS
    )
    wanted = forms.TypedChoiceField(
        label="How many clusters",
        choices=(("", "As many as the figures speak for"), *((str(n), str(n)) for n in range(2, MOST + 1))),
        coerce=int,
        empty_value=None,
        required=False,
        help_text="For K-Means and hierarchical; the other methods find the number themselves.",
    )
    pace = forms.ChoiceField(label="Runs again", choices=PACES)
    cron = forms.CharField(
        label="Times",
        max_length=100,
        required=False,
        help_text="Minute, hour, day of the month, month, day of the week: 30 6 * * 1 is every Monday at 6:30.",
    )

    def __init__(self, *args: Any, clustering: Clustering | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(clustering)
        super().__init__(*args, **kwargs)
        self.clustering = clustering
        self.fields["features"].choices = [  # type: ignore[attr-defined]
            (name, column.says) for name, column in offered().items()
        ]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        others = Clustering.objects.filter(name=name)
        if self.clustering:
            others = others.exclude(pk=self.clustering.pk)
        if others.exists():
            raise forms.ValidationError("Another clustering has this name, perhaps an archived one.")
        return name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("whom") == EVERYBODY:
            given["population"] = None
            self.errors.pop("population", None)
        elif not given.get("population") and "population" not in self.errors:
            self.add_error("population", "Say which people, or choose everybody.")
        given["schedule"] = given.get("pace", "")
        if given.get("pace") == OWN:
            try:
                given["schedule"] = read_cron(given.get("cron", ""))
            except BadCron as error:
                self.add_error("cron", str(error))
        if given.get("method") not in (Clustering.Method.K_MEANS, Clustering.Method.HIERARCHICAL):
            given["wanted"] = None
        return given

    def rule_problem(self) -> dict[str, str] | None:
        """Where in the rule the mistake is, for the builder."""
        for error in self.errors.as_data().get("population", []):
            return {"place": (error.params or {}).get("place", "root"), "message": str(error.message)}
        return None

    def chosen(self) -> list[str]:
        """Features that are ticked."""
        found = self["features"].value()
        return list(found or [])


class Cut(forms.Form):
    wanted = forms.IntegerField(min_value=2, max_value=MOST)


class Rename(forms.Form):
    name = forms.CharField(max_length=120)


def _initial(clustering: Clustering | None) -> dict[str, Any]:
    if clustering is None:
        return {"features": list(DEFAULT.features), "pace": PACES[0][0], "least_days": LEAST_DAYS}
    is_known = clustering.schedule in dict(PACES)
    return {
        "name": clustering.name,
        "whom": EVERYBODY if clustering.population is None else SOME,
        "population": clustering.population,
        "least_days": clustering.parameters.get("least_days", LEAST_DAYS),
        "features": clustering.features,
        "method": clustering.method,
        "wanted": clustering.wanted or "",
        "pace": clustering.schedule if is_known else OWN,
        "cron": "" if is_known else clustering.schedule,
    }
