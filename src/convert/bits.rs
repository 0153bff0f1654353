//! Bit-fields. Only the bytes that the field's bits touch are read or written.

use std::sync::Arc;

use super::integer::{Integer, from_value};
use crate::ctype::{Bits, CType, Primitive, TypeId, TypeTable};
use crate::{Error, Value};

/// The value of a bit-field of the unit at `unit`.
///
/// # Safety
///
/// The bytes that the field touches are readable.
pub(crate) unsafe fn load_bits(
    types: &TypeTable,
    ty: TypeId,
    unit: *const u8,
    bits: Bits,
) -> Value {
    let mut raw = 0;
    for Byte { index, low } in touched(bits) {
        // SAFETY: the caller's promise.
        let byte = unsafe { unit.add(index).read() };
        raw |= shifted(byte.into(), low);
    }
    match integer(types, ty, bits).decode(raw) {
        Value::Int(value) if is_bool(types, ty) => Value::Bool(value != 0),
        value => value,
    }
}

/// Sets a bit-field of the unit at `unit`, and no bit beside it.
///
/// # Safety
///
/// The bytes that the field touches are readable and writable.
pub(crate) unsafe fn store_bits(
    types: &Arc<TypeTable>,
    ty: TypeId,
    unit: *mut u8,
    bits: Bits,
    value: &Value,
) -> Result<(), Error> {
    let integer = integer(types, ty, bits);
    let encoded = from_value(types, ty, integer, value)
        .map_err(|error| error.within(|| format!("bit-field of {} bits", bits.width)))?;
    let mask = u128::MAX >> (128 - bits.width.clamp(1, 128));
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

fn integer(types: &TypeTable, ty: TypeId, bits: Bits) -> Integer {
    let signed = match types.get(types.plain(ty)) {
        CType::Primitive(primitive) => primitive.is_signed(types.model()),
        CType::Enum(id) => types
            .enumeration(id)
            .body()
            .is_some_and(|body| body.underlying.is_signed(types.model())),
        _ => false,
    };
    Integer {
        bits: bits.width.clamp(1, 128),
        signed,
    }
}

fn is_bool(types: &TypeTable, ty: TypeId) -> bool {
    types.get(types.plain(ty)) == CType::Primitive(Primitive::Bool)
}
