//! What a host's values are to the core.

use crate::ctype::TypeId;
#[cfg(doc)]
use crate::host::Host;

/// What kind of value something is, where the C type is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View<'v> {
    /// No value.
    None,
    /// Bytes.
    Bytes(&'v [u8]),
    /// Text: its [code points](Host::code_points).
    Text,
    /// So many [items](Host::items) in order.
    Sequence(usize),
    /// [Members](Host::members) by name.
    Mapping,
    /// Anything else.
    Other,
}

/// Borrowed cdata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CDataRef {
    /// Its type.
    pub ty: TypeId,
    /// The address that a pointer holds; of an array, a record or a number, where it lies.
    pub address: *mut u8,
    /// The number of items, for a `T[]`.
    pub length: u64,
}

/// An integer of any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer {
    /// Of 64 bits.
    Small(i64),
    /// Larger, of 128 bits.
    Wide(i128),
    /// Above all of these.
    WideUnsigned(u128),
    /// Larger still.
    Beyond {
        /// Whether it is below zero.
        negative: bool,
    },
}

impl Integer {
    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        match self {
            Integer::Small(value) => value < 0,
            Integer::Wide(value) => value < 0,
            Integer::WideUnsigned(_) => false,
            Integer::Beyond { negative } => negative,
        }
    }
}

impl From<i128> for Integer {
    fn from(value: i128) -> Integer {
        i64::try_from(value).map_or(Integer::Wide(value), Integer::Small)
    }
}

impl From<u128> for Integer {
    fn from(value: u128) -> Integer {
        i128::try_from(value).map_or(Integer::WideUnsigned(value), Integer::from)
    }
}
