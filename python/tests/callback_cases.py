"""`callback_cases.py`: calls callbacks with and for many values and prints what comes of it, for test_direct_callbacks.py to
compare. The last line, on stderr, is how many of them were called without detours, and how many in the general way.
"""

import re
import sys

from farcall import FFI, _farcall

TYPES = [
    "_Bool", "char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long", "unsigned long",
    "long long", "unsigned long long", "float", "double", "wchar_t", "enum color", "int *", "char *", "void *", "struct pair *",
    "int(*)(int)", "int **",
]  # fmt: skip
OTHERS = ["long double", "struct pair", "float _Complex", "__int128"]
NUMBERS = [0, 1, -1, 2, 127, 128, -129, 255, 256, 2**15, 2**16, 2**31 - 1, 2**31, -(2**31) - 1, 2**32, 2**63 - 1, 2**63, 2**64, -(2**63)]
REALS = [0.0, -0.0, 1.5, -2.25, 1e300, float("inf"), float("nan"), 3.4e38, 3.5e38]


class Index:
    def __index__(self):
        return 3


class Float:
    def __float__(self):
        return 2.5


class Number(int):
    pass


def values(ffi):
    items = ffi.new("int[4]", [1, 2, 3, 4])
    pair = ffi.new("struct pair *", (b"p", 2.5))
    function = ffi.callback("int(int)", lambda x: x + 1)
    yield from NUMBERS
    yield from REALS
    yield from [True, False, None, b"a", b"", b"ab", "a", "ab", [], (1,), {}, object, Index(), Float(), Number(7), 1j]
    yield from [items, items + 1, pair, pair[0], function, ffi.NULL, ffi.new("char[]", b"text"), ffi.new("int *[2]")]
    for name in ("int", "long", "char", "_Bool", "double", "float", "enum color", "unsigned long long", "wchar_t"):
        yield ffi.cast(name, 1)
    yield from [ffi.cast("void *", 0x1230), ffi.cast("char *", 0x1230), ffi.cast("struct pair *", 0), ffi.cast("int(*)(long)", 0)]


def shown(ffi, value):
    if isinstance(value, ffi.CData):
        ctype = ffi.typeof(value)
        if ctype.kind == "struct":
            return str(ctype), value.tag, value.value
        return re.sub(r"0x[0-9a-f]{6,}", "0x", repr(value)), str(ctype)
    return type(value).__name__, re.sub(r"0x[0-9a-f]{6,}", "0x", repr(value))


def main():
    ffi = FFI()
    ffi.cdef("struct pair { char tag; double value; }; enum color { RED, GREEN = 5 };")
    told, seen, answer = [], [], [None]
    sys.unraisablehook = lambda args: told.append(
        (args.exc_type.__name__, str(args.exc_value), re.sub("0x[0-9a-f]+", "0x", args.err_msg or ""))
    )

    def function(*arguments):
        seen.append([shown(ffi, argument) for argument in arguments])
        if isinstance(answer[0], Exception):
            raise answer[0]
        return answer[0]

    def attempt(callback, *arguments):
        told.clear(), seen.clear()
        ffi.errno = 17
        try:
            result = shown(ffi, callback(*arguments))
        except Exception as error:
            result = type(error).__name__, str(error)
        print(ffi.getctype(ffi.typeof(callback)), *map(str, arguments[:0]), seen, result, told, ffi.errno, sep="; ")

    everything = list(values(ffi))
    for name in TYPES + OTHERS:
        taking = ffi.callback(ffi.getctype("void", "(*)(%s)" % ffi.getctype(name)), function)
        for value in everything:
            answer[0] = None
            attempt(taking, value)
        giving = ffi.callback("%s (*)(void)" % name if "(" not in name else "int (*(*)(void))(int)", function)
        for value in everything:
            answer[0] = value
            attempt(giving)
        erring = ffi.callback(ffi.getctype(name, "(*)(int)") if "(" not in name else "int (*(*)(int))(int)", function, error=None)
        answer[0] = LookupError("no")
        attempt(erring, 1)
    for count in range(12):
        answer[0] = count
        many = ffi.callback("int(*)(%s)" % (", ".join(["int", "double", "char *"][n % 3] for n in range(count)) or "void"), function)
        attempt(many, *[(n, n + 0.5, ffi.NULL)[n % 3] for n in range(count)])
    # A method is called without making a tuple of its arguments; its object stands in front of them.
    class Methods:
        def method(self, *arguments):
            return len(arguments)

        @classmethod
        def of_class(cls, *arguments):
            return -len(arguments)

        def __call__(self, *arguments):
            return 10 * len(arguments)

    for target in (Methods().method, Methods.of_class, Methods(), max, divmod, int):
        attempt(ffi.callback("int(*)(int, int)", target, error=-9), 7, 3)
    stats = _farcall._fused_stats()
    print(stats["callbacks"], stats["general callbacks"], file=sys.stderr)


if __name__ == "__main__":
    main()
