"""Text compared character by character, also where a column compares otherwise.

Until an adoption is committed, columns on MySQL take texts for the same that differ in case, in
accents or in blanks at the end.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    LargeBinary,
    String,
    and_,
    bindparam,
    cast,
    literal,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Comparison(FunctionElement[bool]):
    type = Boolean()

    def self_group(self, against: Any = None) -> "_Comparison":
        """Stand as it is: taken for a column it would be compared with 1, past any index."""
        return self


class _Equals(_Comparison):
    inherit_cache = True


class _IsOneOf(_Comparison):
    inherit_cache = True


def equals(column: ColumnElement[Any], text: Any) -> ColumnElement[bool]:
    """Say that a column is that text, and not one that it takes for the same."""
    return _Equals(column, literal(text, column.type) if isinstance(text, str) else text)


def is_one_of(column: ColumnElement[Any], texts: Any) -> ColumnElement[bool]:
    """Say that a column is one of the texts, of which an expanding parameter may stand."""
    if isinstance(texts, Sequence):
        texts = bindparam(None, [*texts], type_=String, expanding=True, unique=True)
    return _IsOneOf(column, texts)


@compiles(_Equals)
def _equals(element: _Equals, compiler: SQLCompiler, **options: Any) -> str:
    column, text = element.clauses
    return compiler.process(column == text, **options)


@compiles(_IsOneOf)
def _is_one_of(element: _IsOneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = element.clauses
    return compiler.process(column.in_(texts), **options)


# The first comparison of each finds rows by an index, the second leaves out what is not meant.


@compiles(_Equals, "mysql")
def _equals_on_mysql(element: _Equals, compiler: SQLCompiler, **options: Any) -> str:
    column, text = element.clauses
    both = and_(column == text, _bytes(column) == text)
    return f"({compiler.process(both, **options)})"


@compiles(_IsOneOf, "mysql")
def _is_one_of_on_mysql(element: _IsOneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = element.clauses
    both = and_(column.in_(texts), _bytes(column).in_(texts))
    return f"({compiler.process(both, **options)})"


def _bytes(column: ColumnElement[Any]) -> ColumnElement[str]:
    # It compares bytes with a text by the bytes of the text.
    return type_coerce(cast(column, LargeBinary), String)
