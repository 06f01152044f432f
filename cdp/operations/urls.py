from django.urls import path

from cdp.operations.views import probes, schedules, system

app_name = "operations"
urlpatterns = [
    path("", system.system, name="system"),
    path("jobs/<int:pk>/cancel/", system.cancel, name="cancel"),
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/<str:key>/pause/", schedules.pause, name="pause"),
    path("schedules/<str:key>/resume/", schedules.resume, name="resume"),
    path("schedules/<str:key>/run/", schedules.run_now, name="run_now"),
]
probes_urls = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
]
