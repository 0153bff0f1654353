//! Everything that touches foreign memory or foreign code.
//!
//! # Safety
//!
//! The libraries that are opened here were compiled from [`crate::emit`]'s source for the same target, features and
//! range of signatures, which whoever calls [`Judge::open`] promises; their symbols then have the types that
//! `prelude.h` gives them.

#![allow(unsafe_code)]

mod call;
mod library;
mod memory;

pub(crate) use call::{Callback, Engine, Prepared, Variable};
pub(crate) use library::{Function, Judge};
pub(crate) use memory::Guarded;
