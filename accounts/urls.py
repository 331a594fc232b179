"""Addresses of pages, below /accounts/."""

from django.urls import path

from accounts.views import keys, members, notifications, organizations, people

app_name = "accounts"

urlpatterns = [
    path("", people.account, name="account"),
    path("organization/", organizations.organization_detail, name="organization_detail"),
    path("organization/edit/", organizations.organization_update, name="organization_update"),
    path("organizations/new/", organizations.organization_register, name="organization_register"),
    path(
        "organizations/<str:code>/use/",
        organizations.organization_switch,
        name="organization_switch",
    ),
    path("notifications/", notifications.notification_list, name="notification_list"),
    path(
        "notifications/settings/",
        notifications.notification_settings,
        name="notification_settings",
    ),
    path("notifications/read/", notifications.notification_read_all, name="notification_read_all"),
    path(
        "notifications/<str:code>/read/",
        notifications.notification_read,
        name="notification_read",
    ),
    path("team/", members.member_list, name="member_list"),
    path("team/add/", members.member_add, name="member_add"),
    path("team/<str:code>/end/", members.member_end, name="member_end"),
    path("keys/", keys.key_list, name="key_list"),
    path("keys/new/", keys.key_create, name="key_create"),
    path("keys/<str:code>/revoke/", keys.key_revoke, name="key_revoke"),
]
