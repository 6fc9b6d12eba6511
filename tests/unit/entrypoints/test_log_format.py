"""Lines about requests look as oslo.log would have them."""

import logging
from typing import Any

import pytest
from oslo_context.context import RequestContext
from oslo_log.formatters import ContextFormatter

from tintype.entrypoints.config import new_config
from tintype.entrypoints.http.middleware import log_context
from tintype.entrypoints.log_format import ACCESS, LineFormatter

SOMEBODY = RequestContext(
    user_id="u", project_id="p", user_domain_id="d", request_id="req-1", overwrite=False
)
ODD = "%(levelname)s %(pathname)s %(user_name)s %(instance)s %(roles)s %(message)s"


def record(context: RequestContext, **values: Any) -> logging.LogRecord:
    made = logging.LogRecord(ACCESS, logging.INFO, "file", 1, "%s: %d", ("GET", 200), None)
    vars(made).update(context=context, **values)
    return made


@pytest.mark.parametrize(
    ("option", "form"),
    [
        (None, None),
        ("logging_context_format_string", ODD),
        ("logging_context_format_string", "%(isotime)s %(error_summary)s %(message)s"),
        ("logging_default_format_string", "%(asctime)s.%(msecs)03d %(color)s%(message)s"),
        ("logging_user_identity_format", "%(user)s %(unheard_of)s"),
        ("log_date_format", "%H:%M"),
    ],
)
@pytest.mark.parametrize("context", [SOMEBODY, log_context.NOBODY], ids=["somebody", "nobody"])
def test_a_line_is_the_same_whatever_its_form(
    context: RequestContext, option: str | None, form: str | None
) -> None:
    conf = new_config([])
    if option is not None:
        conf.set_override(option, form)
    theirs = ContextFormatter(
        datefmt=conf.log_date_format, project="tintype", version="1", config=conf
    )

    ours = LineFormatter(conf, theirs)

    for created in (1_700_000_000.25, 1_700_000_000.5, 1_700_000_001.0):
        values = {"created": created, "msecs": created % 1 * 1000}
        expected = theirs.format(record(context, **values))
        assert ours.format(record(context, **values)) == expected
