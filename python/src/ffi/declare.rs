//! `ffi.cdef`, `ffi.include`, `ffi.list_types`.

use farcall::cdef::{CdefErrorKind, CdefErrors, CdefOptions, Declaration, Origin, Tag};
use farcall::ctype::RecordKind;
use pyo3::exceptions::{PyNotImplementedError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};

use super::Ffi;
use crate::cdata;
use crate::errors::{CDefError, FFIError};
use crate::state::types;

/// `ffi.cdef`.
pub(super) fn cdef(
    ffi: &Ffi,
    text: &Bound<'_, PyAny>,
    replace: bool,
    packed: Option<&Bound<'_, PyAny>>,
    pack: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let py = text.py();
    let Ok(text) = text.cast::<PyString>() else {
        return Err(PyTypeError::new_err("cdef() argument must be a string"));
    };
    let options = CdefOptions {
        replace,
        pack: pack_of(packed, pack)?,
        windows_names: false,
        cffi: true,
    };
    let text = super::names::c_text(text)?;
    let result = py.detach(|| ffi.inner.cdef_with(text, &options).map_err(Box::new));
    result.map_err(|error| match *error {
        farcall::Error::Cdef(errors) => refused(text, &errors),
        other => crate::errors::of(other),
    })?;
    ffi.forget(py);
    Ok(())
}

/// The alignment that members have at most.
fn pack_of(
    packed: Option<&Bound<'_, PyAny>>,
    pack: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<u32>> {
    let given = |value: Option<&Bound<'_, PyAny>>| match value {
        Some(value) if !value.is_none() => cdata::as_index(value).map(Some),
        _ => Ok(None),
    };
    let is_true = packed.is_some_and(|packed| packed.is_instance_of::<PyBool>());
    let (packed, pack) = (given(packed)?.filter(|&packed| packed != 0), given(pack)?);
    let pack = match (packed, pack.filter(|&pack| pack != 0)) {
        (None, pack) => pack,
        (Some(_), Some(_)) => {
            return Err(PyValueError::new_err(
                "cannot give both 'pack' and 'packed'",
            ));
        }
        (Some(1), None) if is_true => Some(1),
        (Some(1), None) => Some(1),
        (Some(_), None) => {
            let text = "'packed' should be False or True; use 'pack' to give another value";
            return Err(PyValueError::new_err(text));
        }
    };
    match pack {
        None => Ok(None),
        Some(pack) => match u32::try_from(pack) {
            Ok(bytes) if bytes.is_power_of_two() => Ok(Some(bytes)),
            _ => Err(PyValueError::new_err(format!(
                "'pack' must be a power of two, not {pack}"
            ))),
        },
    }
}

/// The exception for a text that cannot be read: the first error in the form that cffi gives it, then all of them.
fn refused(text: &str, errors: &CdefErrors) -> PyErr {
    let first = errors.first();
    let place = match &first.origin {
        Some((file, line)) if !file.is_empty() => format!("{file}:{line}"),
        Some((_, line)) => format!("<cdef source string>:{line}"),
        None => format!("<cdef source string>:{}", first.line),
    };
    let message = match &first.kind {
        CdefErrorKind::Redeclared { name, before } => {
            let kind = declared_as(before);
            let text = format!(
                "multiple declarations of {kind} {name} (for interactive usage, try cdef(xx, override=True))\n{errors}"
            );
            return FFIError::new_err(text);
        }
        CdefErrorKind::UnknownConstant(_) if !line(text, first.line).starts_with('#') => {
            let line = first.line;
            let text = format!(
                ":{line}: unsupported expression: expected a simple numeric constant\n{errors}"
            );
            return FFIError::new_err(text);
        }
        // cffi takes no macro but a number's.
        CdefErrorKind::Unsupported(what) if what.contains("macro") => {
            return CDefError::new_err(format!("{place}: {errors}"));
        }
        CdefErrorKind::Unsupported(_) => return PyNotImplementedError::new_err(errors.to_string()),
        CdefErrorKind::UnknownType(name)
            if let Some((function, index)) = parameter_at(text, first.line, first.column) =>
        {
            format!(
                "{place}: {function} arg {index}: unknown type '{name}' (if you meant to use the old C syntax of giving \
                 untyped arguments, it is not supported)"
            )
        }
        CdefErrorKind::Syntax { .. } | CdefErrorKind::UnknownType(_) if first.origin.is_none() => {
            let line = line(text, first.line);
            format!(
                "cannot parse \"{line}\"\n{place}:{}: {}",
                first.column, first.kind
            )
        }
        CdefErrorKind::Syntax { .. } | CdefErrorKind::UnknownType(_) => {
            format!("parse error\n{place}:{}: {}", first.column, first.kind)
        }
        kind => format!("{place}: {kind}"),
    };
    match errors.errors().len() {
        1 => CDefError::new_err(message),
        _ => CDefError::new_err(format!("{message}\n\n{errors}")),
    }
}

