from django.urls import path

from scoring import panel, views
from scoring.cluster import api as cluster_api
from scoring.cluster import views as cluster_views

app_name = "scoring"
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("", views.predictors, name="predictors"),
    path("new/", views.new, name="new"),
    path("<int:pk>/train/", views.train_now, name="train"),
    path("jobs/<int:job_id>/", views.progress, name="progress"),
]

urlpatterns += [
    path("clusters/", cluster_views.clusterings, name="clusterings"),
    path("clusters/new/", cluster_views.new, name="clustering_new"),
    path("clusters/<int:pk>/", cluster_views.clustering, name="clustering"),
    path("clusters/<int:pk>/edit/", cluster_views.edit, name="clustering_edit"),
    path("clusters/<int:pk>/run/", cluster_views.run_now, name="clustering_run"),
    path("clusters/<int:pk>/jobs/<int:job_id>/", cluster_views.progress, name="clustering_job"),
    path("clusters/<int:pk>/archive/", cluster_views.archive, name="clustering_archive"),
    path("clusters/<int:pk>/restore/", cluster_views.restore, name="clustering_restore"),
    path("clusters/<int:pk>/<int:cluster_id>/", cluster_views.members, name="cluster_people"),
    path("clusters/<int:pk>/<int:cluster_id>/rename/", cluster_views.rename, name="cluster_rename"),
    path("clusters/of/<uuid:uuid>/", cluster_views.of_person, name="clusters_of_person"),
]

# Part of the API's router in cdp/urls.py.
clusters_api = [
    path("clusterings/", cluster_api.Clusterings.as_view(), name="clusterings"),
    path("clusterings/<anything:number>/", cluster_api.OneClustering.as_view(), name="clustering"),
]
