from django.urls import path

from cdp.privacy import api as privacy_api
from cdp.privacy.views import panel, prompt, settings, suppressions

app_name = "privacy"
urlpatterns = [
    path("people/<uuid:uuid>/consent/", panel.consent, name="consent"),
    path("purposes/", settings.purposes, name="purposes"),
    path("purposes/new/", settings.purpose, name="purpose_new"),
    path("purposes/<int:pk>/", settings.purpose, name="purpose"),
    path("topics/new/", settings.topic, name="topic_new"),
    path("topics/<int:pk>/", settings.topic, name="topic"),
    path("consent-prompt/", prompt.edit, name="prompt"),
    path("consent-prompt.js", prompt.script, name="prompt_script"),
    path("suppressions/", suppressions.suppressions, name="suppressions"),
    path("suppressions/add/", suppressions.add, name="suppression_add"),
    path("suppressions/<int:pk>/remove/", suppressions.remove, name="suppression_remove"),
]

# Part of the API's router in cdp/urls.py.
api = [
    path("consents", privacy_api.Consents.as_view(), name="consents"),
    path("suppressions", privacy_api.Suppressions.as_view(), name="suppressions"),
]
