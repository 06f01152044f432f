from django.urls import path

from segments import panel
from segments.views import builder, lists, pages, preview, versions, work

app_name = "segments"
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("", pages.segments, name="segments"),
    path("new/", builder.new, name="new"),
    path("preview/", preview.preview, name="preview"),
    path("preview/person/", preview.person, name="preview_person"),
    path("preview/behind/", preview.behind, name="preview_behind"),
    path("preview/spread/", preview.spread, name="preview_spread"),
    path("suggest/", preview.suggest, name="suggest"),
    path("<int:pk>/", pages.segment, name="segment"),
    path("<int:pk>/edit/", builder.edit, name="edit"),
    path("<int:pk>/why/<int:profile_id>/", pages.why, name="why"),
    path("<int:pk>/archive/", pages.archive, name="archive"),
    path("<int:pk>/versions/", versions.versions, name="versions"),
    path("<int:pk>/versions/<int:number>/back/", versions.back, name="go_back"),
    path("<int:pk>/duplicate/", versions.copy, name="duplicate"),
    path("<int:pk>/restore/", versions.bring_back, name="restore"),
    path("<int:pk>/move/", versions.move, name="move"),
    path("<int:pk>/refresh/", work.refresh_now, name="refresh_now"),
    path("<int:pk>/jobs/<int:job_id>/", work.progress, name="job"),
    path("<int:pk>/checks/", work.checks, name="checks"),
    path("<int:pk>/checks/now/", work.check_now, name="check_now"),
    path("<int:pk>/checks/seen/", work.faults_seen, name="faults_seen"),
    path("<int:pk>/snapshot/", lists.take_snapshot, name="snapshot"),
    path("<int:pk>/people/", lists.add_people, name="add_people"),
    path("<int:pk>/people/<int:profile_id>/remove/", lists.remove_person, name="remove_person"),
    path("lists/new/", lists.new_list, name="new_list"),
    path("lists/of-rule/", lists.snapshot_of_rule, name="snapshot_of_rule"),
    path("lists/<int:job_id>/", lists.upload, name="upload"),
    path("lists/<int:job_id>/progress/", lists.upload_progress, name="upload_progress"),
    path("lists/<int:job_id>/make/", lists.make_list, name="make_list"),
    path("lists/<int:job_id>/discard/", lists.discard_upload, name="discard_upload"),
    path("lists/<int:job_id>/problems/", lists.problem_lines, name="problem_lines"),
]
