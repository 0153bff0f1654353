//! Arrays from sequences, text and other arrays.

use std::ptr;

use super::store::store;
use super::{is_same, text, wrong_kind};
use crate::Error;
use crate::error::ErrorClass;
use crate::host::{Host, View};
use crate::object::items_size;
use crate::shape::{Form, Shape, Width};

/// Stores the items of an array of `length` items of the type `item`. `shape` is what errors call it: the array, or the
/// pointer that an argument is for. Items that are not given stay as they are.
///
/// # Safety
///
/// There is room for `length` items at `to`; for a `T[]`, `room` bytes.
pub(super) unsafe fn store_array<H: Host>(
    host: &H,
    shape: &Shape,
    item: &Shape,
    length: Option<u64>,
    to: *mut u8,
    room: u64,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    let types = host.types();
    let size = item.size(types).unwrap_or(0);
    let length = length.or_else(|| match room {
        u64::MAX => None,
        room => room.checked_div(size),
    });
    if let Some(cdata) = host.cdata(value)? {
        let of_items = |ty| match Shape::of(types, ty).form {
            Form::Array {
                item: given,
                length,
            } => types
                .same(given, item.ty)
                .then_some(length.unwrap_or(cdata.length)),
            _ => None,
        };
        let given = match (shape.form, of_items(cdata.ty)) {
            (Form::Array { .. }, Some(given)) if is_same(host, shape, &cdata) || H::LENIENT => {
                given
            }
            _ => return Err(wrong_kind(host, shape, expected(host, item), value)),
        };
        check_count(host, shape, length, given)?;
        let bytes = items_size(types, size, given)?;
        host.check_readable(value, bytes)?;
        // SAFETY: there is room for `given` items, and as many are readable; they may overlap.
        unsafe { ptr::copy(cdata.address, to, bytes as usize) };
        return Ok(());
    }
    match host.view(value) {
        View::Sequence(count) => {
            check_count(host, shape, length, count as u64)?;
            let mut index = 0;
            host.items(value, |value| {
                // The sequence may grow while it is read.
                check_count(host, shape, Some(count as u64), index + 1)?;
                // SAFETY: `index` is below the number of items there is room for.
                let stored = unsafe {
                    let to = to.add((index * size) as usize);
                    store(host, item, to, size, value)
                };
                index += 1;
                stored.map_err(|error| H::within(error, || format!("item {}", index - 1)))
            })
        }
        View::Bytes(bytes) if is_byte(item) => {
            let count = bytes.len() as u64;
            check_text(host, shape, length, count, false)?;
            if item.form == Form::Bool {
                check_bools(bytes)?;
            }
            // SAFETY: there is room for `count` bytes, and for one more where the length is larger or not known.
            unsafe {
                ptr::copy(bytes.as_ptr(), to, bytes.len());
                if length != Some(count) {
                    to.add(bytes.len()).write(0);
                }
            }
            Ok(())
        }
        View::Text if text_unit(host, item).is_some() => {
            let unit = text_unit(host, item).unwrap_or(1);
            let count = text::units(host, unit, value);
            check_text(host, shape, length, count, true)?;
            // SAFETY: there is room for `count` units, and for one more where the length is larger or not known.
            unsafe {
                text::write(host, unit, value, to, count)?;
                if length != Some(count) {
                    ptr::write_bytes(to.add((count * unit) as usize), 0, unit as usize);
                }
            }
            Ok(())
        }
        View::None if H::LENIENT => Ok(()),
        _ => Err(wrong_kind(host, shape, expected(host, item), value)),
    }
}

/// Bytes of a unit that text for such items consists of, if text is for them.
pub(super) fn text_unit<H: Host>(host: &H, item: &Shape) -> Option<u64> {
    let wide = matches!(item.form, Form::Char16 | Form::Char32 { .. });
    if wide || (H::LENIENT && is_byte(item)) {
        item.size(host.types())
    } else {
        None
    }
}

/// Whether bytes are for such items.
pub(crate) fn is_byte(item: &Shape) -> bool {
    matches!(
        item.form,
        Form::Char | Form::Bool | Form::Integer(Width::I8 | Width::U8)
    )
}

fn expected<H: Host>(_: &H, item: &Shape) -> &'static str {
    match item.form {
        Form::Char16 | Form::Char32 { .. } => "unicode or list or tuple",
        _ if is_byte(item) => "bytes or list or tuple",
        _ => "list or tuple",
    }
}

#[inline]
fn check_count<H: Host>(
    host: &H,
    shape: &Shape,
    length: Option<u64>,
    found: u64,
) -> Result<(), H::Error> {
    match length {
        Some(room) if found > room => Err(too_many(host, shape, room, found)),
        _ => Ok(()),
    }
}

#[cold]
fn too_many<H: Host>(host: &H, shape: &Shape, room: u64, found: u64) -> H::Error {
    Error::TooManyItems {
        ty: host.types().spelling(shape.ty),
        room,
        found,
        place: Default::default(),
    }
    .into()
}

fn check_text<H: Host>(
    host: &H,
    shape: &Shape,
    length: Option<u64>,
    found: u64,
    wide: bool,
) -> Result<(), H::Error> {
    if length.is_none_or(|length| found <= length) {
        return Ok(());
    }
    let error = Error::TextTooLong {
        ty: host.types().spelling(shape.ty),
        wide,
        found,
        place: Default::default(),
    };
    Err(error.into())
}

/// Checks bytes for an array of `_Bool`.
pub(super) fn check_bools(bytes: &[u8]) -> Result<(), Error> {
    if bytes.iter().all(|&byte| byte <= 1) {
        return Ok(());
    }
    let message = "an array of _Bool can only contain \\x00 or \\x01";
    Err(Error::refused(ErrorClass::Value, message))
}
