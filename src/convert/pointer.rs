//! What a pointer takes: pointers and arrays of its type, and any where one of them is `void *`.

use std::ptr;

use super::array::is_byte;
use super::{wrong_cdata, wrong_kind};
use crate::Error;
use crate::ctype::{CType, TypeId, TypeTable};
use crate::host::{CDataRef, Host, View};
use crate::shape::{Form, Shape};

/// The address to store for a pointer.
#[inline]
pub(super) fn address_for<H: Host>(
    host: &H,
    shape: &Shape,
    value: H::Ref<'_>,
) -> Result<*mut u8, H::Error> {
    match host.cdata(value)? {
        Some(cdata) if cdata.ty == shape.ty => Ok(cdata.address),
        Some(cdata) => Ok(pointer_from_cdata(host.types(), shape, &cdata, H::LENIENT)?),
        None if H::LENIENT && host.view(value) == View::None => Ok(ptr::null_mut()),
        None => Err(wrong_kind(host, shape, "cdata pointer", value)),
    }
}

/// The address in cdata that becomes a pointer of the type `shape`: C converts nothing but `void *` silently. A function
/// itself is taken as a pointer to it if `functions`.
///
/// # Errors
///
/// If C, or cffi, would not do it.
pub fn pointer_from_cdata(
    types: &TypeTable,
    shape: &Shape,
    cdata: &CDataRef,
    functions: bool,
) -> Result<*mut u8, Error> {
    let wrong =
        |expected| wrong_cdata(types.spelling(shape.ty), expected, types.spelling(cdata.ty));
    let given = match types.get(types.plain(cdata.ty)) {
        CType::Pointer(target) => target,
        CType::Array { element, .. } => element,
        CType::Function(_) if functions => cdata.ty,
        _ => return Err(wrong("pointer or array")),
    };
    let CType::Pointer(target) = types.get(shape.ty) else {
        return Err(wrong("pointer"));
    };
    if accepts(types, target, given)? {
        Ok(cdata.address)
    } else {
        Err(wrong("pointer to same type"))
    }
}

/// Whether a pointer to `given` becomes one to `target`.
fn accepts(types: &TypeTable, target: TypeId, given: TypeId) -> Result<bool, Error> {
    let (target, given) = (types.plain(target), types.plain(given));
    let is_void = |ty| types.get(ty) == CType::Void;
    if target == given || is_void(target) || is_void(given) || types.same(target, given) {
        return Ok(true);
    }
    let (target, given) = (Shape::of(types, target), Shape::of(types, given));
    Ok(match (target.form, given.form) {
        (Form::Char, _) | (_, Form::Char) if is_byte(&target) && is_byte(&given) => true,
        (Form::Char, _) | (_, Form::Char) => {
            return Err(Error::ImplicitCast {
                to_char: target.form == Form::Char,
                place: Default::default(),
            });
        }
        _ => false,
    })
}
