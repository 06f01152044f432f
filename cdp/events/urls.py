from django.urls import path

from cdp.events.api import events, history, items, people
from cdp.events.views import analysis, back, catalogue, correct, live, plan, quarantine, retention, timeline

app_name = "events"
urlpatterns = [
    path("items/", catalogue.items, name="items"),
    path("items/<path:pk>/change/", catalogue.change_item, name="item_change"),
    path("items/<path:pk>/aliases/", catalogue.add_alias, name="alias_add"),
    path("items/<path:pk>/aliases/<int:alias_pk>/remove/", catalogue.remove_alias, name="alias_remove"),
    path("items/<path:pk>/", catalogue.item, name="item"),
    path("rates/", catalogue.rates, name="rates"),
    path("rates/add/", catalogue.add_rates, name="rates_add"),
    path("live/", live.live, name="live"),
    path("live/rows/", live.rows, name="live_rows"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("quarantine/<int:pk>/", quarantine.message, name="message"),
    path("quarantine/<int:pk>/fix/", quarantine.fix, name="fix"),
    path("quarantine/<int:pk>/replay/", quarantine.replay, name="replay"),
    path("quarantine/<int:pk>/drop/", quarantine.drop, name="drop"),
    path("quarantine/all/replay/", quarantine.settle_all, {"verb": "replay"}, name="replay_all"),
    path("quarantine/all/drop/", quarantine.settle_all, {"verb": "drop"}, name="drop_all"),
    path("analysis/", analysis.exports, name="analysis"),
    path("analysis/new/", analysis.begin, name="analysis_new"),
    path("analysis/<int:pk>/", analysis.export, name="analysis_export"),
    path("analysis/<int:pk>/progress/", analysis.progress, name="analysis_progress"),
    path("analysis/<int:pk>/<slug:part>/", analysis.download, name="analysis_download"),
    path("retention/", retention.keeping, name="retention"),
    path("retention/progress/", retention.progress, name="retention_progress"),
    path("retention/keep/", retention.keep, name="retention_keep"),
    path("retention/run/", retention.run_now, name="retention_run"),
    path("retention/<int:pk>/remove/", retention.stop_keeping, name="retention_stop"),
    path("plan/", plan.plan, name="plan"),
    path("plan/event/", plan.event, name="event"),
    path("plan/event/save/", plan.save, name="plan_save"),
    path("plan/event/remove/", plan.remove, name="plan_remove"),
    path("plan/sources/<int:pk>/", plan.mode, name="plan_mode"),
    path("people/<uuid:uuid>/timeline/", timeline.timeline, name="timeline"),
    path("people/<uuid:uuid>/correct/", correct.correct_trait, name="correct"),
    path("people/<uuid:uuid>/back/<int:pk>/", back.roll_back, name="back"),
]

# Part of the API's router in cdp/urls.py. A value may hold slashes, so the longer address comes first.
api = [
    path("profiles", people.People.as_view(), name="profiles"),
    path("profiles/<anything:who>/events", people.PersonEvents.as_view(), name="profile_events"),
    path("profiles/<anything:who>/changes", history.PersonChanges.as_view(), name="profile_changes"),
    path("profiles/<anything:who>/rollback", history.RollBackTrait.as_view(), name="profile_rollback"),
    path("profiles/<anything:who>", people.Person.as_view(), name="profile"),
    path("events", events.Events.as_view(), name="events"),
    path("items", items.Items.as_view(), name="items"),
    path("items/<anything:item_id>", items.OneItem.as_view(), name="item"),
    path("item-aliases", items.Aliases.as_view(), name="item_aliases"),
]
