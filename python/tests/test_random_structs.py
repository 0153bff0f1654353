"""Structures of random members by value, arguments and results, against the machine's C compiler.

cffi has such a test, and skips it where its calls go through libffi.
"""

import random

import pytest

from conftest import compile_c
from farcall import FFI

SCALARS = {
    "signed char": (-(2**7), 2**7 - 1),
    "unsigned char": (0, 2**8 - 1),
    "short": (-(2**15), 2**15 - 1),
    "unsigned short": (0, 2**16 - 1),
    "int": (-(2**31), 2**31 - 1),
    "unsigned int": (0, 2**32 - 1),
    "long long": (-(2**63), 2**63 - 1),
    "unsigned long long": (0, 2**64 - 1),
    "float": None,
    "double": None,
}
FUNCTIONS = 60


def random_value(chance, scalar):
    bounds = SCALARS[scalar]
    return chance.randint(-1000, 1000) / 8 if bounds is None else chance.randint(*bounds)


class Struct:
    """A structure: members are scalars, or arrays of them."""

    def __init__(self, chance, name):
        self.name = name
        self.members = [
            ("m%d" % index, chance.choice(list(SCALARS)), chance.choice([0, 0, 0, 2, 3]))
            for index in range(chance.randint(1, 6))
        ]

    def declaration(self):
        members = " ".join(
            "%s %s%s;" % (scalar, name, "[%d]" % count if count else "")
            for name, scalar, count in self.members
        )
        return "struct %s { %s };" % (self.name, members)

    def value(self, chance):
        return {
            name: [random_value(chance, scalar) for _ in range(count)]
            if count
            else random_value(chance, scalar)
            for name, scalar, count in self.members
        }

    def read(self, cdata):
        return {
            name: list(getattr(cdata, name)) if count else getattr(cdata, name)
            for name, _, count in self.members
        }


class Function:
    """`R f(A a0, B a1, ...)` keeps its arguments in global variables, and returns another one."""

    def __init__(self, chance, structs, index):
        self.name = "f%d" % index
        kinds = list(SCALARS) + structs * 3
        self.params = [chance.choice(kinds) for _ in range(chance.randint(1, 8))]
        self.result = chance.choice(structs)

    def spelling(self, kind):
        return kind if isinstance(kind, str) else "struct " + kind.name

    def declaration(self):
        params = ", ".join(
            "%s a%d" % (self.spelling(kind), index) for index, kind in enumerate(self.params)
        )
        return "%s %s(%s)" % (self.spelling(self.result), self.name, params)

    def globals(self):
        kept = ["%s %s_a%d;" % (self.spelling(k), self.name, i) for i, k in enumerate(self.params)]
        return " ".join([*kept, "%s %s_r;" % (self.spelling(self.result), self.name)])

    def body(self):
        kept = " ".join(
            "%s_a%d = a%d;" % (self.name, i, i) for i in range(len(self.params))
        )
        return "{ %s return %s_r; }" % (kept, self.name)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_structs_by_value(tmp_path, seed):
    chance = random.Random(seed)
    structs = [Struct(chance, "s%d" % index) for index in range(12)]
    functions = [Function(chance, structs, index) for index in range(FUNCTIONS)]
    types = "\n".join(struct.declaration() for struct in structs)
    text = [types]
    source = [types]
    for function in functions:
        source.append(function.globals() + "\n" + function.declaration() + function.body())
        externs = function.globals().replace("; ", "; extern ")
        text.append("extern " + externs + "\n" + function.declaration() + ";")
    ffi = FFI()
    ffi.cdef("\n".join(text))
    lib = ffi.dlopen(compile_c(tmp_path, "structs", "\n".join(source)))
    for function in functions:
        check(ffi, lib, chance, function)


def check(ffi, lib, chance, function):
    name = function.name
    values = [
        random_value(chance, kind) if isinstance(kind, str) else kind.value(chance)
        for kind in function.params
    ]
    expected = function.result.value(chance)
    setattr(lib, name + "_r", expected)
    result = getattr(lib, name)(*values)
    assert function.result.read(result) == expected, function.declaration()
    for index, (kind, value) in enumerate(zip(function.params, values)):
        got = getattr(lib, "%s_a%d" % (name, index))
        got = got if isinstance(kind, str) else kind.read(got)
        assert got == value, "%s: argument %d" % (function.declaration(), index)
    # And through a callback, where the direction is the other one.
    seen = []

    def python(*arguments):
        seen.extend(
            argument if isinstance(kind, str) else kind.read(argument)
            for kind, argument in zip(function.params, arguments)
        )
        return expected

    callback = ffi.callback(ffi.typeof(getattr(lib, name)), python)
    assert function.result.read(callback(*values)) == expected, function.declaration()
    assert seen == values, function.declaration()
