"""Objects that web servers give out, and that callers name by their URLs."""

from tintype.adapters.stores.http.driver import HttpDriver

__all__ = ["HttpDriver"]
