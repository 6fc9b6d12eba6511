"""The policies that hold where the operator's files say nothing.

Names and checks are those that operators of the Images API know (access-control §3), so that
their policy files go on working.
"""

from oslo_policy.policy import DeprecatedRule, DocumentedRuleDefault, RuleDefault

from tintype.adapters.policy.default_rule import ADMIN, OWN, READER, default_rule, foundation
from tintype.adapters.policy.metadef_rules import metadef_rules

SERVICE = "rule:service_api"
OWN_NEW = "project_id:%(owner)s"
AS_MEMBER = "project_id:%(member_id)s"
OPEN = "'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s"
"""Also shared ones: the catalogue has refused whoever is no member before this is asked."""

MEMBER = f"{ADMIN} or (role:member and {OWN})"
CREATOR = f"role:member and {OWN} and {OWN_NEW}"
SEER = f"{ADMIN} or (role:reader and ({OWN} or {AS_MEMBER} or {OPEN}))"
DOWNLOADER = f"{ADMIN} or (role:member and ({OWN} or {AS_MEMBER} or {OPEN}))"
SHARER = f"{ADMIN} or (role:reader and ({OWN} or {AS_MEMBER}))"

IMAGES = "/v2/images"
IMAGE = f"{IMAGES}/{{image_id}}"
FILE = f"{IMAGE}/file"
LOCATIONS = f"{IMAGE}/locations"
MEMBERS = f"{IMAGE}/members"
ONE_MEMBER = f"{MEMBERS}/{{member_id}}"
TASKS = "/v2/tasks"
CACHE = "/v2/cache"


def list_rules() -> list[RuleDefault]:
    """Return all default rules, anew at each call."""
    return [
        *(*_foundations(), *_images(), *_data(), *_locations(), *_members(), *_operators()),
        *metadef_rules(),
    ]


def _open_once(name: str) -> DeprecatedRule:
    """Recall that the rule let everybody pass and left the rest to checks of ownership."""
    return DeprecatedRule(
        name,
        "rule:default",
        deprecated_reason="Ownership and roles are part of the policy now",
        deprecated_since="Wallaby",
    )


def _one_for_the_cache() -> DeprecatedRule:
    return DeprecatedRule(
        "manage_image_cache",
        "rule:manage_image_cache",
        deprecated_reason="Each call on the cache has a rule of its own now",
        deprecated_since="Yoga",
    )


def _foundations() -> list[RuleDefault]:
    return [
        foundation("default", "", "Where a rule names another that nothing defines."),
        foundation("context_is_admin", "role:admin", "Who is an administrator."),
        foundation("service_api", "role:service or role:admin", "Other services."),
    ]


def _images() -> list[RuleDefault]:
    def rule(name: str, check: str, description: str, *operations: str) -> DocumentedRuleDefault:
        return default_rule(name, check, description, *operations, once=_open_once(name))

    return [
        rule("add_image", f"{ADMIN} or ({CREATOR})", "Create an image.", f"POST {IMAGES}"),
        rule("get_images", READER, "List images.", f"GET {IMAGES}"),
        rule(
            "get_image",
            SEER,
            "See an image: by itself, as a row of a list, and its tasks.",
            *(f"GET {IMAGE}", f"GET {IMAGES}", f"GET {IMAGE}/tasks"),
        ),
        rule(
            "modify_image",
            MEMBER,
            "Change attributes, properties and tags of an image, stage or import data.",
            *(f"PATCH {IMAGE}", f"PUT {IMAGE}/tags/{{tag}}", f"DELETE {IMAGE}/tags/{{tag}}"),
            *(f"PUT {IMAGE}/stage", f"POST {IMAGE}/import"),
        ),
        rule("delete_image", MEMBER, "Delete an image.", f"DELETE {IMAGE}"),
        default_rule(
            "publicize_image",
            ADMIN,
            "Show an image to everybody, in everybody's lists.",
            *(f"POST {IMAGES}", f"PATCH {IMAGE}"),
        ),
        rule(
            "communitize_image",
            MEMBER,
            "Show an image to everybody who knows of it.",
            *(f"POST {IMAGES}", f"PATCH {IMAGE}"),
        ),
        rule("deactivate", MEMBER, "Withhold the data.", f"POST {IMAGE}/actions/deactivate"),
        rule("reactivate", MEMBER, "Hand out the data again.", f"POST {IMAGE}/actions/reactivate"),
    ]


def _data() -> list[RuleDefault]:
    return [
        default_rule(
            "upload_image",
            MEMBER,
            "Give an image its data.",
            f"PUT {FILE}",
            once=_open_once("upload_image"),
        ),
        default_rule(
            "download_image",
            DOWNLOADER,
            "Read the data of an image.",
            f"GET {FILE}",
            once=_open_once("download_image"),
        ),
        default_rule(
            "download_from_store",
            DOWNLOADER,
            "Choose the store that the data is read from.",
            f"GET {FILE}?prefer={{store_id}}",
        ),
        default_rule(
            "copy_image", ADMIN, "Copy the data into more stores.", f"POST {IMAGE}/import"
        ),
    ]


