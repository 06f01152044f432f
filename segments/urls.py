from django.urls import path

from segments import panel
from segments.views import builder, pages, preview

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
]
