"""glance_store, asked by lines of JSON; run in an environment of its own.

The argument is a configuration file. Each line on the standard input is a function with its
arguments, each on the output what it returned, or the name of what it raised.
"""

import base64
import io
import json
import sys
from typing import Any

import glance_store
from oslo_config import cfg


def main(file: str) -> None:
    """Make the stores, then answer."""
    conf = glance_store.CONF
    conf.register_opt(cfg.DictOpt("enabled_backends"))
    glance_store.register_opts(conf)
    conf(["--config-file", file], project="glance")
    named = bool(conf.enabled_backends)
    if named:
        glance_store.register_store_opts(conf)
        glance_store.create_multi_stores(conf)
    else:
        glance_store.create_stores(conf)
    print(json.dumps("ready"), flush=True)
    functions = {True: with_names, False: without_names}[named](conf)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = functions[name](*arguments)
        except Exception as error:
            answer = {"raised": type(error).__name__}
        print(json.dumps(answer), flush=True)


def with_names(conf: cfg.ConfigOpts) -> dict[str, Any]:
    """Give the functions of stores with names."""

    def add(key: str, data: str, store: str) -> Any:
        raw = base64.b64decode(data)
        return glance_store.add_with_multihash(
            conf, key, io.BytesIO(raw), len(raw), store, "sha256"
        )

    return {
        "add": add,
        "get": lambda url, store: joined(glance_store.get(url, store)),
        "size": glance_store.get_size_from_uri_and_backend,
        "delete": lambda url, store: done(glance_store.delete(url, store)),
    }


def without_names(conf: cfg.ConfigOpts) -> dict[str, Any]:
    """Give the functions of stores without names."""

    def add(key: str, data: str, store: str) -> Any:
        raw = base64.b64decode(data)
        return glance_store.add_to_backend_with_multihash(
            conf, key, io.BytesIO(raw), len(raw), "sha256", scheme=store
        )

    return {
        "add": add,
        "get": lambda url, store: joined(glance_store.get_from_backend(url)),
        "size": lambda url, store: glance_store.get_size_from_backend(url),
        "delete": lambda url, store: done(glance_store.delete_from_backend(url)),
    }


def joined(answer: Any) -> str:
    """Return all bytes, as text."""
    data, _ = answer
    return base64.b64encode(b"".join(data)).decode()


def done(_: object) -> None:
    """Return nothing, whatever it was."""


if __name__ == "__main__":
    main(sys.argv[1])
