//! Threads that C calls from, and the end of the interpreter.

#![allow(unsafe_code)] // The interpreter's lock is taken by hand.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;

/// Whether Python code can run, now and on this thread or another. Once the interpreter has begun to end, threads of C's may
/// still call callbacks and use libraries, and nobody can tell them not to: neither is freed from then on.
pub(crate) fn interpreter_runs() -> bool {
    unsafe extern "C" {
        #[cfg(Py_3_13)]
        fn Py_IsFinalizing() -> std::ffi::c_int;
        #[cfg(not(Py_3_13))]
        #[link_name = "_Py_IsFinalizing"]
        fn Py_IsFinalizing() -> std::ffi::c_int;
    }
    // SAFETY: these may be asked from any thread at any time.
    unsafe { ffi::Py_IsInitialized() != 0 && Py_IsFinalizing() == 0 }
}

/// What the interpreter keeps for the thread that ends it, known from the last thing it does before it begins to.
static ENDING: AtomicPtr<ffi::PyThreadState> = AtomicPtr::new(ptr::null_mut());

/// Has [`ENDING`] set when the interpreter is about to end.
pub(crate) fn watch_end(module: &Bound<'_, PyModule>) -> PyResult<()> {
    #[pyfunction]
    fn _ends() {
        // SAFETY: asks for an address, with the interpreter's lock held.
        ENDING.store(unsafe { ffi::PyThreadState_Get() }, Ordering::Relaxed);
    }
    let ends = wrap_pyfunction!(_ends, module)?;
    module
        .py()
        .import("atexit")?
        .call_method1("register", (ends,))?;
    Ok(())
}

/// Whether Python code can run now and on this thread: also while the interpreter ends, on the thread that ends it, whose
/// destructors run then, until that thread's state is gone.
pub(crate) fn can_run_here() -> bool {
    if interpreter_runs() {
        return true;
    }
    let ending = ENDING.load(Ordering::Relaxed);
    // SAFETY: this may be asked from any thread at any time, and gives null from some moment of the end on.
    !ending.is_null() && unsafe { ffi::PyGILState_GetThisThreadState() } == ending
}

/// The interpreter's lock, taken by a thread that may be C's own.
pub(crate) enum Lock {
    /// C was called with the lock kept.
    Held,
    /// The interpreter knows the thread.
    Restored,
    Ensured(ffi::PyGILState_STATE),
}

/// What the interpreter keeps for the thread that has the lock, if that is this one.
fn current() -> *mut ffi::PyThreadState {
    unsafe extern "C" {
        #[cfg(Py_3_13)]
        fn PyThreadState_GetUnchecked() -> *mut ffi::PyThreadState;
        #[cfg(not(Py_3_13))]
        #[link_name = "_PyThreadState_UncheckedGet"]
        fn PyThreadState_GetUnchecked() -> *mut ffi::PyThreadState;
    }
    // SAFETY: this may be asked by any thread.
    unsafe { PyThreadState_GetUnchecked() }
}

impl Lock {
    /// Takes it. What Python keeps for a thread is kept until the thread ends, so that `threading.local` and context
    /// variables last from one callback to the next.
    ///
    /// # Safety
    ///
    /// The interpreter runs for this thread ([`can_run_here`]). If it ends meanwhile, this does not return.
    pub(crate) unsafe fn take() -> Lock {
        // SAFETY: the caller's promise. pyo3's own count of the lock does not see it released around calls of C, so it is
        // not asked.
        unsafe {
            // What PyGILState_Ensure does for a thread that it knows, at a third of the price.
            let own = ffi::PyGILState_GetThisThreadState();
            if !own.is_null() {
                if own == current() {
                    return Lock::Held;
                }
                ffi::PyEval_RestoreThread(own);
                return Lock::Restored;
            }
            let lock = Lock::Ensured(ffi::PyGILState_Ensure());
            if !IS_KEPT.get() {
                keep_thread();
            }
            lock
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // SAFETY: taken by this thread.
        unsafe {
            match *self {
                Lock::Held => {}
                Lock::Restored => {
                    ffi::PyEval_SaveThread();
                }
                Lock::Ensured(state) => ffi::PyGILState_Release(state),
            }
        }
    }
}

thread_local! {
    /// Whether [`KEPT`] is set, which is not to be asked when the thread ends.
    static IS_KEPT: Cell<bool> = const { Cell::new(false) };
    static KEPT: Cell<Option<KeptThread>> = const { Cell::new(None) };
}

/// What Python keeps for a thread that is not its own, given back at the thread's end, for which the thread waits for the lock:
/// whoever waits for the thread must not keep it meanwhile. If the interpreter begins to end while the thread waits, the thread
/// never ends by itself; it goes with the process.
struct KeptThread {
    thread: *mut ffi::PyThreadState,
    /// The second taking of the lock, which keeps the state when the first is given back.
    taken: ffi::PyGILState_STATE,
    process: u32,
}

/// For a thread whose state was made just now by taking the lock.
#[cold]
fn keep_thread() {
    // There the ends of threads run under the loader's lock, where the interpreter's must not be waited for.
    if cfg!(windows) {
        return;
    }
    // SAFETY: the lock is held. Where the thread is about to end, what was taken is given back at once.
    unsafe {
        let kept = KeptThread {
            thread: ffi::PyGILState_GetThisThreadState(),
            taken: ffi::PyGILState_Ensure(),
            process: std::process::id(),
        };
        let taken = kept.taken;
        match KEPT.try_with(|place| place.set(Some(kept))) {
            Ok(()) => IS_KEPT.set(true),
            Err(_) => ffi::PyGILState_Release(taken),
        }
    }
}

impl Drop for KeptThread {
    fn drop(&mut self) {
        // In a forked child nobody may be there to give the lock away.
        if self.process != std::process::id() || !interpreter_runs() {
            return;
        }
        // SAFETY: the interpreter runs; the state is still that of this thread, and was taken twice.
        unsafe {
            if ffi::PyGILState_GetThisThreadState() != self.thread {
                return;
            }
            let lock = ffi::PyGILState_Ensure();
            ffi::PyGILState_Release(self.taken);
            ffi::PyGILState_Release(lock);
        }
    }
}
