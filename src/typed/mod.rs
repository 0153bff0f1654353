//! Typed functions: a Rust function pointer type compared with a C declaration, once.

#![allow(unsafe_code)]

mod compare;
mod function;
mod repr;

pub use function::CFunction;
pub use repr::{CRepr, Repr};

pub(crate) use compare::check;
