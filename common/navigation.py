"""Navigation entries that apps add about themselves, so that no package looks upward.

Apps call `register` in `AppConfig.ready`; accounts says who may see what with `use_checker`
and who is asking with `use_identity`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.functional import Promise

Text = str | Promise
Checker = Callable[[HttpRequest, object], bool]


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation.

    `permission` is None for everybody, SIGNED_IN for every signed-in user, VISITOR until somebody
    signs in, else whatever the registered checker understands; `is_useful` may leave the entry out where it would
    lead to nothing. Entries are shown by `order`, then by registration.
    `starts` lists further paths under which the entry counts as the current one.
    """

    label: Text
    url_name: str
    permission: object = None
    icon: str = "chevron-right"
    order: int = 50
    starts: tuple[str, ...] = ()
    is_useful: Callable[[HttpRequest], bool] | None = None


@dataclass(frozen=True, slots=True)
class FooterItem:
    """One plain public link at the foot of every page."""

    label: Text
    url_name: str
    order: int = 50


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in, as shown in the header; `url` leads to the own account."""

    name: Text
    organization: Text = ""
    role: Text = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bell:
    """What the signed-in person has not read yet; `url` leads to it."""

    count: int
    url: str


SIGNED_IN = object()
"""Permission of entries shown to every signed-in user."""

VISITOR = object()
"""Permission of entries shown until somebody signs in; signed-in users reach them from other pages."""


def _by_user_alone(request: HttpRequest, permission: object) -> bool:
    return False


def _account_name(request: HttpRequest) -> Identity | None:
    return Identity(str(request.user)) if request.user.is_authenticated else None


def _no_bell(request: HttpRequest) -> Bell | None:
    return None


@dataclass(slots=True)
class _Registry:
    items: list[NavItem] = field(default_factory=list)
    footer: list[FooterItem] = field(default_factory=list)
    checker: Checker = _by_user_alone
    identity: Callable[[HttpRequest], Identity | None] = _account_name
    bell: Callable[[HttpRequest], Bell | None] = _no_bell


_registry = _Registry()


def register(*items: NavItem) -> None:
    """Add entries to the main navigation; a second registration of the same entry is ignored."""
    _registry.items.extend(item for item in items if item not in _registry.items)


def register_footer(*items: FooterItem) -> None:
    """Add public links to the foot of every page."""
    _registry.footer.extend(item for item in items if item not in _registry.footer)


def use_checker(checker: Checker) -> None:
    """Name the function that answers whether a request has a permission."""
    _registry.checker = checker


def use_identity(identity: Callable[[HttpRequest], Identity | None]) -> None:
    """Name the function that tells who is signed in, or None."""
    _registry.identity = identity


def use_bell(bell: Callable[[HttpRequest], Bell | None]) -> None:
    """Name the function that counts what the person has not read, or None for visitors."""
    _registry.bell = bell


def bell_of(request: HttpRequest) -> Bell | None:
    """Count what the signed-in person has not read."""
    return _registry.bell(request)


def identity_of(request: HttpRequest) -> Identity | None:
    """Tell who is signed in, or None."""
    return _registry.identity(request)


def _allowed(request: HttpRequest, item: NavItem) -> bool:
    if item.permission is None:
        return True
    if item.permission in (SIGNED_IN, VISITOR):
        return bool(request.user.is_authenticated) == (item.permission is SIGNED_IN)
    return _registry.checker(request, item.permission)


def items_for(request: HttpRequest) -> list[NavItem]:
    """List the entries this request may see, in order."""
    shown = (
        item
        for item in _registry.items
        if _allowed(request, item) and (item.is_useful is None or item.is_useful(request))
    )
    return sorted(shown, key=lambda item: item.order)


def footer_items() -> list[FooterItem]:
    """List the public links of the footer, in order."""
    return sorted(_registry.footer, key=lambda item: item.order)