/// cffi's word for what a name was declared as before.
fn declared_as(before: &str) -> &'static str {
    let text = before.trim_start_matches('\'');
    match text {
        _ if text.starts_with("typedef") => "typedef",
        _ if text.starts_with("the constant") => "constant",
        _ if text.contains('(') && !text.contains("(*") => "function",
        _ => "variable",
    }
}

/// The function whose parameter begins at a place, and the parameter's number.
fn parameter_at(text: &str, line: u32, column: u32) -> Option<(&str, usize)> {
    let line = text.lines().nth(line.checked_sub(1)? as usize)?;
    let before: String = line.chars().take(column.checked_sub(1)? as usize).collect();
    let before = line.get(..before.len())?;
    let open = before.rfind('(')?;
    if before[open..].contains(')') {
        return None;
    }
    let name = before[..open].trim_end();
    let start = name
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| at + 1);
    let index = 1 + before[open..].matches(',').count();
    (start < name.len()).then(|| (&name[start..], index))
}

fn line(text: &str, number: u32) -> &str {
    text.lines()
        .nth(number.saturating_sub(1) as usize)
        .unwrap_or("")
        .trim()
}

/// Whether it is a function that Python defines.
pub(super) fn is_extern(declaration: &Declaration) -> bool {
    matches!(declaration, Declaration::Function(function) if function.origin != Origin::Library)
}

/// `ffi.list_types`.
pub(super) fn list_types(ffi: &Ffi) -> (Vec<String>, Vec<String>, Vec<String>) {
    let declarations = ffi.inner.declarations();
    let typedefs = declarations.iter();
    let typedefs =
        typedefs.filter(|(_, declaration)| matches!(declaration, Declaration::Typedef(_)));
    let mut typedefs: Vec<String> = typedefs.map(|(name, _)| name.to_owned()).collect();
    let tags = |kind: RecordKind| {
        let tags = declarations.tags().filter(|(_, tag)| match tag {
            Tag::Record(id) => types().record(*id).kind == kind,
            Tag::Enum(_) => false,
        });
        // Those without a name have one that C does not see.
        let mut names: Vec<String> = tags
            .map(|(name, _)| name.rsplit(' ').next().unwrap_or(name).to_owned())
            .filter(|name| !name.starts_with('$'))
            .collect();
        names.sort();
        names
    };
    typedefs.sort();
    (typedefs, tags(RecordKind::Struct), tags(RecordKind::Union))
}

/// `ffi.include`.
pub(super) fn include(ffi: &Bound<'_, Ffi>, other: &Bound<'_, PyAny>) -> PyResult<()> {
    let Ok(other) = other.cast::<Ffi>() else {
        let found = crate::host::type_name(other);
        let text = format!(
            "ffi.include() expects an argument that is also of type farcall.FFI, not '{found}'"
        );
        return Err(PyTypeError::new_err(text));
    };
    if ffi.is(other) {
        return Err(PyValueError::new_err("self.include(self)"));
    }
    ffi.get()
        .inner
        .include(&other.get().inner)
        .map_err(crate::errors::of)?;
    ffi.get().forget(ffi.py());
    Ok(())
}
