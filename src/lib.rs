//! C from nothing but the text of its declarations.
//!
//! [`cdef`] turns the text into [`ctype`]s, [`layout`] gives them sizes and offsets.

pub mod cdef;
pub mod ctype;
pub mod layout;
