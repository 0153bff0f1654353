"""The type stubs say what the module has."""

import subprocess
import sys
from pathlib import Path

from conftest import needed


def test_stubs_agree_with_the_module(tmp_path):
    needed("mypy")
    allowed = Path(__file__).parent / "stubtest-allowlist.txt"
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "farcall", "--concise"]
        + ["--allowlist", str(allowed), "--ignore-unused-allowlist"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
