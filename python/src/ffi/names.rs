//! Types by their names, and the words for names that are none.

use std::sync::atomic::Ordering;

use farcall::cdef::{CdefError, CdefErrorKind};
use farcall::ctype::{CType as Node, DeferredKind, TypeId};
use farcall::layout::LayoutError;
use pyo3::exceptions::{PyNotImplementedError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::{Ffi, Role};
use crate::ctype::{self, CType};
use crate::errors::{CDefError, FFIError, VerificationMissing};
use crate::state::types;

impl Ffi {
    #[inline]
    pub(super) fn ctype_of_text<'py>(
        &self,
        text: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, CType>> {
        let py = text.py();
        if let Some(known) = known(self.types.bind(py), text)? {
            return Ok(known);
        }
        let generation = self.generation.load(Ordering::Relaxed);
        let ty = self.parse(text)?;
        if let Node::Function(_) = types().get(types().plain(ty)) {
            let text = match self.inline {
                true => text.repr()?.to_string_lossy().into_owned(),
                false => format!("'{}'", types().spelling(ty)),
            };
            let text =
                format!("the type {text} is a function type, not a pointer-to-function type");
            return Err(self.error(text));
        }
        let ctype = ctype::of(py, ty)?;
        self.remember(&self.types, generation, text, &ctype)?;
        Ok(ctype)
    }

    /// As [`Ffi::ctype`], where a function type stands for a pointer to it.
    pub(super) fn function_ctype<'py>(
        &self,
        name: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, CType>> {
        let py = name.py();
        if let Ok(ctype) = name.cast::<CType>() {
            return Ok(ctype.clone());
        }
        let Ok(text) = name.cast::<PyString>() else {
            return Err(self.no_type(name, Role::Argument("callback")));
        };
        if let Some(known) = known(self.functions.bind(py), text)? {
            return Ok(known);
        }
        let generation = self.generation.load(Ordering::Relaxed);
        let ty = self.parse(text)?;
        let ctype = match types().get(types().plain(ty)) {
            Node::Function(_) => ctype::pointer_to(py, types().plain(ty))?,
            _ => ctype::of(py, ty)?,
        };
        self.remember(&self.functions, generation, text, &ctype)?;
        Ok(ctype)
    }

    /// Puts a type into a cache, unless names have got another meaning since the generation in which its text was read:
    /// objects of types are made with warnings, which run Python code. Texts of classes of their own are not kept, as they
    /// run Python code to be compared.
    fn remember(
        &self,
        cache: &Py<PyDict>,
        generation: u64,
        text: &Bound<'_, PyString>,
        ctype: &Bound<'_, CType>,
    ) -> PyResult<()> {
        let is_current = self.generation.load(Ordering::Relaxed) == generation;
        match is_current && text.is_exact_instance_of::<PyString>() {
            true => cache.bind(text.py()).set_item(text, ctype),
            false => Ok(()),
        }
    }

    /// Forgets what texts mean, for names may mean something else now.
    pub(super) fn forget(&self, py: Python<'_>) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.types.bind(py).clear();
        self.functions.bind(py).clear();
    }

    fn parse(&self, text: &Bound<'_, PyString>) -> PyResult<TypeId> {
        let text = c_text(text)?;
        match self.inner.declarations().type_of(text) {
            Ok(ty)
                if self.inline
                    && let Some(error) = needs_compiler(ty, 0) =>
            {
                Err(error)
            }
            Ok(ty) => match self.undeclared(ty) {
                true => Err(self.error(pointed(
                    text,
                    undeclared_at(text),
                    "undefined struct/union name",
                ))),
                false => Ok(ty),
            },
            Err(errors) => Err(self.refused(text, errors.first())),
        }
    }

    /// Whether a type mentions a structure that nobody has declared, and that matters.
    fn undeclared(&self, ty: TypeId) -> bool {
        if self.inline {
            return false;
        }
        let types = types();
        let mut inner = types.plain(ty);
        loop {
            inner = match types.get(inner) {
                Node::Pointer(target) => types.plain(target),
                Node::Array { element, .. } => types.plain(element),
                Node::Record(id) => {
                    let record = types.record(id);
                    let predefined = record.tag.starts_with('_') || record.tag.starts_with('$');
                    return !predefined
                        && record.body().is_none()
                        && self.inner.declarations().tag(&record.tag).is_none();
                }
                _ => return false,
            };
        }
    }

    fn error(&self, text: String) -> PyErr {
        match self.inline {
            true => CDefError::new_err(text),
            false => FFIError::new_err(text),
        }
    }

    /// The exception for a text that names no type.
    fn refused(&self, text: &str, error: &CdefError) -> PyErr {
        // What is C's grammar, and only its numbers and sizes make no sense.
        match &error.kind {
            CdefErrorKind::Invalid(message)
                if self.inline && message.contains("array's length") =>
            {
                return match text.contains("[-") {
                    true => PyValueError::new_err("negative array length"),
                    false => {
                        PyOverflowError::new_err("cannot fit 'int' into an index-sized integer")
                    }
                };
            }
            CdefErrorKind::Layout(LayoutError::TooLarge(_)) if self.inline => {
                return PyOverflowError::new_err("array size would overflow a Py_ssize_t");
            }
            CdefErrorKind::Invalid(message)
                if self.inline && message.contains("does not fit the type before it") =>
            {
                return FFIError::new_err(format!(
                    "Unsupported type: '{}'.  {message}",
                    text.trim()
                ));
            }
            CdefErrorKind::UnknownConstant(_) if self.inline => {
                let text = format!(
                    ":{}: unsupported expression: expected a simple numeric constant: {error}",
                    error.line
                );
                return FFIError::new_err(text);
            }
            CdefErrorKind::Layout(LayoutError::Incomplete(item)) if self.inline => {
                return PyValueError::new_err(format!("array item of unknown size: '{item}'"));
            }
            CdefErrorKind::Invalid(message) if message.contains("cannot return") => {
                return PyTypeError::new_err(message.clone());
            }
            CdefErrorKind::Layout(error) if !matches!(error, LayoutError::Function(_)) => {
                return PyValueError::new_err(error.to_string());
            }
            _ => {}
        }
        match self.inline {
            true => CDefError::new_err(inline_words(text, error)),
            false => FFIError::new_err(compiled_words(text, error)),
        }
    }
}

/// A text of C. No character of one is half a character (a lone surrogate).
pub(super) fn c_text<'a>(text: &'a Bound<'_, PyString>) -> PyResult<&'a str> {
    text.to_str().map_err(|error| {
        let shown = text.repr();
        let shown = shown.map_or_else(|_| "?".into(), |shown| shown.to_string_lossy().into_owned());
        CDefError::new_err(format!("cannot parse {shown}: {error}"))
    })
}

/// The exception for a type in which something is that only a C compiler could complete.
fn needs_compiler(ty: TypeId, depth: u32) -> Option<PyErr> {
    // What is nested more deeply than anybody writes is looked at when it is used.
    if depth > 50 {
        return None;
    }
    let types = types();
    match types.get(types.plain(ty)) {
        Node::Pointer(inner) | Node::Array { element: inner, .. } => {
            needs_compiler(inner, depth + 1)
        }
        Node::Function(id) => {
            let function = types.function(id);
            let mentioned = function.params.iter().chain([&function.result]);
            mentioned
                .copied()
                .find_map(|ty| needs_compiler(ty, depth + 1))
        }
        Node::Record(id) if is_partial(types.record(id)) => {
            Some(VerificationMissing::new_err(types.spelling(ty)))
        }
        Node::Enum(id)
            if types
                .enumeration(id)
                .body()
                .is_some_and(|body| body.partial) =>
        {
            Some(VerificationMissing::new_err(types.spelling(ty)))
        }
        Node::Deferred(id) => {
            let kind = match types.deferred(id).kind {
                DeferredKind::Integer => "integer",
                DeferredKind::Float => "float",
                DeferredKind::Array { .. } => return None,
            };
            let name = types.spelling(ty);
            let text = format!("{kind} type '{name}' can only be used after compilation");
            Some(PyNotImplementedError::new_err(text))
        }
        _ => None,
    }
}

/// Whether a structure was declared with `...` between its braces. `typedef ... name` is opaque, and so is, here, one of
/// which no member is known.
fn is_partial(record: &farcall::ctype::Record) -> bool {
    let nothing_known = record.tag.starts_with('$') && record.declared_members().is_empty();
    record.is_partial() && !nothing_known
}

fn known<'py>(
    types: &Bound<'py, PyDict>,
    text: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, CType>>> {
    match types.get_item(text)? {
        Some(ctype) => Ok(Some(ctype.cast_into::<CType>()?)),
        None => Ok(None),
    }
}

/// As `cffi.FFI` says it.
fn inline_words(text: &str, error: &CdefError) -> String {
    match &error.kind {
        CdefErrorKind::UnknownType(name) if name == text.trim() => {
            format!("unknown identifier '{name}'")
        }
        _ => format!(
            "cannot parse \"{}\"\n<cdef source string>:{error}",
            text.trim()
        ),
    }
}

/// As cffi's compiled `FFI` says it.
fn compiled_words(text: &str, error: &CdefError) -> String {
    let at = (error.column as usize).saturating_sub(1);
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [.., first @ ("struct" | "union"), second] = words[..]
        && (second == first || ["struct", "union", "enum", "int"].contains(&second))
    {
        let at = text.rfind(second).unwrap_or(at);
        return pointed(text, at, "struct or union name expected");
    }
    match &error.kind {
        CdefErrorKind::UnknownType(name) => pointed(
            text,
            text.find(&**name).unwrap_or(at),
            "undefined type name",
        ),
        CdefErrorKind::Syntax { .. } => {
            let at = text
                .find(|c: char| !c.is_whitespace() && !c.is_control())
                .unwrap_or(0);
            let at = if text.trim().is_empty() {
                0
            } else {
                at.min(first_visible(text))
            };
            pointed(text, at, "identifier expected")
        }
        kind => pointed(text, at, &kind.to_string()),
    }
}

/// The first character that is no space.
fn first_visible(text: &str) -> usize {
    text.find(|c: char| !matches!(c, ' ' | '\t' | '\n'))
        .unwrap_or(0)
}

fn undeclared_at(text: &str) -> usize {
    let after = text
        .find("struct ")
        .or_else(|| text.find("union "))
        .unwrap_or(0);
    text[after..].find(' ').map_or(0, |gap| after + gap + 1)
}

/// The message, the text in which it is, and a caret below the place. Long texts are not shown.
fn pointed(text: &str, at: usize, message: &str) -> String {
    if text.len() > 500 {
        return message.to_owned();
    }
    let shown = |byte: u8| match byte {
        b' '..=b'~' => byte as char,
        b'\t' | b'\n' => ' ',
        _ => '?',
    };
    let shown: String = text.bytes().map(shown).collect();
    format!("{message}\n{shown}\n{}^", " ".repeat(at))
}
