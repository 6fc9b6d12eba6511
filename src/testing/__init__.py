"""Tests for programs that extend this one; they need pytest and hypothesis (extra `testing`)."""

import pytest

pytest.register_assert_rewrite("tintype.testing.storage")
