//! What the whole process shares: one type table, so that types are the same in every `FFI`.

use std::sync::OnceLock;

use farcall::Ffi;
use farcall::ctype::TypeTable;

/// The `Ffi` whose siblings all others are.
pub(crate) fn root() -> &'static Ffi {
    static ROOT: OnceLock<Ffi> = OnceLock::new();
    ROOT.get_or_init(Ffi::new)
}

/// The one type table.
pub(crate) fn types() -> &'static TypeTable {
    root().types()
}
