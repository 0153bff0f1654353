//! Integers of every C width.

use super::wide::decode_at;
use crate::Error;
use crate::error::ErrorClass;
use crate::host::{CDataRef, Host, Integer};
use crate::shape::{Form, Shape, Width};

/// Stores an integer that fits the width.
///
/// # Safety
///
/// The bytes of the width are writable at `to`.
#[inline]
pub(super) unsafe fn store_integer<H: Host>(
    host: &H,
    shape: &Shape,
    width: Width,
    to: *mut u8,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    if let Some(small) = host.small_integer(value)
        // SAFETY: the caller's promise.
        && unsafe { write_small(width, to, small) }
    {
        return Ok(());
    }
    // SAFETY: the caller's promise.
    unsafe { store_any(host, shape, width, to, value) }
}

/// Writes a number if it fits.
#[inline]
unsafe fn write_small(width: Width, to: *mut u8, small: i64) -> bool {
    macro_rules! write {
        ($int:ty) => {
            match <$int>::try_from(small) {
                Ok(value) => {
                    // SAFETY: the caller's promise, for this very width.
                    unsafe { to.cast::<$int>().write_unaligned(value) };
                    true
                }
                Err(_) => false,
            }
        };
    }
    match width {
        Width::I8 => write!(i8),
        Width::U8 => write!(u8),
        Width::I16 => write!(i16),
        Width::U16 => write!(u16),
        Width::I32 => write!(i32),
        Width::U32 => write!(u32),
        Width::I64 => write!(i64),
        Width::U64 => write!(u64),
        Width::I128 => write!(i128),
        Width::U128 => write!(u128),
    }
}

#[cold]
unsafe fn store_any<H: Host>(
    host: &H,
    shape: &Shape,
    width: Width,
    to: *mut u8,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    let range = Range::of(width);
    let number = number(host, value)?;
    let bits = range
        .encode(number)
        .map_err(|_| misfit(host, shape, range, number, value))?;
    let bytes = bits.to_le_bytes();
    // SAFETY: the caller's promise; a width has at most 16 bytes.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, width.size() as usize) };
    Ok(())
}

/// Stores 0 or 1.
///
/// # Safety
///
/// A byte is writable at `to`.
#[inline]
pub(super) unsafe fn store_bool<H: Host>(
    host: &H,
    shape: &Shape,
    to: *mut u8,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    let number = match host.small_integer(value) {
        Some(small) => Integer::Small(small),
        None => number(host, value)?,
    };
    let bit = match number {
        Integer::Small(bit @ 0..=1) => bit as u8,
        other => {
            let range = Range {
                bits: 1,
                signed: false,
            };
            return Err(misfit(host, shape, range, other, value));
        }
    };
    // SAFETY: the caller's promise.
    unsafe { to.write(bit) };
    Ok(())
}

/// The error of a number that is not in the range of a type.
#[cold]
fn misfit<H: Host>(
    host: &H,
    shape: &Shape,
    range: Range,
    number: Integer,
    value: H::Ref<'_>,
) -> H::Error {
    let widest = Range { bits: 64, ..range };
    let error = match number.is_negative() && !range.signed {
        true => Error::Negative {
            place: Default::default(),
        },
        // cffi has other words for what no integer of 64 bits holds.
        false if !H::LENIENT && range.bits <= 64 && widest.encode(number).is_err() => {
            Error::too_big()
        }
        false => Error::Range {
            value: host.show(value),
            ty: host.types().spelling(shape.ty),
            place: Default::default(),
        },
    };
    error.into()
}

/// A value as an integer, as an assignment takes it: out of cdata too, but of no floating-point number.
pub(crate) fn number<H: Host>(host: &H, value: H::Ref<'_>) -> Result<Integer, H::Error> {
    match host.cdata(value)? {
        Some(cdata) => {
            if Shape::of(host.types(), cdata.ty).is_real() {
                return Err(Error::not_an_integer().into());
            }
            // SAFETY: the host's promise.
            Ok(unsafe { integer_of_cdata(host.types(), &cdata) }?)
        }
        None => host.integer(value),
    }
}

