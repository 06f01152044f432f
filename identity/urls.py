from django.urls import path

from identity.views import quality, rules, versions

app_name = "identity"
urlpatterns = [
    path("rules/", rules.rules, name="rules"),
    path("rules/edit/", rules.edit, name="rules_edit"),
    path("rules/touches/", rules.touches, name="rules_touches"),
    path("rules/block/", rules.block, name="rules_block"),
    path("rules/allow/", rules.allow, name="rules_allow"),
    path("rules/history/", versions.history, name="rules_history"),
    path("rules/jobs/<int:pk>/", versions.progress, name="rules_job"),
    path("rules/jobs/<int:pk>/stop/", versions.stop, name="rules_stop"),
    path("rules/<int:pk>/", versions.version, name="rules_version"),
    path("rules/<int:pk>/estimate/", versions.estimate, name="rules_estimate"),
    path("rules/<int:pk>/try/", versions.try_it, name="rules_try"),
    path("rules/<int:pk>/apply/", versions.apply, name="rules_apply"),
    path("rules/<int:pk>/settle/", versions.settle_again, name="rules_settle"),
    path("rules/<int:pk>/discard/", versions.discard, name="rules_discard"),
    path("rules/<int:pk>/back/", versions.go_back, name="rules_back"),
    path("quality/", quality.quality, name="quality"),
    path("quality/people/<slug:group>/", quality.quality_people, name="quality_people"),
    path("quality/count/", quality.count_now, name="quality_count"),
    path("quality/jobs/<int:pk>/", quality.count_progress, name="quality_job"),
]
