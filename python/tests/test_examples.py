"""The programs in `examples`, and the program in the README."""

import os
import pathlib
import subprocess
import sys

from conftest import compile_c

PYTHON = pathlib.Path(__file__).parent.parent

ADD_DATA = """
typedef struct { int num; double dnum; } DataPoint;
DataPoint add_data(const DataPoint *dps, unsigned n)
{ DataPoint sum = { 0, 0 }; for (unsigned i = 0; i < n; i++) { sum.num += dps[i].num; sum.dnum += dps[i].dnum; } return sum; }
"""


def printed(*command):
    done = subprocess.run(
        [sys.executable, "-X", "dev", *map(str, command)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_add_data(tmp_path):
    library = compile_c(tmp_path, "somelib", ADD_DATA)
    assert printed(PYTHON / "examples/add_data.py", library) == [
        "Loaded lib <Lib object for '%s'>" % library,
        "Calling add_data via farcall",
        "dout = 14, 15.4",
    ]


def test_list_dir(tmp_path):
    for name in ("one", "two", "d\xe9j\xe0"):
        (tmp_path / name).touch()
    lines = printed(PYTHON / "examples/list_dir.py", tmp_path)
    found = {line[len("Found: ") :] for line in lines if line.startswith("Found: ")}
    assert found == {".", "..", *os.listdir(tmp_path)}


def test_readme():
    text = (PYTHON / "README.md").read_text()
    program = text.split("```python\n")[1].split("```")[0]
    assert printed("-c", program) == ["2 2.5 5", "[1, 2, 3]"]
