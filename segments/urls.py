from django.urls import path

from segments import panel, views

app_name = "segments"
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("", views.segments, name="segments"),
    path("new/", views.new, name="new"),
    path("preview/", views.preview, name="preview"),
    path("<int:pk>/", views.segment, name="segment"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/why/<int:profile_id>/", views.why, name="why"),
    path("<int:pk>/archive/", views.archive, name="archive"),
]
