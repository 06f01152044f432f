from django.urls import path

from cdp.connectors import views

app_name = "connectors"
urlpatterns = [
    path("", views.import_list, name="imports"),
    path("new/", views.new_import, name="import_new"),
    path("<int:pk>/", views.one_import, name="import"),
    path("<int:pk>/mapping/", views.map_import, name="import_map"),
    path("<int:pk>/progress/", views.progress, name="import_progress"),
    path("<int:pk>/stop/", views.stop_import, name="import_stop"),
    path("<int:pk>/continue/", views.continue_import, name="import_continue"),
    path("<int:pk>/rejected.csv", views.rejected_rows, name="import_rejected"),
]