/// What `int()` makes of cdata: the number in it, a character's code, a floating-point number cut off.
///
/// # Errors
///
/// If the cdata is no number.
///
/// # Safety
///
/// If its type is that of a number, one lies at its address.
pub unsafe fn integer_of_cdata(
    types: &crate::ctype::TypeTable,
    cdata: &CDataRef,
) -> Result<Integer, Error> {
    let from = cdata.address;
    let shape = Shape::of(types, cdata.ty);
    // SAFETY: of all reads: the caller's promise.
    unsafe {
        Ok(match shape.form {
            Form::Integer(width) => read_integer(width, from),
            Form::Bool | Form::Char => Integer::Small(from.read().into()),
            Form::Char16 => Integer::Small(from.cast::<u16>().read_unaligned().into()),
            Form::Char32 { signed: true } => {
                Integer::Small(from.cast::<i32>().read_unaligned().into())
            }
            Form::Char32 { signed: false } => {
                Integer::Small(from.cast::<u32>().read_unaligned().into())
            }
            Form::Float => integer_of_float(from.cast::<f32>().read_unaligned().into())?,
            Form::Double => integer_of_float(from.cast::<f64>().read_unaligned())?,
            Form::WideFloat(format) => integer_of_float(decode_at(format, from))?,
            _ => {
                return Err(Error::refused(
                    ErrorClass::Type,
                    format!(
                        "int() not supported on cdata '{}'",
                        types.spelling(cdata.ty)
                    ),
                ));
            }
        })
    }
}

fn integer_of_float(value: f64) -> Result<Integer, Error> {
    let bits = low_bits(value)?;
    let whole = value.trunc();
    Ok(if (-(2f64.powi(127))..2f64.powi(127)).contains(&whole) {
        Integer::from(bits as i128)
    } else if (0.0..2f64.powi(128)).contains(&whole) {
        Integer::from(bits)
    } else {
        Integer::Beyond {
            negative: value < 0.0,
        }
    })
}

/// The low 128 bits of a floating-point number cut off to an integer, in two's complement.
///
/// ```
/// use farcall::convert::low_bits;
///
/// assert_eq!(low_bits(-3.9)? as i64, -3);
/// assert_eq!(low_bits(2f64.powi(130) + 2f64.powi(100))?, 1 << 100);
/// # Ok::<(), farcall::Error>(())
/// ```
///
/// # Errors
///
/// For what is no number, and for infinity.
pub fn low_bits(value: f64) -> Result<u128, Error> {
    if value.is_nan() {
        let message = "cannot convert float NaN to integer";
        return Err(Error::refused(ErrorClass::Value, message));
    }
    if value.is_infinite() {
        let message = "cannot convert float infinity to integer";
        return Err(Error::refused(ErrorClass::Overflow, message));
    }
    let bits = value.to_bits();
    // IEEE 754: the value is mantissa * 2^exponent.
    let (mantissa, exponent) = match (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1)) {
        (0, fraction) => (fraction, -1074),
        (exponent, fraction) => (fraction | 1 << 52, exponent as i64 - 1075),
    };
    let magnitude = match exponent {
        -63..=-1 => u128::from(mantissa >> -exponent),
        0..=127 => u128::from(mantissa) << exponent,
        _ => 0,
    };
    Ok(if value < 0.0 {
        magnitude.wrapping_neg()
    } else {
        magnitude
    })
}

/// Reads an integer.
///
/// # Safety
///
/// The bytes of the width are readable at `from`.
#[inline]
pub(super) unsafe fn read_integer(width: Width, from: *const u8) -> Integer {
    macro_rules! read {
        ($int:ty) => {
            // SAFETY: the caller's promise, for this very width.
            unsafe { from.cast::<$int>().read_unaligned() }
        };
    }
    match width {
        Width::I8 => Integer::Small(read!(i8).into()),
        Width::U8 => Integer::Small(read!(u8).into()),
        Width::I16 => Integer::Small(read!(i16).into()),
        Width::U16 => Integer::Small(read!(u16).into()),
        Width::I32 => Integer::Small(read!(i32).into()),
        Width::U32 => Integer::Small(read!(u32).into()),
        Width::I64 => Integer::Small(read!(i64)),
        Width::U64 => Integer::from(u128::from(read!(u64))),
        Width::I128 => Integer::from(read!(i128)),
        Width::U128 => Integer::from(read!(u128)),
    }
}

