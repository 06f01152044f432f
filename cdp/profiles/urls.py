from django.urls import path

from cdp.profiles import api as profiles_api
from cdp.profiles.views import history, people, person, rollbacks, rules

app_name = "profiles"
urlpatterns = [
    path("", people.people, name="list"),
    path("export/", people.export, name="export"),
    path("traits/", rules.rule_list, name="rules"),
    path("traits/rule/", rules.rule, name="rule"),
    path("work/<int:pk>/", rules.work, name="work"),
    path("work/<int:pk>/progress/", rules.work_progress, name="work_progress"),
    path("work/<int:pk>/again/", rules.work_again, name="work_again"),
    path("rollbacks/", rollbacks.rollbacks, name="rollbacks"),
    path("rollbacks/new/", rollbacks.new_rollback, name="rollback_new"),
    path("rollbacks/<int:pk>/", rollbacks.rollback, name="rollback"),
    path("rollbacks/<int:pk>/undo/", rollbacks.undo_rollback, name="rollback_undo"),
    path("<uuid:uuid>/", person.person, name="detail"),
    path("<uuid:uuid>/traits/", person.traits, name="traits"),
    path("<uuid:uuid>/changes/", history.changes, name="changes"),
    path("<uuid:uuid>/as-of/", history.person_as_of, name="as_of"),
    path("<uuid:uuid>/raw/", person.raw, name="raw"),
]

# Part of the API's router in cdp/urls.py.
api = [
    path("trait-rules", profiles_api.TraitRules.as_view(), name="trait_rules"),
    path("trait-rules/<anything:trait>", profiles_api.OneTraitRule.as_view(), name="trait_rule"),
    path("rollbacks", profiles_api.Rollbacks.as_view(), name="rollbacks"),
    path("rollbacks/<anything:number>/undo", profiles_api.UndoRollback.as_view(), name="rollback_undo"),
    path("rollbacks/<anything:number>", profiles_api.OneRollback.as_view(), name="rollback"),
]
