from django.urls import path

from campaigns import panel
from campaigns.views import campaigns, editor, mailbox, seeds, trial, visitors

app_name = "campaigns"
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("", campaigns.campaigns, name="campaigns"),
    path("new/", campaigns.new, name="new"),
    path("<int:pk>/", campaigns.campaign, name="campaign"),
    path("<int:pk>/edit/", campaigns.edit, name="edit"),
    path("<int:pk>/send/", campaigns.send, name="send"),
    path("mails/<int:pk>/", editor.editor, name="editor"),
    path("mails/<int:pk>/save/", editor.save, name="editor_save"),
    path("sentences/", editor.sentences, name="sentences"),
    path("mails/<int:pk>/test/", trial.test_send, name="test_send"),
    path("seeds/", seeds.seeds, name="seeds"),
    path("seeds/<int:pk>/remove/", seeds.remove_seed, name="remove_seed"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<uuid:ref>/", mailbox.mail, name="mail"),
    path("mailbox/<uuid:ref>/html/", mailbox.mail_html, name="mail_html"),
    path("c/<str:token>/", visitors.click, name="click"),
    path("u/<str:token>/", visitors.unsubscribe, name="unsubscribe"),
]
