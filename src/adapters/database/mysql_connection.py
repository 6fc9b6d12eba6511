"""Connections to MySQL that are made at less cost."""

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any

from pymysql.connections import Connection  # type: ignore[import-untyped]


class MysqlConnection(Connection):  # type: ignore[misc]
    """A connection which encrypts, where the URL says nothing of that, as the driver does.

    That is if the server offers it and without a look at its certificate. Yet the driver loads
    the certificates of all authorities for it each time, which takes longer than all the rest.
    """

    def _create_ssl_ctx(self, sslp: Mapping[str, Any] | ssl.SSLContext) -> ssl.SSLContext:
        made: ssl.SSLContext = _whoever_it_is() if not sslp else super()._create_ssl_ctx(sslp)
        return made


@cache
def _whoever_it_is() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
