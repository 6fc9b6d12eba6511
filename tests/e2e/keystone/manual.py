"""Configurations as the manual's page has them."""

import configparser
import re
import textwrap
from itertools import islice
from pathlib import Path

from tests.e2e.keystone.cloud import Account

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "keystone.md"


def as_the_manual_says(account: Account) -> dict[str, dict[str, str]]:
    """Return the configuration of the page, for a Keystone and a password that exist."""
    options = _block(0)
    section = options["keystone_authtoken"]
    _log_in(section, account)
    section["www_authenticate_uri"] = account.keystone
    # There is none where the tests run; the processes remember tokens by themselves then.
    del section["memcached_servers"]
    return options


def with_limits_as_the_manual_says(account: Account, endpoint_id: str) -> dict[str, dict[str, str]]:
    """Return the same, with limits by the page's configuration of limits."""
    options, limits = as_the_manual_says(account), _block(1)
    options["DEFAULT"] |= limits["DEFAULT"]
    options["oslo_limit"] = limits["oslo_limit"]
    _log_in(options["oslo_limit"], account)
    assert options["oslo_limit"]["endpoint_id"] == "ID"
    options["oslo_limit"]["endpoint_id"] = endpoint_id
    return options


def _block(number: int) -> dict[str, dict[str, str]]:
    """Return the configuration of that number on the page."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.finditer(r"^ {7}\[DEFAULT\]\n(( {7}.*)?\n)+", text, re.MULTILINE)
    block = next(islice(blocks, number, None))[0]
    file = configparser.ConfigParser(interpolation=None, default_section="")
    file.read_string(textwrap.dedent(block))
    return {section: dict(file[section]) for section in file.sections()}


def _log_in(section: dict[str, str], account: Account) -> None:
    assert (section["username"], section["password"]) == (account.user, "PASSWORD")
    section |= {"auth_url": account.keystone, "password": account.password}
