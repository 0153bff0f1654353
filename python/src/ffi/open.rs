//! `ffi.dlopen` and `ffi.dlclose`.

#![allow(unsafe_code)] // Opening a library runs its code.

use std::sync::PoisonError;

use farcall::shape::Form;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::Ffi;
use crate::cdata::{CData, Kind};
use crate::library::{self, Handle};
use crate::state::types;

/// The flags of dlopen(), as attributes of `FFI`.
#[cfg(unix)]
pub(crate) const FLAGS: &[(&str, i32)] = &[
    ("RTLD_LAZY", libc::RTLD_LAZY),
    ("RTLD_NOW", libc::RTLD_NOW),
    ("RTLD_GLOBAL", libc::RTLD_GLOBAL),
    ("RTLD_LOCAL", libc::RTLD_LOCAL),
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    ("RTLD_NODELETE", libc::RTLD_NODELETE),
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    ("RTLD_NOLOAD", libc::RTLD_NOLOAD),
    #[cfg(target_os = "linux")]
    ("RTLD_DEEPBIND", libc::RTLD_DEEPBIND),
];
#[cfg(windows)]
pub(crate) const FLAGS: &[(&str, i32)] = &[
    ("RTLD_LAZY", 0),
    ("RTLD_NOW", 0),
    ("RTLD_GLOBAL", 0),
    ("RTLD_LOCAL", 0),
];

/// `ffi.dlopen`.
pub(super) fn dlopen<'py>(
    ffi: &Bound<'py, Ffi>,
    name: &Bound<'py, PyAny>,
    flags: i32,
) -> PyResult<Bound<'py, PyAny>> {
    let library = open_any(ffi, name, flags)?;
    let mut libraries = ffi
        .get()
        .libraries
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    libraries.push(library.clone().unbind());
    Ok(library)
}

fn open_any<'py>(
    ffi: &Bound<'py, Ffi>,
    name: &Bound<'py, PyAny>,
    flags: i32,
) -> PyResult<Bound<'py, PyAny>> {
    let py = name.py();
    if name.is_none() {
        let handle = py
            .detach(|| open(None, flags))
            .map_err(PyOSError::new_err)?;
        return library::new(py, ffi, "<None>".into(), handle);
    }
    if let Ok(text) = name.cast::<PyString>() {
        let text = text.to_str()?;
        let (name, handle) = by_name(py, text, flags)?;
        return library::new(py, ffi, name, handle);
    }
    let object = name.as_ptr();
    if let Some(cdata) = CData::of(py, &object) {
        return opened(ffi, py, cdata);
    }
    Err(PyTypeError::new_err(
        "dlopen(name): name must be a file name, None, or an already-opened 'void *' handle",
    ))
}

/// The library of a handle that is open.
fn opened<'py>(
    ffi: &Bound<'py, Ffi>,
    py: Python<'py>,
    cdata: &CData,
) -> PyResult<Bound<'py, PyAny>> {
    let ctype = cdata.ctype();
    if !matches!(ctype.shape.form, Form::Pointer(target) if target == types().void()) {
        let ty = ctype.name();
        let text = format!("dlopen() takes a file name or 'void *' handle, not '{ty}'");
        return Err(PyTypeError::new_err(text));
    }
    if cdata.data.is_null() {
        return Err(PyRuntimeError::new_err("cannot call dlopen(NULL)"));
    }
    #[cfg(unix)]
    // SAFETY: Python code answers for its handles.
    let handle = unsafe { Handle::foreign(cdata.data.cast()) };
    #[cfg(windows)]
    // SAFETY: Python code answers for its handles.
    let handle = Handle::opened(unsafe {
        libloading::os::windows::Library::from_raw(cdata.data as _).into()
    });
    library::new(py, ffi, format!("{:p}", cdata.data), handle)
}

/// A file name as it is; else, or where there is no such file, what the system finds for a bare name. With the name that was
/// opened.
fn by_name(py: Python<'_>, name: &str, flags: i32) -> PyResult<(String, Handle)> {
    let mut first = None;
    if name.contains(['.', '/', std::path::MAIN_SEPARATOR]) {
        match py.detach(|| open(Some(name), flags)) {
            Ok(handle) => return Ok((name.to_owned(), handle)),
            Err(error) => first = Some(error),
        }
    }
    let found = py
        .import("ctypes.util")?
        .call_method1("find_library", (name,))?;
    if found.is_none() {
        let shown = PyString::new(py, name).repr()?;
        let text =
            format!("ctypes.util.find_library() did not manage to locate a library called {shown}");
        return Err(PyOSError::new_err(match first {
            Some(first) => format!("{first}.  Additionally, {text}"),
            None => text,
        }));
    }
    let found: String = found.extract()?;
    let handle = py
        .detach(|| open(Some(&found), flags))
        .map_err(PyOSError::new_err)?;
    Ok((found, handle))
}

/// Opens a library, or the process. The error is what the system says.
fn open(name: Option<&str>, flags: i32) -> Result<Handle, String> {
    let reason = |name: &str, error: libloading::Error| {
        let reason = std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), ToString::to_string);
        format!("cannot load library '{name}': {reason}")
    };
    #[cfg(unix)]
    {
        use libloading::os::unix::Library;
        let flags = if flags & (libc::RTLD_NOW | libc::RTLD_LAZY) == 0 {
            flags | libc::RTLD_NOW
        } else {
            flags
        };
        // SAFETY: the caller of `ffi.dlopen` answers for the library.
        let opened = unsafe { Library::open(name, flags) };
        let opened = opened.map_err(|error| reason(name.unwrap_or("<None>"), error))?;
        Ok(Handle::opened(opened.into()))
    }
    #[cfg(windows)]
    {
        let _ = flags;
        // SAFETY: as above.
        let opened = match name {
            Some(name) => unsafe { libloading::Library::new(name) },
            None => libloading::os::windows::Library::this().map(Into::into),
        };
        opened
            .map(Handle::opened)
            .map_err(|error| reason(name.unwrap_or("<None>"), error))
    }
}

/// `ffi.dlclose`.
pub(super) fn dlclose(library: &Bound<'_, PyAny>) -> PyResult<()> {
    match library::of(library.py(), library) {
        Some(library) => library.close(),
        None => {
            let found = crate::host::type_name(library);
            Err(PyTypeError::new_err(format!(
                "expected a library of ffi.dlopen(), got '{found}'"
            )))
        }
    }
}

/// Makes builtins of a library's functions.
pub(super) fn make_critical(library: &Bound<'_, PyAny>) -> PyResult<()> {
    match library::of(library.py(), library) {
        Some(library) => library.make_critical(),
        None => unreachable!("just opened"),
    }
}

/// `ffi.critical`.
pub(super) fn critical(function: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = function.py();
    let object = function.as_ptr();
    match CData::of(py, &object) {
        Some(cdata) if cdata.kind(py) == Kind::Function && cdata.ctype().is_function() => {
            let made = crate::fused::builtin(py, cdata.as_object())?;
            Ok(super::owned(py, made))
        }
        cdata => {
            let found = match cdata {
                Some(cdata) => format!("cdata '{}'", cdata.ctype().name()),
                None => format!("'{}'", crate::host::type_name(function)),
            };
            Err(PyTypeError::new_err(format!(
                "expected a function of a library, got {found}"
            )))
        }
    }
}
