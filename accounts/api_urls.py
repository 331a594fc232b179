"""Addresses of the API, below /api/v1/."""

from django.urls import path

from accounts.api import keys, members, notifications, organizations, people, references

urlpatterns = [
    path("me/", people.MeView.as_view(), name="api-me-read"),
    path("organizations/", organizations.OrganizationListView.as_view(), name="api-organizations"),
    path("organization/", organizations.OrganizationView.as_view(), name="api-organization"),
    path("sizes/", organizations.SizeView.as_view(), name="api-size-classify"),
    path("industries/", references.IndustryListView.as_view(), name="api-industry-list"),
    path("regions/", references.RegionListView.as_view(), name="api-region-list"),
    path(
        "notifications/",
        notifications.NotificationListView.as_view(),
        name="api-notification-list",
    ),
    path(
        "notifications/<str:code>/read/",
        notifications.NotificationReadView.as_view(),
        name="api-notification-read",
    ),
    path("members/", members.MemberListView.as_view(), name="api-members"),
    path("members/<str:code>/end/", members.MemberEndView.as_view(), name="api-member-end"),
    path("keys/", keys.KeyListView.as_view(), name="api-keys"),
    path("keys/<str:code>/revoke/", keys.KeyRevokeView.as_view(), name="api-key-revoke"),
]
