"""Properties that every import gets (§12)."""

from pathlib import Path

import pytest

from tests.unit.adapters.import_plugins.drafts import a_draft
from tintype.adapters.import_plugins.metadata import InjectMetadata
from tintype.adapters.import_plugins.no_op import NoOp


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ({"member"}, {"trusted": "no", "from": "outside"}),
        ({"admin", "member"}, {}),
        (set(), {"trusted": "no", "from": "outside"}),
    ],
    ids=["a member", "an administrator", "nobody in particular"],
)
def test_properties_are_given_unless_the_caller_is_exempt(
    tmp_path: Path, roles: set[str], expected: dict[str, str]
) -> None:
    plugin = InjectMetadata({"trusted": "no", "from": "outside"}, ["Admin"])
    with a_draft(tmp_path, roles=frozenset(roles)) as draft:
        plugin(draft)
        assert draft.properties == expected


def test_a_plugin_may_do_nothing(tmp_path: Path) -> None:
    with a_draft(tmp_path, b"data") as draft:
        NoOp()(draft)
        assert (draft.properties, draft.changed) == ({}, False)
