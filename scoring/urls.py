from django.urls import path

from scoring import panel
from scoring.api import best_hour as best_hour_api
from scoring.api import predictors as predictors_api
from scoring.api import scores as scores_api
from scoring.cluster import api as cluster_api
from scoring.cluster import views as cluster_views
from scoring.recommend import api as items_api
from scoring.recommend import pages as items_pages
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

urlpatterns += [
    path("clusters/", cluster_views.clusterings, name="clusterings"),
    path("clusters/new/", cluster_views.new, name="clustering_new"),
    path("clusters/<int:pk>/", cluster_views.clustering, name="clustering"),
    path("clusters/<int:pk>/edit/", cluster_views.edit, name="clustering_edit"),
    path("clusters/<int:pk>/run/", cluster_views.run_now, name="clustering_run"),
    path("clusters/<int:pk>/cut/", cluster_views.cut, name="clustering_cut"),
    path("clusters/<int:pk>/jobs/<int:job_id>/", cluster_views.progress, name="clustering_job"),
    path("clusters/<int:pk>/archive/", cluster_views.archive, name="clustering_archive"),
    path("clusters/<int:pk>/restore/", cluster_views.restore, name="clustering_restore"),
    path("clusters/<int:pk>/<int:cluster_id>/", cluster_views.members, name="cluster_people"),
    path("clusters/<int:pk>/<int:cluster_id>/rename/", cluster_views.rename, name="cluster_rename"),
    path("clusters/of/<uuid:uuid>/", cluster_views.of_person, name="clusters_of_person"),
]

api += [
    path("clusterings", cluster_api.Clusterings.as_view(), name="clusterings"),
    path("clusterings/<anything:number>", cluster_api.OneClustering.as_view(), name="clustering"),
]

urlpatterns += [
    path("recommendations/", items_pages.recommendations, name="recommendations"),
    path("recommendations/settings/", items_pages.save, name="recommendations_save"),
    path("recommendations/run/", items_pages.run_now, name="recommendations_run"),
    path("recommendations/jobs/<int:job_id>/", items_pages.progress, name="recommendations_progress"),
    path("recommendations/jobs/<int:job_id>/stop/", items_pages.stop, name="recommendations_stop"),
    path("recommendations/try/item/", items_pages.try_item, name="recommendations_item"),
    path("recommendations/try/person/", items_pages.try_person, name="recommendations_person"),
    path("recommendations/person/<uuid:uuid>/", items_pages.of_person, name="recommended_to_person"),
]

api += [
    path("profiles/<anything:who>/items", items_api.PersonItems.as_view(), name="profile_items"),
    path("items/<anything:item_id>/similar", items_api.ItemsLike.as_view(), name="items_similar"),
]
