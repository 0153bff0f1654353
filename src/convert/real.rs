//! Floating-point and complex numbers.

use super::wide::{decode_at, encode_at};
use crate::Error;
use crate::ctype::TypeTable;
use crate::error::ErrorClass;
use crate::host::{CDataRef, Host};
use crate::shape::{Form, Format, Shape};

/// The value as a floating-point number.
#[inline]
pub(super) fn real<H: Host>(host: &H, value: H::Ref<'_>) -> Result<f64, H::Error> {
    match host.exact_float(value) {
        Some(float) => Ok(float),
        None => real_of_any(host, value),
    }
}

fn real_of_any<H: Host>(host: &H, value: H::Ref<'_>) -> Result<f64, H::Error> {
    match host.cdata(value)? {
        // SAFETY: the host's promise.
        Some(cdata) => Ok(unsafe { float_of_cdata(host.types(), &cdata) }?),
        None => host.float(value),
    }
}

/// What `float()` makes of cdata: the number in it, if it is a floating-point number.
///
/// # Errors
///
/// If the cdata is anything else.
///
/// # Safety
///
/// If its type is that of a number, one lies at its address.
pub unsafe fn float_of_cdata(types: &TypeTable, cdata: &CDataRef) -> Result<f64, Error> {
    let from = cdata.address;
    // SAFETY: of all reads: the caller's promise.
    unsafe {
        match Shape::of(types, cdata.ty).form {
            Form::Float => Ok(from.cast::<f32>().read_unaligned().into()),
            Form::Double => Ok(from.cast::<f64>().read_unaligned()),
            Form::WideFloat(format) => Ok(decode_at(format, from)),
            _ => Err(unsupported("float()", types, cdata)),
        }
    }
}

/// What `complex()` makes of cdata: the number in it, if it is a complex number.
///
/// # Errors
///
/// If the cdata is anything else.
///
/// # Safety
///
/// If its type is that of a number, one lies at its address.
pub unsafe fn complex_of_cdata(types: &TypeTable, cdata: &CDataRef) -> Result<(f64, f64), Error> {
    let shape = Shape::of(types, cdata.ty);
    if !shape.is_complex() {
        return Err(unsupported("complex()", types, cdata));
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { read_complex(types, &shape, cdata.address) })
}

/// Reads a complex number of any format.
///
/// # Safety
///
/// `from` points to a number of the shape, which is complex.
pub(super) unsafe fn read_complex(types: &TypeTable, shape: &Shape, from: *const u8) -> (f64, f64) {
    let part = shape.size(types).unwrap_or(0) as usize / 2;
    // SAFETY: the caller's promise.
    unsafe {
        let second = from.add(part);
        match shape.form {
            Form::FloatComplex => (
                from.cast::<f32>().read_unaligned().into(),
                second.cast::<f32>().read_unaligned().into(),
            ),
            Form::WideComplex(format) => (decode_at(format, from), decode_at(format, second)),
            _ => (
                from.cast::<f64>().read_unaligned(),
                second.cast::<f64>().read_unaligned(),
            ),
        }
    }
}

fn unsupported(operation: &str, types: &TypeTable, cdata: &CDataRef) -> Error {
    Error::refused(
        ErrorClass::Type,
        format!(
            "{operation} not supported on cdata '{}'",
            types.spelling(cdata.ty)
        ),
    )
}

/// Stores a number of a format that Rust has no type for: with all its digits from cdata of such a type.
///
/// # Safety
///
/// The type's bytes are writable at `to`.
pub(super) unsafe fn store_wide<H: Host>(
    host: &H,
    format: Format,
    to: *mut u8,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    if let Some(cdata) = host.cdata(value)?
        && Shape::of(host.types(), cdata.ty).form == Form::WideFloat(format)
    {
        // SAFETY: the caller's promise, and a number of the same format lies at the cdata's address.
        unsafe { std::ptr::copy(cdata.address, to, format.bytes()) };
        return Ok(());
    }
    let number = real(host, value)?;
    // SAFETY: the caller's promise.
    unsafe { encode_at(format, number, to) };
    Ok(())
}

/// Stores a complex number.
///
/// # Safety
///
/// The type's bytes are writable at `to`.
pub(super) unsafe fn store_complex<H: Host>(
    host: &H,
    shape: &Shape,
    to: *mut u8,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    let types = host.types();
    let size = shape.size(types).unwrap_or(0) as usize;
    let (real, imaginary) = match host.cdata(value)? {
        Some(cdata) => {
            let given = Shape::of(types, cdata.ty);
            if given.form == shape.form {
                // SAFETY: the caller's promise, and a number of the same format lies at the cdata's address.
                unsafe { std::ptr::copy(cdata.address, to, size) };
                return Ok(());
            }
            match H::LENIENT && given.is_real() {
                // SAFETY: the host's promise.
                true => (unsafe { float_of_cdata(types, &cdata) }?, 0.0),
                // SAFETY: as above.
                false => unsafe { complex_of_cdata(types, &cdata) }?,
            }
        }
        None => host.complex(value)?,
    };
    // SAFETY: the caller's promise.
    unsafe { write_complex(shape, size, to, real, imaginary) };
    Ok(())
}

/// # Safety
///
/// `size` bytes, those of the shape, are writable at `to`.
pub(super) unsafe fn write_complex(
    shape: &Shape,
    size: usize,
    to: *mut u8,
    real: f64,
    imaginary: f64,
) {
    for (at, number) in [(0, real), (size / 2, imaginary)] {
        // SAFETY: both parts are inside the type's size, which the caller promises.
        unsafe {
            let to = to.add(at);
            match shape.form {
                Form::FloatComplex => to.cast::<f32>().write_unaligned(number as f32),
                Form::WideComplex(format) => encode_at(format, number, to),
                _ => to.cast::<f64>().write_unaligned(number),
            }
        }
    }
}
