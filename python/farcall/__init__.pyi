from typing import Any

from ._farcall import (
    CDefError as CDefError,
    FFIError as FFIError,
    PkgConfigError as PkgConfigError,
    VerificationError as VerificationError,
    VerificationMissing as VerificationMissing,
)
from ._farcall import FFI as _FFI

__version__: str
__version_info__: tuple[int, ...]

class FFI(_FFI):
    def __init__(self, backend: Any = None) -> None: ...
