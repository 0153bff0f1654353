//! C's cast, for scalars.

use super::integer::{integer_of_cdata, low_bits};
use super::real::{complex_of_cdata, float_of_cdata, read_complex, write_complex};
use super::text::{single, wrong_text};
use super::wide::encode_at;
use crate::Error;
use crate::error::ErrorClass;
use crate::host::{CDataRef, Host, Integer, View};
use crate::shape::{Form, Shape};

/// `(type) value`, as cdata: integers wrap, floating-point numbers are cut off, pointers become numbers and numbers
/// pointers. Memory may be seen as an array of any type.
///
/// # Errors
///
/// If the type is none that C casts to, or the value no number and no pointer.
pub fn cast<H: Host>(host: &H, shape: &Shape, value: H::Ref<'_>) -> Result<H::Value, H::Error> {
    let types = host.types();
    let cdata = host.cdata(value)?;
    match shape.form {
        Form::Pointer(_) | Form::FunctionPointer(_) | Form::Array { .. }
            if shape.size(types).is_some() =>
        {
            let address = match cdata.and_then(|cdata| address(host, &cdata)) {
                Some(address) => address,
                // C11 6.5.4 §4: no floating type becomes a pointer, though cffi does it.
                None if H::LENIENT && is_real(host, cdata, value) => {
                    return Err(Error::not_an_integer().into());
                }
                None if H::LENIENT && cdata.is_none() && host.view(value) == View::None => {
                    std::ptr::null_mut()
                }
                None => whole(host, cdata, value)? as usize as *mut u8,
            };
            host.make_cast(shape.ty, address, value)
        }
        Form::Bool | Form::Integer(_) | Form::Char | Form::Char16 | Form::Char32 { .. } => {
            let bits = match cdata.and_then(|cdata| address(host, &cdata)) {
                Some(address) => address as usize as u128,
                None => bits(host, shape, cdata, value)?,
            };
            let bits = match shape.form {
                Form::Bool => u128::from(bits != 0),
                _ => bits,
            };
            let size = shape.size(types).unwrap_or(0) as usize;
            host.make_number(shape.ty, &bits.to_le_bytes()[..size])
        }
        Form::Float | Form::Double | Form::WideFloat(_) => real(host, shape, cdata, value),
        Form::FloatComplex | Form::DoubleComplex | Form::WideComplex(_) => {
            complex(host, shape, cdata, value)
        }
        _ => {
            let message = format!("cannot cast to ctype '{}'", types.spelling(shape.ty));
            Err(Error::refused(ErrorClass::Type, message).into())
        }
    }
}

/// The address in a pointer, and the one that an array or a function decays to (C11 6.3.2.1).
fn address<H: Host>(host: &H, cdata: &CDataRef) -> Option<*mut u8> {
    match Shape::of(host.types(), cdata.ty).form {
        Form::Pointer(_) | Form::FunctionPointer(_) | Form::Array { .. } | Form::Function(_) => {
            Some(cdata.address)
        }
        _ => None,
    }
}

fn is_real<H: Host>(host: &H, cdata: Option<CDataRef>, value: H::Ref<'_>) -> bool {
    host.exact_float(value).is_some()
        || cdata.is_some_and(|cdata| Shape::of(host.types(), cdata.ty).is_real())
}

/// The low bits of a number of any kind.
fn whole<H: Host>(host: &H, cdata: Option<CDataRef>, value: H::Ref<'_>) -> Result<u128, H::Error> {
    if let Some(small) = host.small_integer(value) {
        return Ok(small as i128 as u128);
    }
    let Some(cdata) = cdata else {
        return host.wrapped(value);
    };
    let types = host.types();
    // SAFETY: the host's promise.
    Ok(match unsafe { integer_of_cdata(types, &cdata) }? {
        Integer::Small(small) => small as i128 as u128,
        Integer::Wide(wide) => wide as u128,
        Integer::WideUnsigned(wide) => wide,
        // SAFETY: as above.
        Integer::Beyond { .. } => low_bits(unsafe { float_of_cdata(types, &cdata) }?)?,
    })
}

fn bits<H: Host>(
    host: &H,
    shape: &Shape,
    cdata: Option<CDataRef>,
    value: H::Ref<'_>,
) -> Result<u128, H::Error> {
    let types = host.types();
    if let Some(cdata) = cdata {
        // C11 6.3.1.2: anything but zero is true.
        if shape.form == Form::Bool && Shape::of(types, cdata.ty).is_real() {
            // SAFETY: the host's promise.
            let float = unsafe { float_of_cdata(types, &cdata) }?;
            return Ok(u128::from(float != 0.0));
        }
        return whole(host, Some(cdata), value);
    }
    if let Some(small) = host.small_integer(value) {
        return Ok(small as i128 as u128);
    }
    match host.view(value) {
        View::Text => match single(host, value) {
            Some(code) => Ok(code.into()),
            None => {
                let ty = types.spelling(shape.ty);
                let message = format!("cannot cast {} to ctype '{ty}'", wrong_text(host, value));
                Err(Error::refused(ErrorClass::Type, message).into())
            }
        },
        View::Bytes(&[byte]) => Ok(byte.into()),
        View::Bytes(_) => Err(Error::Kind {
            ty: "char".into(),
            expected: "bytes of length 1".into(),
            found: host.type_name(value),
            place: Default::default(),
        }
        .into()),
        _ if shape.form == Form::Bool => host.truth(value).map(u128::from),
        _ => host.wrapped(value),
    }
}