/// The bounds of an integer type or a bit-field: its bits, at most 128.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) bits: u32,
    pub(super) signed: bool,
}

impl Range {
    pub(super) fn of(width: Width) -> Range {
        Range {
            bits: 8 * width.size() as u32,
            signed: width.is_signed(),
        }
    }

    /// The value's two's complement in the low bits, if it fits; else whether it is below zero and there is no sign.
    pub(super) fn encode(self, value: Integer) -> Result<u128, bool> {
        let (fits, encoded) = match value {
            Integer::Small(small) => self.fit(small.into()),
            Integer::Wide(wide) => self.fit(wide),
            Integer::WideUnsigned(large) => (!self.signed && large & !self.mask() == 0, large),
            Integer::Beyond { .. } => (false, 0),
        };
        if fits {
            Ok(encoded & self.mask())
        } else {
            Err(!self.signed && value.is_negative())
        }
    }

    fn fit(self, value: i128) -> (bool, u128) {
        let fits = if self.signed {
            let spare = 128 - self.bits;
            (value << spare) >> spare == value
        } else {
            value >= 0 && value as u128 & !self.mask() == 0
        };
        (fits, value as u128)
    }

    /// The value of the low bits.
    pub(super) fn decode(self, encoded: u128) -> Integer {
        let spare = 128 - self.bits;
        if self.signed {
            Integer::from((encoded << spare) as i128 >> spare)
        } else {
            Integer::from((encoded << spare) >> spare)
        }
    }

    pub(super) fn mask(self) -> u128 {
        u128::MAX >> (128 - self.bits)
    }
}

/// A host's integer.
#[inline]
pub(super) fn make_integer<H: Host>(host: &H, value: Integer) -> H::Value {
    match value {
        Integer::Small(small) => host.make_int(small),
        Integer::Wide(wide) => match u64::try_from(wide) {
            Ok(unsigned) => host.make_uint(unsigned),
            Err(_) => host.make_wide_int(wide),
        },
        Integer::WideUnsigned(wide) => host.make_wide_uint(wide),
        Integer::Beyond { .. } => unreachable!("C has no such integer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_exact_at_every_width() {
        for bits in 1..=127 {
            let signed = Range { bits, signed: true };
            let (min, max) = (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1);
            for (value, fits) in [(min, true), (max, true), (min - 1, false), (max + 1, false)] {
                let encoded = signed.encode(Integer::from(value));
                assert_eq!(encoded.is_ok(), fits, "{value} in {bits} signed bits");
                if let Ok(bits) = encoded {
                    assert_eq!(signed.decode(bits), Integer::from(value));
                }
            }
            let unsigned = Range {
                bits,
                signed: false,
            };
            let max = u128::MAX >> (128 - bits);
            assert_eq!(unsigned.encode(Integer::from(max)), Ok(max));
            assert_eq!(unsigned.encode(Integer::from(max + 1)), Err(false));
            assert_eq!(unsigned.encode(Integer::Small(-1)), Err(true));
        }
    }

    #[test]
    fn the_widest_integers_reach_their_ends() {
        let signed = Range::of(Width::I128);
        assert!(signed.encode(Integer::Wide(i128::MIN)).is_ok());
        assert!(signed.encode(Integer::from(u128::MAX)).is_err());
        let unsigned = Range::of(Width::U128);
        assert_eq!(unsigned.encode(Integer::from(u128::MAX)), Ok(u128::MAX));
        assert_eq!(unsigned.decode(u128::MAX), Integer::WideUnsigned(u128::MAX));
    }

    #[test]
    fn low_bits_are_those_of_the_whole_number() {
        for (value, bits) in [
            (0.0, 0),
            (-0.9, 0),
            (-1.0, -1),
            (1e18, 1_000_000_000_000_000_000),
            (f64::MIN_POSITIVE / 4.0, 0),
            (-(2f64.powi(63)), i128::from(i64::MIN)),
            (2f64.powi(1000), 0),
        ] {
            assert_eq!(low_bits(value).unwrap() as i128, bits, "{value}");
        }
        assert!(low_bits(f64::NAN).is_err());
        assert!(low_bits(f64::INFINITY).is_err());
    }
}
