//! What the fused stub of one kind of function does: how it is entered, and how each value is read and made.

use std::sync::Arc;

use super::HostLayout;
use crate::{Float, Int};

/// All that a fused stub depends on, but for the signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recipe {
    /// The runtime.
    pub host: Arc<HostLayout>,
    /// How it enters the stub.
    pub entry: HostEntry,
    /// Address of the function that gets, with the very same arguments, every call that the stub does not take.
    pub slow: usize,
    /// Whether the runtime's lock is released during the C call.
    pub releases_lock: bool,
    /// How each argument is read.
    pub readers: Box<[Reader]>,
    /// How the result becomes an object.
    pub maker: Maker,
}

/// How a runtime calls: a C function that returns an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostEntry {
    /// `f(object callee, const object *args, size_t count, object names)`: the highest bit of the count means nothing,
    /// and where names are not null the stub leaves the call to the slow path.
    ArrayAndNames,
    /// `f(object callee, const object *args, size_t count)`.
    Array,
    /// `f(object callee, object argument)`, for one argument.
    Single,
    /// `f(object callee, object unused)`, for no argument.
    Empty,
}

/// How an argument is read. What it is not made for goes to the slow path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reader {
    /// A number by the parameter's machine type: integers from the host's integers of up to two digits that are in range,
    /// `float` and `double` from its floating-point numbers and from integers of one digit.
    Number,
    /// 0 or 1, from an integer.
    Bool,
    /// A character, from bytes of length one.
    Char,
    /// An address.
    Pointer {
        /// Whether strings of bytes are taken, for a pointer to them.
        bytes: bool,
        /// Whether every pointer is taken, as for `void *`; otherwise those of the parameter's class, and `void *`.
        any: bool,
    },
    /// A record of the parameter's class, which is copied.
    Record,
    /// An integer that an object of the parameter's class stands for, kept in memory as this type and widened to the
    /// parameter's.
    StoredInt(Int),
    /// A floating-point number, likewise; `float` and `double`.
    StoredFloat(Float),
}

/// How a result becomes an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Maker {
    /// There is none.
    Nothing,
    /// A number by the result's machine type: an integer, `float` or `double`.
    Number,
    /// A `_Bool`.
    Bool,
    /// A character.
    Char,
    /// A pointer.
    Pointer,
    /// Anything, by [`HostCalls::from_memory`](super::HostCalls::from_memory).
    Memory,
}