def _locations() -> list[RuleDefault]:
    return [
        default_rule(
            "get_image_location",
            READER,
            "See where the data is.",
            *(f"GET {IMAGE}", "DELETE /v2/stores/{store_id}/{image_id}"),
            once=_open_once("get_image_location"),
        ),
        default_rule(
            "set_image_location",
            MEMBER,
            "Say where the data is, by patching the image.",
            f"PATCH {IMAGE}",
            once=_open_once("set_image_location"),
        ),
        default_rule(
            "delete_image_location",
            ADMIN,
            "Remove a place where the data is.",
            *(f"PATCH {IMAGE}", "DELETE /v2/stores/{store_id}/{image_id}"),
            once=_open_once("delete_image_location"),
        ),
        default_rule(
            "add_image_location",
            f"{SERVICE} or ({CREATOR})",
            "Add a place where the data is.",
            f"POST {LOCATIONS}",
        ),
        default_rule(
            "fetch_image_location", SERVICE, "List where the data is.", f"GET {LOCATIONS}"
        ),
    ]


def _members() -> list[RuleDefault]:
    def rule(name: str, check: str, description: str, *operations: str) -> DocumentedRuleDefault:
        return default_rule(name, check, description, *operations, once=_open_once(name))

    return [
        rule("add_member", MEMBER, "Offer an image to a project.", f"POST {MEMBERS}"),
        rule("delete_member", MEMBER, "Take the offer back.", f"DELETE {ONE_MEMBER}"),
        rule("get_member", SHARER, "See one member of an image.", f"GET {ONE_MEMBER}"),
        rule("get_members", SHARER, "List the members of an image.", f"GET {MEMBERS}"),
        rule(
            "modify_member",
            f"{ADMIN} or (role:member and {AS_MEMBER})",
            "Accept or reject an image that was offered.",
            f"PUT {ONE_MEMBER}",
        ),
    ]


def _operators() -> list[RuleDefault]:
    return [
        default_rule(
            "manage_image_cache",
            ADMIN,
            "Manage the cache by the calls of old.",
            *("GET /v2/cached_images", "DELETE /v2/cached_images"),
            *("DELETE /v2/cached_images/{image_id}", "GET /v2/queued_images"),
            *("DELETE /v2/queued_images", "PUT /v2/queued_images/{image_id}"),
            "DELETE /v2/queued_images/{image_id}",
        ),
        default_rule(
            "cache_list",
            ADMIN,
            "List what is cached and queued.",
            f"GET {CACHE}",
            once=_one_for_the_cache(),
        ),
        default_rule(
            "cache_image",
            ADMIN,
            "Queue an image for caching.",
            f"PUT {CACHE}/{{image_id}}",
            once=_one_for_the_cache(),
        ),
        default_rule(
            "cache_delete",
            ADMIN,
            "Take images out of the cache or its queue.",
            *(f"DELETE {CACHE}", f"DELETE {CACHE}/{{image_id}}"),
            once=_one_for_the_cache(),
        ),
        default_rule(
            "cache_clean", ADMIN, "Remove broken parts of the cache.", f"POST {CACHE}/clean"
        ),
        default_rule("cache_prune", ADMIN, "Shrink the cache to its limit.", f"POST {CACHE}/prune"),
        default_rule(
            "list_cached_nodes", ADMIN, "Tell who has it.", f"GET {CACHE}/nodes/{{image_id}}"
        ),
        default_rule(
            "stores_info_detail",
            f"{ADMIN} or {SERVICE}",
            "See how the stores are set up.",
            "GET /v2/info/stores/detail",
        ),
        default_rule(
            "tasks_api_access",
            ADMIN,
            "Use the tasks API at all.",
            *(f"GET {TASKS}", f"POST {TASKS}", f"GET {TASKS}/{{task_id}}"),
            f"DELETE {TASKS}/{{task_id}}",
        ),
        default_rule("get_tasks", "rule:default", "List tasks.", f"GET {TASKS}"),
        default_rule("get_task", "rule:default", "See a task.", f"GET {TASKS}/{{task_id}}"),
        default_rule(
            "cancel_task",
            MEMBER,
            "Let a task come to nothing.",
            f"POST {TASKS}/{{task_id}}/cancel",
        ),
        default_rule(
            "retry_task",
            MEMBER,
            "Send the request of a task again that failed.",
            f"POST {TASKS}/{{task_id}}/retry",
        ),
        default_rule("add_task", "rule:default", "Create a task.", f"POST {TASKS}"),
        default_rule(
            "modify_task", "rule:default", "Delete a task.", f"DELETE {TASKS}/{{task_id}}"
        ),
    ]
