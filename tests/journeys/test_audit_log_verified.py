"""The auditor finds who looked at what, has the log verified, and checks an export without the portal."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import ROOT, assert_accessible

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]
SCHOOL = "安阳市文峰区洹水实验小学"


def reveal_telephone(page: Page) -> str:
    """A registrar looks at a telephone number that pages keep back; the number."""
    page.goto("/units?q=" + SCHOOL)
    page.locator(".lead").get_by_role("link", name=SCHOOL).first.click()
    masked = page.locator(".masked").first
    assert "*" in masked.inner_text()
    masked.locator("button").click()
    expect(masked).not_to_contain_text("*")
    return masked.inner_text()


def download(page: Page, button: str, folder: Path) -> Path:
    """Press a download link; the file as it was saved."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=button).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def verify(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the stand-alone verifier: one file, no portal, no database."""
    program = ROOT / "deploy" / "audit_verify.py"
    command = [sys.executable, "-I", str(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env={})


def test_a_look_is_found_verified_and_proven_outside(signed_in: Enter, tmp_path: Path) -> None:
    number = reveal_telephone(signed_in("registrar"))

    auditor = signed_in("auditor")
    auditor.goto("/audit?q=秦海燕&act=registry:contact:reveal")
    row = auditor.locator("tbody tr").first
    expect(row).to_contain_text(SCHOOL)
    assert number not in auditor.content()
    row.locator("td.lead a").click()
    expect(auditor.locator(".status", has_text="已签名")).to_be_visible()
    assert_accessible(auditor)
    proof = download(auditor, "下载存在证明", tmp_path)

    auditor.goto("/audit/verification")
    checkpoint, key = download(auditor, "最新检查点", tmp_path), download(auditor, "公钥", tmp_path)
    auditor.locator(".page-head button.primary").click()
    expect(auditor.locator(".notice.ok")).to_contain_text("日志完整", timeout=40_000)
    assert_accessible(auditor)

    auditor.goto("/audit/export")
    auditor.locator("main .action-bar .primary").click()
    expect(auditor.locator("#reason-error")).to_be_visible()  # nobody exports without a reason
    auditor.fill("#last", checkpoint.read_text().splitlines()[1])
    auditor.fill("#reason", "季度审计留存")
    auditor.locator("main .action-bar .primary").click()
    expect(auditor.locator(".files li a")).to_be_visible(timeout=40_000)
    export = download(auditor, ".jsonl", tmp_path)

    evidence = ("--checkpoint", checkpoint, "--key", key)
    assert verify(proof, *evidence).returncode == 0
    whole = verify(export, *evidence)
    assert (whole.returncode, whole.stdout[:2]) == (0, "OK"), whole.stdout + whole.stderr
    content = bytearray(export.read_bytes())
    content[len(content) // 2] ^= 1
    export.write_bytes(content)
    assert verify(export, *evidence).returncode == 1
