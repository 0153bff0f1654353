//! What `fork` must find: no lock of the engine held, and in the child a new generation of chunks.
//!
//! Every operation that takes a lock of the engine holds the gate shared while it does. `fork` takes the gate
//! exclusively, which waits for those under way (a compilation takes tens of microseconds), and lets go of it
//! in both processes.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Once, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

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

/// A number of this process's own among those it forked from, by whatever system call that was.
pub(crate) fn generation() -> u32 {
    let mark = MARK.get_or_init(Mark::new);
    let Mark::Wiped(word) = mark else {
        return GENERATION.load(Ordering::Relaxed);
    };
    match word.load(Ordering::Relaxed) {
        0 => {
            // Taken before it is announced, so that a child made in between does not take it too. Of threads that come here
            // together one decides, and the others' numbers stay unused.
            let next = GENERATION.fetch_add(1, Ordering::Relaxed) + 1;
            let announced = word.compare_exchange(0, next, Ordering::Relaxed, Ordering::Relaxed);
            announced.map_or_else(|first| first, |_| next)
        }
        known => known,
    }
}

/// What tells a child that it is one.
enum Mark {
    /// A word that the kernel sets to zero in a child (Linux 4.14), whether or not it came from libc's `fork`. Otherwise it is
    /// the process's number.
    Wiped(&'static AtomicU32),
    /// Only the handlers of libc's `fork`.
    Handlers,
}

static MARK: OnceLock<Mark> = OnceLock::new();

impl Mark {
    #[cfg(target_os = "linux")]
    fn new() -> Mark {
        use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};
        let page = rustix::param::page_size();
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice, which stays for the life of the process.
        let mapped =
            unsafe { mmap_anonymous(std::ptr::null_mut(), page, protection, MapFlags::PRIVATE) };
        let Ok(address) = mapped else {
            return Mark::Handlers;
        };
        // SAFETY: the whole mapping made above, which holds nothing yet.
        if unsafe { madvise(address, page, Advice::LinuxWipeOnFork) }.is_err() {
            return Mark::Handlers;
        }
        // SAFETY: mapped, aligned to a page, zero, and never unmapped.
        let word = unsafe { AtomicU32::from_ptr(address.cast()) };
        Mark::Wiped(word)
    }

    #[cfg(not(target_os = "linux"))]
    fn new() -> Mark {
        Mark::Handlers
    }
}

fn install() {
    // SAFETY: the handlers are `extern "C"` functions of this crate that neither allocate nor unwind. In a library
    // that is unloaded they are unregistered with it (glibc ties them to the library's handle).
    // Without memory for the handlers, which is all that can fail, a child may find a lock held.
    let _ = unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
}

extern "C" fn before() {
    let guard = GATE.write().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: this thread holds the gate exclusively.
    unsafe { *HELD.0.get() = Some(guard) };
}

extern "C" fn in_parent() {
    let_go();
}

extern "C" fn in_child() {
    match MARK.get() {
        // qemu's user mode takes the advice and does not follow it.
        Some(Mark::Wiped(word)) => word.store(0, Ordering::Relaxed),
        Some(Mark::Handlers) => drop(GENERATION.fetch_add(1, Ordering::Relaxed)),
        None => {}
    }
    let_go();
}

fn let_go() {
    // SAFETY: `before` took the gate on this thread and nothing has released it since.
    drop(unsafe { (*HELD.0.get()).take() });
}
