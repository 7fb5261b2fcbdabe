"""Which names of an address, a form or a document a route looks for.

A name that it never looks for cannot change its answer, so that no number need be tried under it.
"""

from flask.wrappers import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

_ALL = ("__iter__", "copy", "deepcopy", "items", "keys", "lists", "listvalues", "to_dict", "values")


class Reads:
    """Watches an application; JSON documents are read by the fields that their type has."""

    def __init__(self, app) -> None:
        self._looked: set[str] = set()
        self._bodies = app.api_doc["paths"]
        self._schemas = app.api_doc["components"]["schemas"]
        kept = _watched(self._looked)
        app.request_class = type("Watched", (Request,), {"parameter_storage_class": kept})

    def names(self, rule: Rule, method: str) -> set[str] | None:
        """What was looked for since it was asked last; None: everything."""
        looked = set(self._looked)
        self._looked.clear()
        if str(rule) in self._bodies:
            # The API's frame goes through everything that is sent; a call gets its own fields only.
            looked = looked - {"*"} | self._fields(str(rule), method.lower())
        return None if "*" in looked else looked

    def _fields(self, path: str, method: str) -> set[str]:
        body = self._bodies.get(path, {}).get(method, {}).get("requestBody")
        if not body:
            return set()
        schema = body.get("content", {}).get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        return set(self._schemas[name]["properties"]) if name in self._schemas else {"*"}


def _watched(looked: set[str]) -> type:
    """A kind of MultiDict that notes which names are looked for in it."""

    def named(method: str):
        def noting(self, name, *rest, **more):
            looked.add(str(name))
            return getattr(ImmutableMultiDict, method)(self, name, *rest, **more)

        return noting

    def whole(method: str):
        def noting(self, *rest, **more):
            looked.add("*")
            return getattr(ImmutableMultiDict, method)(self, *rest, **more)

        return noting

    ways = {each: named(each) for each in ("__contains__", "__getitem__", "get", "getlist")}
    return type("Noting", (ImmutableMultiDict,), ways | {each: whole(each) for each in _ALL})
