"""What a policy looks like that holds where the operator's files say nothing."""

from oslo_policy.policy import DeprecatedRule, DocumentedRuleDefault, Operation, RuleDefault

SCOPES = ["project"]

ADMIN = "rule:context_is_admin"
OWN = "project_id:%(project_id)s"
READER = f"{ADMIN} or (role:reader and {OWN})"


def default_rule(
    name: str, check: str, description: str, *operations: str, once: DeprecatedRule | None = None
) -> DocumentedRuleDefault:
    """Make a rule that calls ask; operations are written `VERB path`."""
    return DocumentedRuleDefault(
        name,
        check,
        description,
        [_operation(text) for text in operations],
        deprecated_rule=once,
        scope_types=SCOPES,
    )


def _operation(text: str) -> Operation:
    verb, path = text.split(" ")
    return {"method": verb, "path": path}


def foundation(name: str, check: str, description: str) -> RuleDefault:
    """Make a rule that other rules refer to."""
    return RuleDefault(name, check, description, scope_types=SCOPES)
