//! `string` and `unpack`.

use super::{Object, enum_name, repr};
use crate::Error;
use crate::convert::{code_points_16, is_byte, load};
use crate::error::ErrorClass;
use crate::host::Host;
use crate::shape::{Form, Shape};

/// The text of a character array or behind a character pointer, up to its zero, the array's end, or `max` characters;
/// of a single character; the name of an enumeration's value.
///
/// # Errors
///
/// For NULL, and for other types.
///
/// # Safety
///
/// The characters are readable up to one of these ends.
pub unsafe fn string<H: Host>(
    host: &H,
    object: &Object,
    max: Option<u64>,
) -> Result<H::Value, H::Error> {
    let types = host.types();
    if let Some(item) = object.shape.item().map(|item| Shape::of(types, item))
        && (item.is_integer() || item.is_character())
        && item.form != Form::Bool
    {
        check_not_null(host, object, "string()")?;
        if !is_byte(&item) && !item.is_character() {
            return Err(no_text(host, object));
        }
        let max = max.or(object.array_length()).unwrap_or(u64::MAX);
        // SAFETY: the caller's promise, up to the zero.
        return unsafe {
            let length = length(object.address, &item, max);
            text(host, &item, object.address, length)
        };
    }
    if object.shape.enumeration(types).is_some() {
        // SAFETY: an enumeration's cdata lies at its address.
        let name = unsafe { enum_name(types, object, false) };
        return host.make_text(name.chars().map(u32::from));
    }
    let single = object.shape.is_character() || is_byte(&object.shape);
    if single && object.shape.form != Form::Bool {
        // SAFETY: a number's cdata lies at its address.
        return unsafe { text(host, &object.shape, object.address, 1) };
    }
    Err(no_text(host, object))
}

#[cold]
fn no_text<H: Host>(host: &H, object: &Object) -> H::Error {
    let ty = host.types().spelling(object.shape.ty);
    let message = format!("string(): unexpected cdata '{ty}' argument");
    Error::refused(ErrorClass::Type, message).into()
}

/// So many items as one value: bytes or text of characters, a list of all others.
///
/// # Errors
///
/// For NULL, types without items, a negative length.
///
/// # Safety
///
/// The items are readable, and `origin` keeps them so.
pub unsafe fn unpack<H: Host>(
    host: &H,
    object: &Object,
    length: i64,
    origin: H::Origin<'_>,
) -> Result<H::Value, H::Error> {
    let types = host.types();
    let Some(item) = object.shape.item().map(|item| Shape::of(types, item)) else {
        let ty = types.spelling(object.shape.ty);
        let message = format!("expected a pointer or array, got '{ty}'");
        return Err(Error::refused(ErrorClass::Type, message).into());
    };
    let Ok(length) = u64::try_from(length) else {
        let message = "'length' cannot be negative";
        return Err(Error::refused(ErrorClass::Value, message).into());
    };
    check_not_null(host, object, "unpack()")?;
    if item.is_character() {
        // SAFETY: the caller's promise.
        return unsafe { text(host, &item, object.address, length) };
    }
    let Some(size) = item.size(types) else {
        let ty = types.spelling(object.shape.ty);
        let message = format!("'{ty}' points to items of unknown size");
        return Err(Error::refused(ErrorClass::Value, message).into());
    };
    host.make_list(length as usize, |index| {
        let from = object
            .address
            .wrapping_add(index.wrapping_mul(size as usize));
        // SAFETY: the caller's promise, for an item below `length`.
        unsafe { load(host, &item, from, origin) }
    })
}

fn check_not_null<H: Host>(host: &H, object: &Object, operation: &str) -> Result<(), H::Error> {
    if !object.address.is_null() {
        return Ok(());
    }
    // SAFETY: a pointer's repr reads no memory.
    let shown = unsafe { repr(host, object) }?;
    let message = format!("cannot use {operation} on {shown}");
    Err(Error::refused(ErrorClass::Runtime, message).into())
}

/// Units up to a zero, at most `max`.
unsafe fn length(from: *const u8, item: &Shape, max: u64) -> u64 {
    // SAFETY: of all reads: the caller's promise, up to the first zero.
    unsafe {
        match item.form {
            Form::Char16 => {
                (0..max).take_while(|&at| from.cast::<u16>().add(at as usize).read_unaligned() != 0)
            }
            Form::Char32 { .. } => {
                return (0..max)
                    .take_while(|&at| from.cast::<u32>().add(at as usize).read_unaligned() != 0)
                    .count() as u64;
            }
            _ if max == u64::MAX => {
                return std::ffi::CStr::from_ptr(from.cast()).count_bytes() as u64;
            }
            _ => {
                return (0..max)
                    .take_while(|&at| from.add(at as usize).read() != 0)
                    .count() as u64;
            }
        }
        .count() as u64
    }
}

/// # Safety
///
/// `length` units are readable at `from`.
unsafe fn text<H: Host>(
    host: &H,
    item: &Shape,
    from: *const u8,
    length: u64,
) -> Result<H::Value, H::Error> {
    let length = length as usize;
    match item.form {
        Form::Char16 => {
            let unit = move |at: usize| {
                // SAFETY: the caller's promise.
                unsafe { from.cast::<u16>().add(at).read_unaligned() }
            };
            match length {
                1 => host.make_character(unit(0).into()),
                _ => host.make_text(code_points_16((0..length).map(unit))),
            }
        }
        Form::Char32 { .. } => {
            let unit = move |at: usize| {
                // SAFETY: the caller's promise.
                unsafe { from.cast::<u32>().add(at).read_unaligned() }
            };
            host.make_text((0..length).map(unit))
        }
        // SAFETY: the caller's promise.
        _ => host.make_bytes(unsafe { std::slice::from_raw_parts(from, length) }),
    }
}
