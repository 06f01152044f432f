from django.urls import path

from identity.views import audited_links, history, many, person, review

app_name = "identity"
urlpatterns = [
    path("duplicates/", review.queue, name="review"),
    path("duplicates/<int:pk>/decide/", review.decide, name="decide"),
    path("duplicates/<int:pk>/if-merged/", review.if_merged, name="if_merged"),
    path("duplicates/undo/<int:pk>/", review.undo, name="undo"),
    path("duplicates/many/", many.decide_many, name="many"),
    path("duplicates/jobs/<int:pk>/", many.job, name="job"),
    path("duplicates/jobs/<int:pk>/progress/", many.job_progress, name="job_progress"),
    path("duplicates/jobs/<int:pk>/stop/", many.job_stop, name="job_stop"),
    path("duplicates/jobs/<int:pk>/undo/", many.job_undo, name="job_undo"),
    path("duplicates/estimate/", audited_links.estimate, name="estimate"),
    path("audit/", audited_links.page, name="audit"),
    path("audit/draw/", audited_links.draw_sample, name="audit_draw"),
    path("audit/<int:pk>/answer/", audited_links.answer, name="audit_answer"),
    path("audit/<int:pk>/undo/", audited_links.undo, name="audit_undo"),
    path("duplicates/history/", history.history, name="history"),
    path("decisions/<int:pk>/undo/", history.undo_decision, name="undo_decision"),
    path("merges/<int:pk>/unmerge/", person.unmerge, name="unmerge"),
    path("people/<uuid:uuid>/", person.person, name="person"),
    path("people/<uuid:uuid>/why/", person.why_panel, name="why"),
    path("people/<uuid:uuid>/split/", person.split, name="split"),
    path("people/<uuid:uuid>/merge/", person.merge, name="merge"),
]
