"""Policies change with their files while the service runs."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service import wait_until
from tests.unit.adapters.policy.builders import a_caller, a_configuration, an_image
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.domain.errors import BadConfiguration

MEMBER = a_caller("member", "reader")


def test_a_changed_file_counts_from_the_next_question_on(tmp_path: Path) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path, "publicize_image: '!'"))

    (tmp_path / "policy.yaml").write_text("publicize_image: role:member")

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def test_a_changed_file_counts_for_who_is_an_administrator(tmp_path: Path) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path, "{}"))

    (tmp_path / "policy.yaml").write_text("context_is_admin: role:member")

    assert authoriser.is_admin(MEMBER)


def test_what_is_being_judged_keeps_to_one_policy(tmp_path: Path) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path, "publicize_image: '!'"))
    judge = authoriser.judge(MEMBER, "publicize_image")

    (tmp_path / "policy.yaml").write_text("publicize_image: role:member")
    authoriser.is_admin(MEMBER)

    assert not judge(an_image())


def test_a_file_may_appear_later(tmp_path: Path) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path))

    (tmp_path / "policy.yaml").write_text("publicize_image: role:member")

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def test_a_file_of_an_absolute_name_may_appear_later(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    file = elsewhere / "rules.yaml"
    authoriser = OsloAuthoriser(a_configuration(tmp_path, policy_file=str(file)))

    file.write_text("publicize_image: role:member")

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def test_a_file_behind_a_symbolic_link_counts_when_it_changes_in_its_place(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "real.yaml").write_text("{}")
    conf_dir = tmp_path / "conf"
    conf_dir.mkdir()
    (conf_dir / "policy.yaml").symlink_to(place / "real.yaml")
    authoriser = OsloAuthoriser(a_configuration(conf_dir))

    (place / "real.yaml").write_text("publicize_image: role:member")

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def test_without_the_file_the_defaults_are_back(tmp_path: Path) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path, "publicize_image: role:member"))

    (tmp_path / "policy.yaml").unlink()

    assert not authoriser.allows(MEMBER, "publicize_image", an_image())


def test_a_rule_taken_out_of_the_file_has_its_default_back(tmp_path: Path) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path, "publicize_image: role:member"))

    (tmp_path / "policy.yaml").write_text("{}")

    assert not authoriser.allows(MEMBER, "publicize_image", an_image())


def test_an_older_file_put_back_counts(tmp_path: Path) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path, "publicize_image: '!'"))
    backup = tmp_path / "policy.yaml.old"
    backup.write_text("publicize_image: role:member")
    os.utime(backup, (1, 1))

    backup.rename(tmp_path / "policy.yaml")

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def test_a_changed_file_of_the_same_age_counts(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    conf = a_configuration(tmp_path, "publicize_image: '!'")
    os.utime(file, (1, 1))
    authoriser = OsloAuthoriser(conf)

    file.write_text("publicize_image: role:member")
    os.utime(file, (1, 1))

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def test_a_file_changed_in_its_place_to_one_of_the_same_age_and_size_counts(
    tmp_path: Path,
) -> None:
    file = tmp_path / "policy.yaml"
    conf = a_configuration(tmp_path, "publicize_image: '!'")
    os.utime(file, (1, 1))
    authoriser = OsloAuthoriser(conf)
    before = file.stat()

    def written() -> bool:
        file.write_text("publicize_image: '@'")
        os.utime(file, (1, 1))
        # The clock of the file system may not have moved on yet.
        return file.stat().st_ctime_ns != before.st_ctime_ns

    wait_until(written, "the file was changed at another time")
    after = file.stat()

    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)
    assert after.st_mtime_ns == before.st_mtime_ns
    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def test_a_file_in_the_directory_overrides_the_main_one(tmp_path: Path) -> None:
    (tmp_path / "policy.d").mkdir()
    (tmp_path / "policy.d" / "10-more.yaml").write_text("publicize_image: role:member")
    authoriser = OsloAuthoriser(a_configuration(tmp_path, "publicize_image: '!'"))

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def change(directory: Path) -> None:
    (directory / "10-more.yaml").write_text("publicize_image: role:member")


def add(directory: Path) -> None:
    (directory / "20-still-more.yaml").write_text("publicize_image: role:member")


def make(directory: Path) -> None:
    (directory / "10-more.yaml").unlink()
    directory.rmdir()
    directory.mkdir()
    change(directory)


@pytest.mark.parametrize("happens", [change, add, make])
def test_the_directory_is_watched_too(tmp_path: Path, happens: Callable[[Path], None]) -> None:
    directory = tmp_path / "policy.d"
    directory.mkdir()
    (directory / "10-more.yaml").write_text("publicize_image: '!'")
    authoriser = OsloAuthoriser(a_configuration(tmp_path))

    happens(directory)

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


BROKEN = {
    "no YAML": "publicize_image: [",
    "a list": "- publicize_image",
    "a check that is a number": "publicize_image: 7",
    "a rule that names itself": "publicize_image: not rule:publicize_image",
    "rules that name one another": "{one: 'rule:two or @', two: 'rule:one or @'}",
    "a template that is none": "publicize_image: 'project_id:%(owner'",
    "something that cannot be compared": 'publicize_image: "%(owner)s:project_id"',
}


@pytest.mark.parametrize("kind", BROKEN)
def test_the_service_does_not_start_on(tmp_path: Path, kind: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        OsloAuthoriser(a_configuration(tmp_path, BROKEN[kind]))

    assert caught.value.option == "[oslo_policy] policy_file"


def test_the_refusal_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=str(tmp_path / "policy.yaml")):
        OsloAuthoriser(a_configuration(tmp_path, BROKEN["no YAML"]))


def test_the_service_does_not_start_on_a_directory_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "policy.d").write_text("")
    with pytest.raises(BadConfiguration):
        OsloAuthoriser(a_configuration(tmp_path))


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_broken_later_leaves_in_force_what_held_before(tmp_path: Path, kind: str) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path, "publicize_image: role:member"))

    (tmp_path / "policy.yaml").write_text(BROKEN[kind])

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def test_a_file_mended_later_counts(tmp_path: Path) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path, "publicize_image: '!'"))
    (tmp_path / "policy.yaml").write_text(BROKEN["no YAML"])
    authoriser.is_admin(MEMBER)

    (tmp_path / "policy.yaml").write_text("publicize_image: role:member")

    assert authoriser.allows(MEMBER, "publicize_image", an_image())


def test_nobody_slips_through_while_files_are_read_again(tmp_path: Path) -> None:
    # The default would let the caller pass; every one of the files forbids it.
    policies = [f"{{get_images: '!', note{turn}: '!'}}" for turn in range(40)]
    authoriser = OsloAuthoriser(a_configuration(tmp_path, policies[0]))
    done = threading.Event()
    slipped: list[bool] = []

    def ask() -> None:
        while not done.is_set():
            slipped.append(authoriser.allows(MEMBER, "get_images", an_image()))

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for policy in policies:
        (tmp_path / "next.yaml").write_text(policy)
        (tmp_path / "next.yaml").rename(tmp_path / "policy.yaml")
        authoriser.is_admin(MEMBER)
    done.set()
    for asker in askers:
        asker.join()

    assert not any(slipped)
