from django.urls import path

from scoring import panel
from scoring.api import best_hour as best_hour_api
from scoring.api import predictors as predictors_api
from scoring.api import scores as scores_api
from scoring.views import best_hour, listed, people, predictor, set_up, training, versions, watch

app_name = "scoring"
urlpatterns = [
    path("", listed.predictors, name="predictors"),
    path("starters/<slug:key>/", listed.start, name="start"),
    path("new/", set_up.new, name="new"),
    path("new/preview/", set_up.preview, name="preview"),
    path("<int:pk>/", predictor.predictor, name="predictor"),
    path("<int:pk>/sentence/", predictor.what_it_says, name="sentence"),
    path("<int:pk>/now/", predictor.now_part, name="now"),
    path("<int:pk>/people/", people.people, name="people"),
    path("<int:pk>/edit/", set_up.edit, name="edit"),
    path("<int:pk>/edit/preview/", set_up.preview, name="preview_of"),
    path("<int:pk>/archive/", predictor.archive, name="archive"),
    path("<int:pk>/restore/", predictor.restore, name="restore"),
    path("<int:pk>/versions/", versions.versions, name="versions"),
    path("<int:pk>/versions/<int:number>/use/", versions.use, name="use_version"),
    path("<int:pk>/train/", training.train_now, name="train"),
    path("jobs/<int:job_id>/", training.progress, name="progress"),
    path("jobs/<int:job_id>/stop/", training.stop, name="stop"),
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("person/<uuid:uuid>/reasons/", panel.reasons, name="reasons"),
    path("person/<uuid:uuid>/rescore/", panel.rescore, name="rescore"),
    path("person/<uuid:uuid>/history/", panel.history, name="history_of_person"),
    path("<int:pk>/watch/", watch.watch, name="watch"),
    path("best-hour/", best_hour.best_hour, name="best_hour"),
    path("best-hour/<int:hour>/people/", best_hour.best_hour_people, name="best_hour_people"),
    path("best-hour/find/", best_hour.best_hour_find, name="best_hour_find"),
    path("best-hour/jobs/<int:job_id>/", best_hour.best_hour_progress, name="best_hour_progress"),
]

# Part of the API's router in cdp/urls.py. What a person is called may hold slashes.
api = [
    path("profiles/<anything:who>/best-hour", best_hour_api.BestHour.as_view(), name="profile_best_hour"),
    path("profiles/<anything:who>/scores", scores_api.OfPerson.as_view(), name="profile_scores"),
    path("predictors", predictors_api.Predictors.as_view(), name="predictors"),
    path("predictors/<anything:number>", predictors_api.OnePredictor.as_view(), name="predictor"),
]
