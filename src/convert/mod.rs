//! Values to C memory and back, range-checked against the C type, for any host.
//!
//! | C type | takes | gives |
//! |---|---|---|
//! | integers, enumerations | integers that fit, cdata of integer types | integers |
//! | `_Bool` | 0, 1, truth values | a truth value |
//! | `char` | a single byte | a single byte |
//! | `wchar_t`, `char16_t`, `char32_t` | a single character | a single character |
//! | `float`, `double` | numbers | a floating-point number |
//! | `long double`, `_Float128` | the same, and cdata of the type with all its digits | cdata |
//! | pointers | cdata that is a pointer or an array of the type; to and from `void *` any | cdata |
//! | arrays | sequences; text and bytes for characters | a reference |
//! | records | sequences in order, mappings by name, cdata of the type | a reference |
//!
//! In an argument a pointer also takes a sequence, bytes or text, which are put into memory that lasts as long as the
//! call. Where a type is wrong, errors say so in cffi's words.

#![allow(unsafe_code)]

mod argument;
mod array;
mod bits;
mod cast;
mod integer;
mod load;
mod new;
mod pointer;
mod promote;
mod real;
mod record;
mod store;
mod text;
pub(crate) mod wide;

pub use argument::{Scratch, store_argument};
pub use bits::{load_bits, store_bits};
pub use cast::cast;
pub use integer::{integer_of_cdata, low_bits};
pub use load::load;
pub use new::{New, plan_new};
pub use pointer::pointer_from_cdata;
pub use promote::promoted;
pub use real::{complex_of_cdata, float_of_cdata};
pub use record::{load_member, store_member};
pub use store::store;

pub(crate) use array::is_byte;
pub(crate) use new::is_flexible;
pub(crate) use text::code_points_16;
pub(crate) use wide::scientific_at;

use crate::Error;
use crate::host::{CDataRef, Host};
use crate::shape::Shape;

/// The error of a value of the wrong kind.
#[cold]
fn wrong_kind<H: Host>(host: &H, shape: &Shape, expected: &str, value: H::Ref<'_>) -> H::Error {
    let types = host.types();
    let ty = types.spelling(shape.ty);
    let found = match host.cdata(value) {
        Err(error) => return error,
        Ok(Some(cdata)) => types.spelling(cdata.ty),
        Ok(None) => {
            let error = Error::Kind {
                ty,
                expected: expected.into(),
                found: host.type_name(value),
                place: Default::default(),
            };
            return error.into();
        }
    };
    wrong_cdata(ty, expected, found).into()
}

/// The error of cdata of the wrong type.
#[cold]
fn wrong_cdata(ty: String, expected: &str, found: String) -> Error {
    if ty == found {
        return Error::SameName {
            ty,
            place: Default::default(),
        };
    }
    Error::Kind {
        ty,
        expected: expected.into(),
        found: format!("cdata '{found}'"),
        place: Default::default(),
    }
}

/// Whether cdata has the very type.
#[inline]
fn is_same<H: Host>(host: &H, shape: &Shape, cdata: &CDataRef) -> bool {
    cdata.ty == shape.ty || {
        let types = host.types();
        types.same(types.plain(cdata.ty), shape.ty)
    }
}
