from django.urls import path

from segments import panel
from segments.views import audit, builder, changes, explain, export, pages, parts, people
from segments.views import list as listed

app_name = "segments"
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("person/<uuid:uuid>/until/", panel.until, name="until"),
    path("person/<uuid:uuid>/history/", panel.history, name="history_of_person"),
    path("", listed.segments, name="segments"),
    path("export/", listed.export, name="export_list"),
    path("many/", listed.many, name="many"),
    path("people/", people.people, name="people"),
    path("people/export/", people.export, name="export_people"),
    path("audit/", audit.audit, name="audit"),
    path("audit/pairs/", audit.pairs, name="audit_pairs"),
    path("audit/matrix/", audit.matrix, name="matrix"),
    path("new/", builder.new, name="new"),
    path("preview/", builder.preview, name="preview"),
    path("<int:pk>/", pages.segment, name="segment"),
    path("<int:pk>/sentence/", pages.sentence, name="sentence"),
    path("<int:pk>/state/", pages.state, name="state"),
    path("<int:pk>/flow/", parts.flow, name="flow"),
    path("<int:pk>/overlap/", parts.overlap, name="overlap"),
    path("<int:pk>/distinguish/", parts.distinguish, name="distinguish"),
    path("<int:pk>/changes/", changes.changes, name="changes"),
    path("<int:pk>/changes/export/", changes.export, name="export_changes"),
    path("<int:pk>/export/", export.export, name="export"),
    path("<int:pk>/export/csv/", export.export_csv, name="export_csv"),
    path("<int:pk>/edit/", builder.edit, name="edit"),
    path("<int:pk>/explain/", explain.find, name="explain"),
    path("<int:pk>/why/<int:profile_id>/", explain.why, name="why"),
    path("<int:pk>/refresh/", pages.refresh_now, name="refresh_now"),
    path("<int:pk>/faults/seen/", pages.faults_seen, name="faults_seen"),
    path("<int:pk>/archive/", pages.archive, name="archive"),
]
