//! The fork gate, for those who build on the engine.

use crate::code::fork;

/// Keeps libc's `fork` waiting as long as what this gives lives, as all locks of the engine do: whoever takes a lock behind it,
/// and lets go of that before it, never leaves a child with the lock held. Not to be taken twice by a thread, nor while
/// anything of the engine's or foreign code is called.
///
/// ```
/// use std::sync::Mutex;
///
/// static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// {
///     let _gate = farcall_jit::keep_fork_out();
///     NAMES.lock().unwrap().push("one".into());
/// }
/// ```
pub fn keep_fork_out() -> impl Sized {
    fork::keep_out()
}
