"""Where certificates come from."""

from collections.abc import Callable
from pathlib import Path

import pytest
from castellan.common.objects.x_509 import X509
from castellan.key_manager import API as open_key_manager

from tests.builders import a_caller
from tests.signers import signer
from tintype.adapters.signatures.barbican import KeyManager
from tintype.adapters.signatures.directory import CertificateDirectory
from tintype.adapters.signatures.sources import source_of
from tintype.domain.errors import BadConfiguration, BadSignature
from tintype.entrypoints.config import new_config

CALLER = a_caller(auth_token="t")


def configured(folder: Path, *lines: str, section: str = "signatures") -> Callable[[], object]:
    file = folder / "tintype.conf"
    file.write_text("\n".join((f"[{section}]", *lines)), encoding="utf-8")
    conf = new_config([str(file)])
    return lambda: source_of(conf)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "certificates"
    folder.mkdir()
    (tmp_path / "secret.pem").write_bytes(b"secret")
    return folder


def test_without_a_directory_the_key_manager_is_asked(tmp_path: Path) -> None:
    assert isinstance(configured(tmp_path)(), KeyManager)


def test_a_directory_is_a_source_of_its_own(tmp_path: Path, folder: Path) -> None:
    source = configured(tmp_path, f"certificate_directory = {folder}")()
    assert isinstance(source, CertificateDirectory)


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("certificate_source = directory", "certificate_directory"),
        ("certificate_directory = /no/such/directory", "certificate_directory"),
        ("certificate_source = nonsense", "certificate_source"),
    ],
)
def test_a_wrong_option_stops_the_start(tmp_path: Path, line: str, option: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        configured(tmp_path, line)()
    assert refused.value.option == f"[signatures] {option}"


@pytest.mark.parametrize("name", ["an-id", "an-id.pem", "an-id.crt", "an-id.der"])
def test_a_certificate_is_found_by_its_id(folder: Path, name: str) -> None:
    (folder / name).write_bytes(signer().pem)
    assert CertificateDirectory(folder).fetch("an-id", CALLER) == signer().pem


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../secret", "../secret.pem", "/etc/passwd", "a/b", "x\0", "x" * 999]
)
def test_an_id_leads_nowhere_else(folder: Path, name: str) -> None:
    with pytest.raises(BadSignature):
        CertificateDirectory(folder).fetch(name, CALLER)


IN_MEMORY = "backend = tests.unit.adapters.signatures.kept.Kept"


def test_a_key_manager_gives_certificates_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "tintype.conf"
    file.write_text(f"[key_manager]\n{IN_MEMORY}\n", encoding="utf-8")
    conf = new_config([str(file)])
    manager = open_key_manager(conf)
    manager.store(None, X509(signer().der))
    source = KeyManager.from_conf(conf)
    assert source.fetch("certificate", CALLER) == signer().der
    for name in ("passphrase", "forbidden", "missing"):
        with pytest.raises(BadSignature, match=name):
            source.fetch(name, CALLER)
