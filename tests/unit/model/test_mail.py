"""Addresses of people."""

import pytest

from jobfleet.engine.mail import MailServer
from jobfleet.model.mail import address_of


@pytest.mark.parametrize(
    ("name", "domain", "address"),
    [
        ("li", "example.org", "li@example.org"),
        ("li.wei+jobs", "example.org", "li.wei+jobs@example.org"),
        ("li@home.example", "example.org", "li@home.example"),
        ("li", "", ""),
        ("li wei", "example.org", ""),
        ("li,wang", "example.org", ""),
        ("a@b@c", "example.org", ""),
        ("li\nBcc: x", "example.org", ""),
        ("李", "example.org", ""),
    ],
)
def test_only_names_that_are_or_make_an_address_get_mail(name: str, domain: str, address: str) -> None:
    assert address_of(name, domain) == address


def test_a_mail_server_does_not_show_its_password() -> None:
    assert "hidden" not in repr(MailServer("smtp://robot:hidden@mail.example.org:587", "robot@example.org"))
