//! Messages of last resort, from where nothing may fail: between C's code and the host's.

use std::any::Any;
use std::fmt;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Writes a line to stderr, as `eprintln!` does, and never panics: neither if stderr cannot be written, nor if what is
/// to be shown panics.
///
/// ```
/// farcall_jit::tell(format_args!("no code for {}", "f"));
/// ```
pub fn tell(message: fmt::Arguments<'_>) {
    let text = catch_unwind(AssertUnwindSafe(|| fmt::format(message)));
    let text = text.unwrap_or_else(|payload| {
        discard(payload);
        "farcall: an error that cannot be shown".into()
    });
    // One write, so that lines of threads do not mix. Whoever closed stderr does not want it.
    let _ = std::io::stderr()
        .lock()
        .write_all(format!("{text}\n").as_bytes());
}

/// What a panic said.
///
/// ```
/// let payload = std::panic::catch_unwind(|| panic!("that is {}", 5)).unwrap_err();
/// assert_eq!(farcall_jit::panic_text(&*payload), "that is 5");
/// ```
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is no text")
}

/// Drops what a panic brought, whose drop may panic as well.
pub(crate) fn discard(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
}
