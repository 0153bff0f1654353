//! Values to C memory.

use std::ptr;

use super::array::store_array;
use super::integer::{store_bool, store_integer};
use super::real::{real, store_complex, store_wide};
use super::record::store_record;
use super::text::store_character;
use super::{is_same, pointer, wrong_kind};
use crate::host::{Host, Integer, View};
use crate::shape::{Form, Shape};

/// Stores `value` as the type; what an initialiser does not name stays as it is.
///
/// # Errors
///
/// If the value is not one for the type; then part of it may have been stored.
///
/// # Safety
///
/// `room` bytes at `to` are writable, at least the size of the type. For an array without a length and a record that
/// ends in one it is how much there is; `u64::MAX` if only the caller's caller knows, who then promises that the value
/// fits.
#[inline]
pub unsafe fn store<H: Host>(
    host: &H,
    shape: &Shape,
    to: *mut u8,
    room: u64,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    // SAFETY: of all arms: the caller's promise, for the size of this very type.
    unsafe {
        match shape.form {
            Form::Integer(width) => {
                if H::LENIENT
                    && let Some(constant) = constant(host, shape, value)
                {
                    let encoded = constant.to_le_bytes();
                    ptr::copy_nonoverlapping(encoded.as_ptr(), to, width.size() as usize);
                    return Ok(());
                }
                store_integer(host, shape, width, to, value)
            }
            Form::Double => {
                to.cast::<f64>().write_unaligned(real(host, value)?);
                Ok(())
            }
            Form::Float => {
                to.cast::<f32>().write_unaligned(real(host, value)? as f32);
                Ok(())
            }
            Form::Bool => store_bool(host, shape, to, value),
            Form::Pointer(_) | Form::FunctionPointer(_) => {
                let address = pointer::address_for(host, shape, value)?;
                to.cast::<*mut u8>().write_unaligned(address);
                Ok(())
            }
            _ => store_other(host, shape, to, room, value),
        }
    }
}

unsafe fn store_other<H: Host>(
    host: &H,
    shape: &Shape,
    to: *mut u8,
    room: u64,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    // SAFETY: of all arms: the caller's promise, for the size of this very type.
    unsafe {
        match shape.form {
            Form::Char | Form::Char16 | Form::Char32 { .. } => {
                store_character(host, shape, to, value)
            }
            Form::WideFloat(format) => store_wide(host, format, to, value),
            Form::FloatComplex | Form::DoubleComplex | Form::WideComplex(_) => {
                store_complex(host, shape, to, value)
            }
            Form::Array { item, length } => {
                let item = Shape::of(host.types(), item);
                store_array(host, shape, &item, length, to, room, value)
            }
            Form::Record(id) => store_record(host, shape, id, to, room, value),
            Form::Vector { lane, lanes } => {
                let size = shape.size(host.types()).unwrap_or(0);
                if let Some(cdata) = host.cdata(value)? {
                    if !is_same(host, shape, &cdata) {
                        return Err(wrong_kind(host, shape, "list or tuple", value));
                    }
                    host.check_readable(value, size)?;
                    ptr::copy(cdata.address, to, size as usize);
                    return Ok(());
                }
                // A vector's lanes lie as an array's items do.
                let lane = Shape::of(host.types(), lane);
                store_array(host, shape, &lane, Some(lanes.into()), to, size, value)
            }
            _ => Err(wrong_kind(host, shape, "type that has values", value)),
        }
    }
}

/// The value of the enumeration constant that a text names.
fn constant<H: Host>(host: &H, shape: &Shape, value: H::Ref<'_>) -> Option<i128> {
    if host.small_integer(value).is_some() || host.cdata(value).ok()?.is_some() {
        return None;
    }
    let (Some(id), View::Text) = (shape.enumeration(host.types()), host.view(value)) else {
        return None;
    };
    let body = host.types().enumeration(id).body()?;
    let named = |name: &str| name.chars().map(u32::from).eq(host.code_points(value));
    let constant = body
        .enumerators
        .iter()
        .find(|constant| named(&constant.name));
    constant.map(|constant| constant.value)
}

/// Whether an integer is one for `T[]`.
pub(super) fn as_count(value: Integer) -> Option<u64> {
    match value {
        Integer::Small(count) => u64::try_from(count).ok(),
        _ => None,
    }
}