fn real<H: Host>(
    host: &H,
    shape: &Shape,
    cdata: Option<CDataRef>,
    value: H::Ref<'_>,
) -> Result<H::Value, H::Error> {
    let types = host.types();
    let mut bytes = [0; 16];
    let size = shape.size(types).unwrap_or(0) as usize;
    let to = bytes.as_mut_ptr();
    let number = match cdata {
        Some(cdata) if Shape::of(types, cdata.ty).form == shape.form => {
            // SAFETY: a number of the same type lies at the cdata's address, of at most 16 bytes.
            let bytes = unsafe { std::slice::from_raw_parts(cdata.address, size) };
            return host.make_number(shape.ty, bytes);
        }
        Some(cdata) => number_of_cdata(host, shape, &cdata)?.0,
        None => match number_of_text(host, shape, value)? {
            Some(code) => code,
            None => super::real::real(host, value)?,
        },
    };
    // SAFETY: no real number has more than 16 bytes.
    unsafe {
        match shape.form {
            Form::Float => to.cast::<f32>().write_unaligned(number as f32),
            Form::WideFloat(format) => encode_at(format, number, to),
            _ => to.cast::<f64>().write_unaligned(number),
        }
    }
    host.make_number(shape.ty, &bytes[..size])
}

fn complex<H: Host>(
    host: &H,
    shape: &Shape,
    cdata: Option<CDataRef>,
    value: H::Ref<'_>,
) -> Result<H::Value, H::Error> {
    let types = host.types();
    let size = shape.size(types).unwrap_or(0) as usize;
    let stays = |cdata: &CDataRef| Shape::of(types, cdata.ty).stays_cdata();
    let (real, imaginary) = match cdata {
        // cffi has no number for it that could become complex.
        // SAFETY: the host's promise.
        Some(cdata) if !H::LENIENT && stays(&cdata) => unsafe { complex_of_cdata(types, &cdata) }?,
        Some(cdata) => number_of_cdata(host, shape, &cdata)?,
        None => match number_of_text(host, shape, value)? {
            Some(code) => (code, 0.0),
            None => host.complex(value)?,
        },
    };
    let mut bytes = [0; 32];
    // SAFETY: no complex number has more than 32 bytes.
    unsafe { write_complex(shape, size, bytes.as_mut_ptr(), real, imaginary) };
    host.make_number(shape.ty, &bytes[..size])
}

/// A number in cdata as real and imaginary part; a character's is its code.
fn number_of_cdata<H: Host>(
    host: &H,
    shape: &Shape,
    cdata: &CDataRef,
) -> Result<(f64, f64), H::Error> {
    let types = host.types();
    let given = Shape::of(types, cdata.ty);
    if !given.is_number() {
        let message = format!(
            "cannot cast ctype '{}' to ctype '{}'",
            types.spelling(cdata.ty),
            types.spelling(shape.ty)
        );
        return Err(Error::refused(ErrorClass::Type, message).into());
    }
    if given.is_real() {
        // SAFETY: the host's promise.
        return Ok((unsafe { float_of_cdata(types, cdata) }?, 0.0));
    }
    if given.is_complex() {
        if !shape.is_complex() {
            return Err(Error::not_a_number("complex").into());
        }
        // SAFETY: cdata that is a number lies at its address.
        return Ok(unsafe { read_complex(types, &given, cdata.address) });
    }
    // SAFETY: the host's promise.
    let real = match unsafe { integer_of_cdata(types, cdata) }? {
        Integer::Small(small) => small as f64,
        Integer::Wide(wide) => wide as f64,
        Integer::WideUnsigned(wide) => wide as f64,
        Integer::Beyond { .. } => unreachable!("an integer type has at most 128 bits"),
    };
    Ok((real, 0.0))
}

/// The code of a single character or byte; nothing if the value is neither bytes nor text.
fn number_of_text<H: Host>(
    host: &H,
    shape: &Shape,
    value: H::Ref<'_>,
) -> Result<Option<f64>, H::Error> {
    if host.small_integer(value).is_some() || host.exact_float(value).is_some() {
        return Ok(None);
    }
    let code = match host.view(value) {
        View::Bytes(&[byte]) => Some(byte.into()),
        View::Bytes(_) => None,
        View::Text => single(host, value),
        _ => return Ok(None),
    };
    match code {
        Some(code) => Ok(Some(code.into())),
        None => {
            let ty = host.types().spelling(shape.ty);
            let found = host.type_name(value);
            let message = format!("cannot cast {found} object to ctype '{ty}'");
            Err(Error::refused(ErrorClass::Type, message).into())
        }
    }
}
