//! Call C from anything, given only the text of a C declaration, at the speed of compiled code.
//!
//! ```
//! use farcall::Ffi;
//!
//! let ffi = Ffi::new();
//! ffi.cdef("double pow(double base, double exponent);")?;
//! // SAFETY: this is the declaration of the C library.
//! let lib = unsafe { ffi.dlopen("libm.so.6")? };
//! let power = unsafe { lib.call("pow", (2, 10))? };
//! assert_eq!(power.to_string(), "1024");
//! # Ok::<(), farcall::Error>(())
//! ```
//!
//! An [`Ffi`] takes declarations ([`Ffi::cdef`]) and opens libraries ([`Ffi::dlopen`]). A [`Library`] calls their
//! functions with dynamic [`Value`]s, converted and range-checked, or gives them as Rust function pointers whose
//! type was compared with the declaration ([`Library::func`]). [`CData`] is memory, pointers and numbers with a
//! C type.
//!
//! Underneath, [`cdef`] turns text into [`ctype`]s, [`layout`] gives those sizes and offsets, [`lower`] leaves what
//! matters to the machine, and the `farcall-jit` crate compiles a call stub for it, once.

pub mod call;
mod callback;
mod cdata;
pub mod cdef;
pub mod convert;
pub mod ctype;
pub mod errno;
mod error;
mod ffi;
mod function;
mod handle;
pub mod host;
pub mod layout;
mod library;
pub mod lower;
mod memory;
pub mod object;
pub mod shape;
mod stack;
mod ty;
mod typed;
mod va_list;
mod value;

pub use callback::{
    Args, Callback, CallbackError, CallbackOptions, CallbackType, ExternFunction, Failure, Panic,
};
pub use cdata::CData;
pub use error::{Error, ErrorClass, Place};
pub use ffi::{Allocator, Builder, Ffi, TypeNames};
pub use function::{Arguments, Function};
pub use handle::Handle;
pub use library::{Library, OpenFlags};
pub use ty::{Type, TypeField};
pub use typed::{CFunction, CRepr, Repr};
pub use va_list::VaList;
pub use value::Value;

pub use farcall_jit as jit;

/// The README's code.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The guide's code.
#[cfg(doctest)]
#[doc = include_str!("../docs/guide.md")]
struct Guide;
