"""The sign-in package's pages in our own dress."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-for-a-test"


@pytest.fixture
def signed_in(client: Client) -> Client:
    user = get_user_model().objects.create_user("li.mei@example.com", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mfa_index", "两步验证"),
        ("account_logout", "确认退出登录？"),
        ("account_reauthenticate", "请确认是您本人"),
        ("account_change_password", "至少 8 个字符"),
        ("account_email", "设为主邮箱"),
        ("usersessions_list", "本设备"),
    ],
)
def test_account_page_is_dressed_and_chinese(signed_in: Client, name: str, words: str) -> None:
    page = signed_in.get(reverse(name))

    html = page.content.decode()
    assert page.status_code == 200
    assert words in html
    assert "site-header" in html
    assert " style=" not in html
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("account_login", "邮箱"),
        ("account_signup", "一人一号"),
        ("account_reset_password", "发送链接"),
        ("account_reset_password_done", "请查收邮件"),
        ("account_reset_password_from_key_done", "密码已设置"),
        ("account_email_verification_sent", "请查收邮件"),
    ],
)
def test_visitor_page_is_dressed_and_chinese(client: Client, name: str, words: str) -> None:
    page = client.get(reverse(name))

    html = page.content.decode()
    assert page.status_code == 200
    assert words in html
    assert "site-header" in html
    assert "<script>" not in html
    assert "Email" not in html


def test_dead_reset_link_says_where_to_get_a_new_one(client: Client) -> None:
    url = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "no-key"})
    page = client.get(url)

    html = page.content.decode()
    assert "链接已失效" in html
    assert reverse("account_reset_password") in html


def test_every_address_says_whether_it_is_confirmed(signed_in: Client) -> None:
    user = get_user_model().objects.get()
    EmailAddress.objects.create(user=user, email="li@example.com", primary=False, verified=False)

    html = signed_in.get(reverse("account_email")).content.decode()

    assert "主邮箱" in html
    assert "未验证" in html


def test_authenticator_app_can_be_set_up_after_the_password(signed_in: Client) -> None:
    asked = signed_in.get(reverse("mfa_activate_totp"))
    page = signed_in.post(asked.headers["Location"], {"password": PASSWORD}, follow=True)

    assert "data:image/svg+xml" in page.content.decode()
    assert "id_code" in page.content.decode()


def test_refused_sign_in_says_so_on_top_and_keeps_the_address(client: Client) -> None:
    page = client.post(
        reverse("account_login"), {"login": "li.mei@example.com", "password": "wrong"}
    )

    html = page.content.decode()
    assert "data-error-summary" in html
    assert 'value="li.mei@example.com"' in html


def test_type_size_switch_refuses_to_leave_the_site(client: Client) -> None:
    answer = client.post(
        reverse("set_type_size"), {"size": "large", "next": "https://elsewhere.example/"}
    )

    assert answer.headers["Location"] == "/"
    assert answer.cookies["type_size"].value == "large"
