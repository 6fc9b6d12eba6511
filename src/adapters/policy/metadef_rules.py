"""The policies of metadata definitions (metadefs §2).

Their target is the namespace: `project_id` (its owner) and `visibility`.
"""

from oslo_policy.policy import DeprecatedRule, DocumentedRuleDefault, RuleDefault

from tintype.adapters.policy.default_rule import ADMIN, OWN, READER, default_rule, foundation

METADEF_ADMIN = "rule:metadef_admin"
METADEF_READER = f"{ADMIN} or (role:reader and ({OWN} or 'public':%(visibility)s))"

NAMESPACES = "/v2/metadefs/namespaces"
NAMESPACE = f"{NAMESPACES}/{{namespace}}"
OBJECTS, OBJECT = f"{NAMESPACE}/objects", f"{NAMESPACE}/objects/{{object_name}}"
PROPERTIES, PROPERTY = f"{NAMESPACE}/properties", f"{NAMESPACE}/properties/{{property_name}}"
TAGS, TAG = f"{NAMESPACE}/tags", f"{NAMESPACE}/tags/{{tag_name}}"
ASSOCIATIONS = f"{NAMESPACE}/resource_types"
ASSOCIATION = f"{ASSOCIATIONS}/{{resource_type}}"
RESOURCE_TYPES = "/v2/metadefs/resource_types"


def metadef_rules() -> list[RuleDefault]:
    """Return the default rules of metadata definitions, anew at each call."""
    return [
        foundation("metadef_default", "", "What reading of definitions was once left to."),
        foundation("metadef_admin", ADMIN, "Who changes definitions."),
        *(*_namespaces(), *_objects(), *_resource_types(), *_properties(), *_tags()),
    ]


def _reading(
    name: str, description: str, *operations: str, check: str = METADEF_READER
) -> DocumentedRuleDefault:
    once = DeprecatedRule(
        name,
        "rule:metadef_default",
        deprecated_reason="Roles and the visibility of the namespace are part of the policy now",
        deprecated_since="Xena",
    )
    return default_rule(name, check, description, *operations, once=once)


def _writing(name: str, description: str, *operations: str) -> DocumentedRuleDefault:
    return default_rule(name, METADEF_ADMIN, description, *operations)


def _namespaces() -> list[DocumentedRuleDefault]:
    return [
        _reading(
            "get_metadef_namespace",
            "See a namespace: by itself, and as a row of a list.",
            *(f"GET {NAMESPACE}", f"GET {NAMESPACES}"),
        ),
        _reading("get_metadef_namespaces", "List them.", f"GET {NAMESPACES}", check=READER),
        _writing("add_metadef_namespace", "Create a namespace.", f"POST {NAMESPACES}"),
        _writing("modify_metadef_namespace", "Change a namespace.", f"PUT {NAMESPACE}"),
        _writing(
            "delete_metadef_namespace",
            "Delete a namespace, or all of one kind within it.",
            *(f"DELETE {NAMESPACE}", f"DELETE {OBJECTS}"),
            *(f"DELETE {PROPERTIES}", f"DELETE {TAGS}"),
        ),
    ]


def _objects() -> list[DocumentedRuleDefault]:
    return [
        _reading("get_metadef_object", "See one.", f"GET {OBJECT}", f"GET {OBJECTS}"),
        _reading("get_metadef_objects", "List objects.", f"GET {OBJECTS}", f"GET {NAMESPACE}"),
        _writing(
            "add_metadef_object", "Define an object.", f"POST {OBJECTS}", f"POST {NAMESPACES}"
        ),
        _writing("modify_metadef_object", "Change an object.", f"PUT {OBJECT}"),
        _writing("delete_metadef_object", "Delete an object.", f"DELETE {OBJECT}"),
    ]


def _resource_types() -> list[DocumentedRuleDefault]:
    return [
        _reading(
            "list_metadef_resource_types",
            "List resource types, and which of them a namespace is for.",
            *(f"GET {RESOURCE_TYPES}", f"GET {ASSOCIATIONS}"),
            *(f"GET {NAMESPACES}", f"GET {NAMESPACE}"),
        ),
        _reading(
            "get_metadef_resource_type",
            "See a resource type that a namespace is for.",
            *(f"GET {ASSOCIATIONS}", f"GET {PROPERTY}"),
        ),
        _writing(
            "add_metadef_resource_type_association",
            "Say that a namespace is for a resource type.",
            *(f"POST {ASSOCIATIONS}", f"POST {NAMESPACES}"),
        ),
        _writing(
            "remove_metadef_resource_type_association", "Take it back.", f"DELETE {ASSOCIATION}"
        ),
    ]


def _properties() -> list[DocumentedRuleDefault]:
    return [
        _reading("get_metadef_property", "See a property.", f"GET {PROPERTY}"),
        _reading(
            "get_metadef_properties", "List properties.", f"GET {PROPERTIES}", f"GET {NAMESPACE}"
        ),
        _writing("add_metadef_property", "Define one.", f"POST {PROPERTIES}", f"POST {NAMESPACES}"),
        _writing("modify_metadef_property", "Change a property.", f"PUT {PROPERTY}"),
        _writing("remove_metadef_property", "Delete a property.", f"DELETE {PROPERTY}"),
    ]


def _tags() -> list[DocumentedRuleDefault]:
    return [
        _reading("get_metadef_tag", "See a tag.", f"GET {TAG}"),
        _reading("get_metadef_tags", "List tags.", f"GET {TAGS}", f"GET {NAMESPACE}"),
        _writing("add_metadef_tag", "Define a tag.", f"POST {TAG}", f"POST {NAMESPACES}"),
        _writing("add_metadef_tags", "Define many at once.", f"POST {TAGS}"),
        _writing("modify_metadef_tag", "Change a tag.", f"PUT {TAG}"),
        _writing("delete_metadef_tag", "Delete a tag.", f"DELETE {TAG}"),
        _writing("delete_metadef_tags", "Delete all tags.", f"DELETE {TAGS}"),
    ]
