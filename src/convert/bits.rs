//! Bit-fields. Only the bytes that the field's bits touch are read or written.

use super::integer::{Range, make_integer, number};
use crate::Error;
use crate::ctype::Bits;
use crate::error::ErrorClass;
use crate::host::{Host, Integer};
use crate::shape::{Form, Shape};

/// The value of a bit-field of the unit at `unit`.
///
/// # Safety
///
/// The bytes that the field touches are readable.
pub unsafe fn load_bits<H: Host>(host: &H, shape: &Shape, unit: *const u8, bits: Bits) -> H::Value {
    let mut raw = 0;
    for Byte { index, low } in touched(bits) {
        // SAFETY: the caller's promise.
        let byte = unsafe { unit.add(index).read() };
        raw |= shifted(byte.into(), low);
    }
    make_integer(host, range(shape, bits).decode(raw))
}

/// Sets a bit-field of the unit at `unit`, and no bit beside it.
///
/// # Errors
///
/// If the value is no integer, or does not fit.
///
/// # Safety
///
/// The bytes that the field touches are readable and writable.
pub unsafe fn store_bits<H: Host>(
    host: &H,
    shape: &Shape,
    unit: *mut u8,
    bits: Bits,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    let range = range(shape, bits);
    let given = match host.small_integer(value) {
        Some(small) => Integer::Small(small),
        None if H::LENIENT => number(host, value)?,
        // Only what is an integer already, as cffi has it.
        None if host.cdata(value)?.is_some() => return Err(no_integer(host, value).into()),
        None => match host.index(value) {
            Ok(Some(index)) => Integer::Small(index),
            Ok(None) => return Err(no_integer(host, value).into()),
            Err(_) if host.integer(value).is_ok() => return Err(Error::too_big().into()),
            Err(error) => return Err(error),
        },
    };
    let encoded = match (range.encode(given), given) {
        (Ok(encoded), _) => encoded,
        // `int x : 1` receives a 1 as cffi has it, which reads as -1.
        (Err(_), Integer::Small(1)) if range.bits == 1 => 1,
        _ => return Err(out_of_range(host, range, value)),
    };
    let mask = range.mask();
    for Byte { index, low } in touched(bits) {
        let (set, mask) = (shifted(encoded, -low) as u8, shifted(mask, -low) as u8);
        // SAFETY: the caller's promise.
        unsafe {
            let byte = unit.add(index);
            byte.write(byte.read() & !mask | set);
        }
    }
    Ok(())
}

#[cold]
fn no_integer<H: Host>(host: &H, value: H::Ref<'_>) -> Error {
    let found = host.type_name(value);
    let message = format!("'{found}' object cannot be interpreted as an integer");
    Error::refused(ErrorClass::Type, message)
}

#[cold]
fn out_of_range<H: Host>(host: &H, range: Range, value: H::Ref<'_>) -> H::Error {
    Error::BitRange {
        value: host.show(value),
        bits: range.bits,
        signed: range.signed,
        place: Default::default(),
    }
    .into()
}

/// A byte that a bit-field touches. Of an `__int128` of 128 bits there are up to 17, more than any integer holds.
struct Byte {
    /// Where it is in the unit.
    index: usize,
    /// The field's bit that is the byte's lowest; negative in the first byte, whose low bits belong to others.
    low: i32,
}

fn touched(bits: Bits) -> impl Iterator<Item = Byte> {
    let (first, shift) = (bits.shift / 8, bits.shift % 8);
    (0..(shift + bits.width).div_ceil(8)).map(move |nth| Byte {
        index: (first + nth) as usize,
        low: 8 * nth as i32 - shift as i32,
    })
}

/// `bits` shifted left, or right by a negative distance; what leaves 128 bits is gone.
fn shifted(bits: u128, distance: i32) -> u128 {
    if distance < 0 {
        bits >> -distance
    } else {
        bits << distance
    }
}

fn range(shape: &Shape, bits: Bits) -> Range {
    let signed = match shape.form {
        Form::Integer(width) => width.is_signed(),
        _ => false,
    };
    Range {
        bits: bits.width.clamp(1, 128),
        signed,
    }
}
