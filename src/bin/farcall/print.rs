//! Results as a person wants to read them.

#![allow(unsafe_code)]

use farcall::ctype::{CType, Primitive, TypeId};
use farcall::{CData, Ffi, Value};

use crate::argument::is_text;

/// A result of type `ty`: the text behind a `char *`, the struct behind a pointer to one, else the value.
/// None for `void`.
///
/// # Safety
///
/// Pointers in the result are NULL or point to what their type says.
pub(crate) unsafe fn result(ffi: &Ffi, ty: TypeId, value: &Value) -> Option<String> {
    let types = ffi.types();
    if types.get(types.plain(ty)) == CType::Void {
        return None;
    }
    let shown = || ffi.display(ty, value).to_string();
    let Value::CData(cdata) = value else {
        return Some(shown());
    };
    if cdata.is_null() {
        return Some(shown());
    }
    let target = match types.get(types.plain(ty)) {
        CType::Pointer(target) => types.plain(target),
        _ => return Some(shown()),
    };
    match types.get(target) {
        CType::Primitive(Primitive::Char) if is_text(ffi, ty) => {
            // SAFETY: the caller's promise.
            let text = unsafe { cdata.c_string() }.ok()?;
            Some(String::from_utf8_lossy(&text).into_owned())
        }
        CType::Record(id) if types.record(id).body().is_some() => {
            // SAFETY: the caller's promise.
            Some(unsafe { record_behind(ffi, cdata) }.unwrap_or_else(shown))
        }
        _ => Some(shown()),
    }
}

/// The struct that a pointer points to, with the text of its `char *` members.
///
/// # Safety
///
/// As [`result`].
unsafe fn record_behind(ffi: &Ffi, pointer: &CData) -> Option<String> {
    let types = ffi.types();
    // SAFETY: the caller's promise.
    let record = unsafe { pointer.trust(1) };
    let CType::Pointer(target) = types.get(types.plain(pointer.type_id())) else {
        return None;
    };
    let CType::Record(id) = types.get(types.plain(target)) else {
        return None;
    };
    let members = types.record(id).body()?.fields.iter().filter_map(|field| {
        let name = field.name.as_deref()?;
        let value = record.field(name).ok()?;
        let shown = match &value {
            Value::CData(cdata) if is_text(ffi, field.ty) && !cdata.is_null() => {
                // SAFETY: the caller's promise.
                format!("\"{}\"", unsafe { cdata.c_string() }.ok()?.escape_ascii())
            }
            value => ffi.display(field.ty, value).to_string(),
        };
        Some(format!("{name}: {shown}"))
    });
    Some(format!("{{{}}}", members.collect::<Vec<_>>().join(", ")))
}
