"""Call C from Python, given only the text of its declarations.

The interface is that of cffi in ABI mode::

    from farcall import FFI

    ffi = FFI()
    ffi.cdef("int printf(const char *format, ...);")
    C = ffi.dlopen(None)
    C.printf(b"hello, %s\\n", ffi.new("char[]", b"world"))
"""

from . import _farcall
from ._farcall import (
    CDefError,
    FFIError,
    PkgConfigError,
    VerificationError,
    VerificationMissing,
)

__all__ = [
    "CDefError",
    "FFI",
    "FFIError",
    "PkgConfigError",
    "VerificationError",
    "VerificationMissing",
]

__version__ = _farcall.__version__
__version_info__ = tuple(int(part) for part in __version__.split(".")[:3])


class FFI(_farcall.FFI):
    """C declarations, and what can be done with them.

    ``backend`` is there for programs that were written for cffi; it is ignored.
    """

    _inline = True

    def __init__(self, backend=None):
        pass
