//! What `fork` must find: no lock of the engine held, and in the child a new generation of chunks.
//!
//! Every operation that takes a lock of the engine holds the gate shared while it does. `fork` takes the gate
//! exclusively, which waits for those under way (a compilation takes tens of microseconds), and lets go of it
//! in both processes.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Once, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static GATE: RwLock<()> = RwLock::new(());
static GENERATION: AtomicU32 = AtomicU32::new(0);
static HELD: HeldGate = HeldGate(UnsafeCell::new(None));

/// The gate while `fork` runs.
struct HeldGate(UnsafeCell<Option<RwLockWriteGuard<'static, ()>>>);

// SAFETY: the cell is only touched by a thread that holds the gate exclusively: `before` stores the guard after
// taking it, `let_go` takes it out before releasing it, and both run on the thread that called `fork`.
unsafe impl Sync for HeldGate {}

/// Keeps `fork` out while the guard lives. Never nested: a waiting `fork` would come between.
pub(crate) fn keep_out() -> RwLockReadGuard<'static, ()> {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(install);
    GATE.read().unwrap_or_else(PoisonError::into_inner)
}

/// Counts the forks between the first process and this one.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

#[cfg(unix)]
fn install() {
    // SAFETY: the handlers are `extern "C"` functions of this crate that neither allocate nor unwind, and live
    // as long as the process: libraries with `pthread_atfork` handlers are not unloaded while those can run.
    let failed = unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    if failed != 0 {
        log::warn!("pthread_atfork failed: a forked child may find the engine locked");
    }
}

#[cfg(not(unix))]
fn install() {}

extern "C" fn before() {
    let guard = GATE.write().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: this thread holds the gate exclusively.
    unsafe { *HELD.0.get() = Some(guard) };
}

extern "C" fn in_parent() {
    let_go();
}

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    let_go();
}

fn let_go() {
    // SAFETY: `before` took the gate on this thread and nothing has released it since.
    drop(unsafe { (*HELD.0.get()).take() });
}
