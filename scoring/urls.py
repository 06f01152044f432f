from django.urls import path

from scoring import panel, views

app_name = "scoring"
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("", views.predictors, name="predictors"),
    path("new/", views.new, name="new"),
    path("<int:pk>/train/", views.train_now, name="train"),
    path("jobs/<int:job_id>/", views.progress, name="progress"),
]
