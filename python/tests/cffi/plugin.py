"""Lets cffi's own tests run against farcall: a plugin of pytest's.

``CFFI_SOURCE`` is the folder of cffi's unpacked source, whose tests import `cffi`, `_cffi_backend` and some of cffi's
modules that have nothing to do with calling C. `cffi` and `_cffi_backend` are farcall here; the rest is cffi's.
"""

import importlib.machinery
import importlib.util
import os
import pathlib
import sys
import types

import farcall
from farcall import _farcall

SOURCE = pathlib.Path(os.environ["CFFI_SOURCE"])


def from_source(name):
    """A module of cffi's own."""
    path = SOURCE / "src" / "cffi" / (name.rpartition(".")[2] + ".py")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def backend():
    """What the tests use of `_cffi_backend`."""
    module = types.ModuleType("_cffi_backend")
    module.FFI = _farcall.FFI
    module.CType = _farcall.CType
    module._CDataBase = _farcall.CData
    module.Lib = _farcall.Lib
    module.buffer = _farcall.buffer
    module.__version__ = farcall.__version__
    for name in dir(_farcall.FFI):
        if name.startswith("RTLD_"):
            setattr(module, name, getattr(_farcall.FFI, name))
    return module


sys.path.insert(0, str(SOURCE))
sys.modules["cffi"] = farcall
sys.modules["_cffi_backend"] = backend()
# Submodules of `cffi` are looked for in the package's folders.
farcall.__path__ = list(farcall.__path__)
ctypes_backend = types.ModuleType("cffi.backend_ctypes")
ctypes_backend.CTypesBackend = type("CTypesBackend", (), {})
sys.modules["cffi.backend_ctypes"] = ctypes_backend
farcall.backend_ctypes = ctypes_backend
for name in ("error", "_imp_emulation", "cffi_opcode"):
    setattr(farcall, name, from_source("cffi." + name))
