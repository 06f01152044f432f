from django.urls import path

from segments import panel
from segments.views import builder, pages

app_name = "segments"
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("", pages.segments, name="segments"),
    path("new/", builder.new, name="new"),
    path("preview/", builder.preview, name="preview"),
    path("<int:pk>/", pages.segment, name="segment"),
    path("<int:pk>/edit/", builder.edit, name="edit"),
    path("<int:pk>/why/<int:profile_id>/", pages.why, name="why"),
    path("<int:pk>/archive/", pages.archive, name="archive"),
]
