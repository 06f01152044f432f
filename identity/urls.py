from django.urls import path

from identity.api import candidates as candidates_api
from identity.api import merges as merges_api
from identity.api import rules as rules_api
from identity.views import audited_links, everybody, history, many, person, quality, review, rules, versions

app_name = "identity"
urlpatterns = [
    path("duplicates/", review.queue, name="review"),
    path("duplicates/<int:pk>/decide/", review.decide, name="decide"),
    path("duplicates/<int:pk>/if-merged/", review.if_merged, name="if_merged"),
    path("duplicates/undo/<int:pk>/", review.undo, name="undo"),
    path("duplicates/many/", many.decide_many, name="many"),
    path("duplicates/jobs/<int:pk>/", many.job, name="job"),
    path("duplicates/jobs/<int:pk>/progress/", many.job_progress, name="job_progress"),
    path("duplicates/jobs/<int:pk>/stop/", many.job_stop, name="job_stop"),
    path("duplicates/jobs/<int:pk>/undo/", many.job_undo, name="job_undo"),
    path("duplicates/estimate/", audited_links.estimate, name="estimate"),
    path("duplicates/audit/", audited_links.page, name="audit"),
    path("duplicates/audit/draw/", audited_links.draw_sample, name="audit_draw"),
    path("duplicates/audit/<int:pk>/answer/", audited_links.answer, name="audit_answer"),
    path("duplicates/audit/<int:pk>/undo/", audited_links.undo, name="audit_undo"),
    path("duplicates/history/", history.history, name="history"),
    path("decisions/<int:pk>/undo/", history.undo_decision, name="undo_decision"),
    path("merges/<int:pk>/unmerge/", person.unmerge, name="unmerge"),
    path("people/<uuid:uuid>/", person.person, name="person"),
    path("people/<uuid:uuid>/why/", person.why_panel, name="why"),
    path("people/<uuid:uuid>/split/", person.split, name="split"),
    path("people/<uuid:uuid>/merge/", person.merge, name="merge"),
    path("rules/", rules.rules, name="rules"),
    path("rules/edit/", rules.edit, name="rules_edit"),
    path("rules/touches/", rules.touches, name="rules_touches"),
    path("rules/likeness/", rules.likeness, name="rules_likeness"),
    path("rules/block/", rules.block, name="rules_block"),
    path("rules/allow/", rules.allow, name="rules_allow"),
    path("rules/history/", versions.history, name="rules_history"),
    path("everybody/", everybody.start, name="everybody_start"),
    path("everybody/<int:pk>/", everybody.progress, name="everybody_progress"),
    path("everybody/<int:pk>/stop/", everybody.stop, name="everybody_stop"),
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

# Part of the API's router in cdp/urls.py. A value may hold slashes, so the longer address comes first.
api = [
    path("identity/merges", merges_api.Merges.as_view(), name="merges"),
    path("identity/merges/<anything:merge_id>/unmerge", merges_api.Unmerge.as_view(), name="unmerge"),
    path("identity/profiles/<anything:who>/split", merges_api.Split.as_view(), name="split"),
    path("identity/separations", merges_api.Separations.as_view(), name="separations"),
    path("identity/separations/<anything:separation_id>", merges_api.OneSeparation.as_view(), name="separation"),
    path("identity/candidates", candidates_api.Candidates.as_view(), name="candidates"),
    path(
        "identity/candidates/<anything:candidate_id>/decision",
        candidates_api.CandidateDecision.as_view(),
        name="candidate_decision",
    ),
    path("identity/rules", rules_api.IdentityRules.as_view(), name="identity_rules"),
    path("identity/rules/<anything:version>/try", rules_api.TryRules.as_view(), name="identity_rules_try"),
    path("identity/rules/<anything:version>/apply", rules_api.ApplyRules.as_view(), name="identity_rules_apply"),
    path("identity/rules/<anything:version>", rules_api.RulesVersion.as_view(), name="identity_rules_version"),
    path("identity/matching/full-pass", rules_api.FullPass.as_view(), name="identity_full_pass"),
    path("identity/quality", rules_api.Quality.as_view(), name="identity_quality"),
]
