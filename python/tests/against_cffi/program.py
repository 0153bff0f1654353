"""Runs cases with one of the two packages: ``python program.py cffi|farcall LIBRARY``, cases as JSON on standard input.

It prints what each of them gave: ``["value", repr]`` or ``["raised", class, text]``, and what was written to standard error.
"""

import ast
import ctypes
import functools
import gc
import importlib
import io
import json
import math
import re
import sys
import threading
import weakref

# The names by which the two packages call the same thing, in reprs.
SAME = [
    (re.compile(r"\bfarcall\._farcall\.|\bfarcall\.api\.|\bfarcall\.|\b_cffi_backend\.|\bcffi\.api\.|\bcffi\."), "cffi:"),
    (re.compile(r"\bCData(?:Owner|Kept|Function|Iterator)\b|\b_CDataBase\b|\b_CDataPlain\b|\b__CData\w+\b|\b__FFI\w+\b"), "CData"),
    (re.compile(r"\b_cffi_(float|double)_complex_t\b"), r"\1 _Complex"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b|\b0x0{2,}[0-9a-f]+\b"), "0x?"),
]


def normal(text, library):
    text = text.replace(library, "LIBRARY")
    for pattern, replacement in SAME:
        text = pattern.sub(replacement, text)
    return text


def outcome(source, names):
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, "<case>", "exec"), names)
        value = None
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<case>", "eval"), names)
        return ["value", repr(value)]
    except Exception as error:
        return ["raised", type(error).__name__, str(error)]


def opened(package, library, declarations):
    ffi = package.FFI()
    ffi.cdef(declarations)
    return ffi, ffi.dlopen(library)


# cffi takes a while to read declarations, so that cases share an FFI, unless they change it.
shared = functools.lru_cache(opened)
CHANGES = re.compile(r"cdef|include|init_once|unicode|list_types")
# Where something happens when an object goes.
ENDS = re.compile(r"gc|del |alloc|callback|release|with ")


def run(package, library, declarations, source):
    make = opened if CHANGES.search(source) else shared
    ffi, lib = make(package, library, declarations)
    ffi.errno = 0
    names = {
        "FFI": package.FFI,
        "ffi": ffi,
        "lib": lib,
        "LIBRARY": library,
        "package": package,
        "ctypes": ctypes,
        "gc": gc,
        "io": io,
        "math": math,
        "sys": sys,
        "threading": threading,
        "weakref": weakref,
    }
    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        result = outcome(source, names)
        # What goes with the case's objects belongs to it.
        names.clear()
        if ENDS.search(source):
            gc.collect()
        written = sys.stderr.getvalue()
    finally:
        sys.stderr = stderr
    # Which lines of which file raised it is not the packages' affair.
    written = [line for line in written.splitlines() if not line.startswith(" ")]
    return [normal(part, library) for part in result + written]


def main():
    package, library = importlib.import_module(sys.argv[1]), sys.argv[2]
    for declarations, source in json.load(sys.stdin):
        # Line by line: a case that ends the process is the one behind the last.
        print(json.dumps(run(package, library, declarations, source)), flush=True)


if __name__ == "__main__":
    main()
