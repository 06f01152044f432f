from django.urls import path

from cdp.privacy import api as privacy_api
from cdp.privacy import requests_api
from cdp.privacy.views import panel, prompt, requests, settings, suppressions

app_name = "privacy"
urlpatterns = [
    path("people/<uuid:uuid>/consent/", panel.consent, name="consent"),
    path("requests/", requests.requests, name="requests"),
    path("requests/find/", requests.find, name="find"),
    path("requests/copy/", requests.copy_person, name="copy"),
    path("requests/erase/", requests.erase_person, name="erase"),
    path("requests/people/<uuid:uuid>/", requests.person_page, name="person"),
    path("requests/people/<uuid:uuid>/elsewhere/", requests.elsewhere, name="elsewhere"),
    path("requests/<uuid:uuid>/", requests.request_page, name="request"),
    path("requests/<uuid:uuid>/progress/", requests.progress, name="progress"),
    path("requests/<uuid:uuid>/files/<slug:form>/", requests.download, name="download"),
    path("requests/<uuid:uuid>/lift/", requests.lift, name="lift"),
    path("requests/<uuid:uuid>/again/", requests.try_again, name="try_again"),
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
    path("privacy/requests", requests_api.Requests.as_view(), name="privacy_requests"),
    path("privacy/requests/<anything:uuid>", requests_api.Request.as_view(), name="privacy_request"),
    path("suppressions", privacy_api.Suppressions.as_view(), name="suppressions"),
]
