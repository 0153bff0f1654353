//! C memory to values.

use super::integer::{make_integer, read_integer};
use super::wide::decode_at;
use crate::Error;
use crate::error::ErrorClass;
use crate::host::Host;
use crate::shape::{Form, Format, Shape, Width};

/// The value of the type at `from`. Records and arrays come back as references into the memory that `origin` keeps.
///
/// # Errors
///
/// If the type has no values, or the memory no value of it, and the host's own.
///
/// # Safety
///
/// The bytes of the type are readable at `from`.
#[inline]
pub unsafe fn load<H: Host>(
    host: &H,
    shape: &Shape,
    from: *const u8,
    origin: H::Origin<'_>,
) -> Result<H::Value, H::Error> {
    macro_rules! read {
        ($ty:ty) => {
            // SAFETY: the caller's promise.
            unsafe { from.cast::<$ty>().read_unaligned() }
        };
    }
    Ok(match shape.form {
        Form::Integer(Width::I32) => host.make_int(read!(i32).into()),
        Form::Integer(Width::I64) => host.make_int(read!(i64)),
        Form::Integer(Width::U64) => host.make_uint(read!(u64)),
        // SAFETY: the caller's promise.
        Form::Integer(width) => make_integer(host, unsafe { read_integer(width, from) }),
        Form::Double => host.make_float(read!(f64)),
        Form::Float => host.make_float(read!(f32).into()),
        Form::Char => host.make_bytes(&[read!(u8)])?,
        Form::Pointer(_) | Form::FunctionPointer(_) => {
            return host.make_pointer(shape.ty, read!(*mut u8));
        }
        // SAFETY: the caller's promise.
        _ => return unsafe { load_other(host, shape, from, origin) },
    })
}

unsafe fn load_other<H: Host>(
    host: &H,
    shape: &Shape,
    from: *const u8,
    origin: H::Origin<'_>,
) -> Result<H::Value, H::Error> {
    let types = host.types();
    let opaque = || {
        let message = format!("cdata '{}' is opaque", types.spelling(shape.ty));
        H::Error::from(Error::refused(ErrorClass::Type, message))
    };
    let size = || shape.size(types).unwrap_or(0) as usize;
    // SAFETY: of all reads: the caller's promise.
    unsafe {
        match shape.form {
            Form::Bool => match from.read() {
                bit @ 0..=1 => Ok(host.make_bool(bit == 1)),
                other => Err(Error::refused(
                    ErrorClass::Value,
                    format!("got a _Bool of value {other}, expected 0 or 1"),
                )
                .into()),
            },
            Form::Char16 => host.make_character(from.cast::<u16>().read_unaligned().into()),
            Form::Char32 { .. } => host.make_character(from.cast::<u32>().read_unaligned()),
            Form::WideFloat(Format::Half) => Ok(host.make_float(decode_at(Format::Half, from))),
            Form::FloatComplex | Form::DoubleComplex => {
                let (real, imaginary) = super::real::read_complex(types, shape, from);
                Ok(host.make_complex(real, imaginary))
            }
            Form::WideFloat(_) | Form::WideComplex(_) => {
                host.make_number(shape.ty, std::slice::from_raw_parts(from, size()))
            }
            Form::Vector { .. } if size() <= 32 => {
                host.make_number(shape.ty, std::slice::from_raw_parts(from, size()))
            }
            Form::Array { item, length: None } => {
                host.make_open_array(shape.ty, item, from.cast_mut(), origin)
            }
            Form::Array { .. } | Form::Vector { .. } => {
                host.make_reference(shape.ty, from.cast_mut(), None, origin)
            }
            Form::Record(_) => match shape.size(types) {
                Some(_) => host.make_reference(shape.ty, from.cast_mut(), None, origin),
                None => Err(opaque()),
            },
            _ => Err(opaque()),
        }
    }
}
