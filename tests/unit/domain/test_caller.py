"""Who asks, and in whose name."""

from tintype.domain.caller import Caller


def test_a_caller_acts_in_its_own_project_and_the_service_in_others() -> None:
    caller = Caller(project_id="mine", auth_token="token")
    assert caller.in_project("mine") is caller
    assert caller.in_project("theirs") == Caller(project_id="theirs")
    assert caller.in_project(None) == Caller()
