//! Values to C memory and back, range-checked against the C type.

#![allow(unsafe_code)]

mod bits;
mod cast;
mod integer;
mod load;
mod pointer;
mod promote;
mod scalar;
mod sizing;
mod store;
pub(crate) mod wide;

pub(crate) use bits::{load_bits, store_bits};
pub(crate) use cast::cast;
pub(crate) use load::load;
pub(crate) use promote::promoted;
pub(crate) use sizing::size_for;
pub(crate) use store::Store;

use crate::ctype::{TypeId, TypeTable};
use crate::{Error, Value};

/// The error of a value of the wrong kind.
fn wrong_kind(types: &TypeTable, ty: TypeId, expected: impl Into<String>, found: &Value) -> Error {
    Error::Kind {
        ty: types.spelling(ty),
        expected: expected.into(),
        found: found.kind(),
        place: Default::default(),
    }
}
