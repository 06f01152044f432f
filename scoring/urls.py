from django.urls import path

from scoring import panel, views
from scoring.recommend import api as items_api
from scoring.recommend import pages as items_pages

app_name = "scoring"
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("", views.predictors, name="predictors"),
    path("new/", views.new, name="new"),
    path("<int:pk>/train/", views.train_now, name="train"),
    path("jobs/<int:job_id>/", views.progress, name="progress"),
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

# Part of the API's router in cdp/urls.py. A value may hold slashes, so the longer address comes first.
api = [
    path("profiles/<anything:who>/items", items_api.PersonItems.as_view(), name="profile_items"),
    path("items/<anything:item_id>/similar", items_api.ItemsLike.as_view(), name="items_similar"),
]
