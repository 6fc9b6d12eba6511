"""Types of options as Glance writes them."""

from typing import Any

from oslo_config import types


class BracketedList(types.List):
    """A list in brackets or not, its texts in quotes or not, as Glance has some of its own."""

    def __init__(self, item_type: types.ConfigType | None = None) -> None:
        super().__init__(item_type=item_type or types.String(quotes=True))

    def __call__(self, value: Any) -> list[Any]:
        """Read the text."""
        if isinstance(value, str):
            text = value.strip()
            if text.startswith("[") and text.endswith("]"):
                value = text[1:-1]
        items: list[Any] = super().__call__(value)
        return [item for item in items if item != ""]
