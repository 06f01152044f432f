from django.urls import path

from campaigns import panel
from campaigns.views import campaigns, feeds, mailbox, visitors
from campaigns.views import campaigns, mailbox, visitors, words

app_name = "campaigns"
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("", campaigns.campaigns, name="campaigns"),
    path("new/", campaigns.new, name="new"),
    path("<int:pk>/", campaigns.campaign, name="campaign"),
    path("<int:pk>/edit/", campaigns.edit, name="edit"),
    path("<int:pk>/send/", campaigns.send, name="send"),
    path("words/", words.words, name="words"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<uuid:ref>/", mailbox.mail, name="mail"),
    path("mailbox/<uuid:ref>/html/", mailbox.mail_html, name="mail_html"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/new/", feeds.new, name="feed_new"),
    path("feeds/<int:pk>/", feeds.feed, name="feed"),
    path("feeds/<int:pk>/edit/", feeds.edit, name="feed_edit"),
    path("feeds/<int:pk>/try/", feeds.attempt_feed, name="feed_try"),
    path("feeds/<int:pk>/archive/", feeds.archive, name="feed_archive"),
    path("feeds/<int:pk>/restore/", feeds.restore, name="feed_restore"),
    path("c/<str:token>/", visitors.click, name="click"),
    path("u/<str:token>/", visitors.unsubscribe, name="unsubscribe"),
]
