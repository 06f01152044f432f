from django.urls import path

from cdp.analytics import api as api_views
from cdp.analytics import panel
from cdp.analytics.views import builder, pages

app_name = "analytics"
urlpatterns = [
    path("", pages.traits, name="traits"),
    path("new/", builder.new, name="new"),
    path("preview/", builder.preview, name="preview"),
    path("rfm/", pages.rfm, name="rfm"),
    path("rfm/<int:recency>/<int:frequency>/", pages.rfm_people, name="rfm_people"),
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("<int:pk>/", pages.trait, name="trait"),
    path("<int:pk>/edit/", builder.edit, name="edit"),
    path("<int:pk>/progress/", pages.progress, name="progress"),
    path("<int:pk>/recompute/", pages.recompute, name="recompute"),
    path("<int:pk>/switch/", pages.switch, name="switch"),
    path("<int:pk>/remove/", pages.remove, name="remove"),
]

# Part of the API's router in cdp/urls.py.
api = [
    path("computed-traits", api_views.Traits.as_view(), name="computed_traits"),
    path("computed-traits/schema", api_views.Schema.as_view(), name="computed_traits_schema"),
    path("computed-traits/<str:key>", api_views.OneTrait.as_view(), name="computed_trait"),
    path("profiles/<anything:who>/computed-traits", api_views.OfPerson.as_view(), name="profile_computed_traits"),
]
