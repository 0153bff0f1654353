"""The same small programs with cffi and with farcall: results, classes of exceptions, texts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from against_cffi import cases, differences
from conftest import DECLARATIONS, needed

needed("cffi")
if hasattr(sys, "gettotalrefcount"):
    pytest.skip("cffi fails assertions of builds for debugging", allow_module_level=True)

PROGRAM = Path(__file__).parent / "against_cffi" / "program.py"
CASES = cases(DECLARATIONS)


@pytest.fixture(scope="module")
def outcomes(library_path, tmp_path_factory):
    """What each case gave: to cffi, to farcall."""
    given = json.dumps([case[1:] for case in CASES])
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDEVMODE"}

    def run(package):
        done = subprocess.run(
            [sys.executable, str(PROGRAM), package, library_path],
            input=given,
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path_factory.mktemp(package),
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
        if len(lines) < len(CASES):
            case = CASES[len(lines)][2]
            pytest.fail(f"{package} ended ({done.returncode}) in: {case}\n{done.stderr[-2000:]}")
        return [json.loads(line) for line in lines]

    return list(zip(CASES, run("cffi"), run("farcall")))


@pytest.mark.parametrize("area", sorted({case[0] for case in CASES}))
def test_the_same_happens(outcomes, area):
    differ = [
        f"{source}\n  cffi:    {cffi}\n  farcall: {farcall}"
        for (of, _, source), cffi, farcall in outcomes
        if of == area and differences.reason(source) is None and differ_in(source, cffi, farcall)
    ]
    assert not differ, f"{len(differ)} cases differ\n" + "\n".join(differ)


def test_each_difference_that_is_meant_is_one(outcomes):
    stale = [
        pattern.pattern
        for pattern, _ in differences.DELIBERATE
        if not any(
            pattern.search(source) and differ_in(source, cffi, farcall)
            for (_, _, source), cffi, farcall in outcomes
        )
    ]
    assert not stale


def differ_in(source, cffi, farcall):
    return differences.comparable(source, cffi) != differences.comparable(source, farcall)
