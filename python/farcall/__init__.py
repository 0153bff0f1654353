"""Call C from Python, given only the text of its declarations.

The interface is that of cffi in ABI mode::

    from farcall import FFI

    ffi = FFI()
    ffi.cdef("int printf(const char *format, ...);")
    C = ffi.dlopen(None)
    C.printf(b"hello, %s\\n", ffi.new("char[]", b"world"))
"""

import types

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

    ``backend`` is there for programs that were written for cffi: a module, which is not used.
    """

    _inline = True
    _unicode = None

    def __init__(self, backend=None):
        if not isinstance(backend, (type(None), types.ModuleType)):
            found = type(backend).__name__
            raise TypeError(f"backend must be a module or None, not {found}")

    def set_unicode(self, enabled_flag):
        """Declares TCHAR, TBYTE and the pointers to them, of wide characters or of bytes. Once at most."""
        if self._unicode is not None:
            raise ValueError("set_unicode() can only be called once")
        enabled_flag = bool(enabled_flag)
        character = "wchar_t" if enabled_flag else "char"
        self.cdef(
            f"""
            typedef {character} TBYTE, TCHAR;
            typedef const {character} *LPCTSTR, *PCTSTR;
            typedef {character} *LPTSTR, *PTSTR, *PTBYTE, *PTCHAR;
            """
        )
        self._unicode = enabled_flag

    def _nothing_is_compiled(self, *args, **kwargs):
        raise NotImplementedError(
            "farcall compiles nothing: call dlopen() for the library instead"
        )

    verify = set_source = set_source_pkgconfig = compile = _nothing_is_compiled
    emit_c_code = emit_python_code = distutils_extension = _nothing_is_compiled
    embedding_api = embedding_init_code = _nothing_is_compiled
