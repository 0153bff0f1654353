//! Callbacks: C function pointers that call Rust.
//!
//! C enters a callback's trampoline, that jumps to the [`Thunk`] of the signature (see `thunk` for both), and the thunk
//! calls the entry of the callback's vtable with the slot. [`activity`] has what makes it safe to free one that runs.

#![allow(unsafe_code)]

mod activity;
mod barrier;
mod handler;
mod retired;
mod slots;
mod stack;
mod thunk;

use std::ffi::c_void;
use std::fmt;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::NonNull;
use std::sync::Arc;

use crate::thunk::EnterFn;
pub use handler::{Arguments, Handler, Plain, Unwinding};
pub(crate) use retired::reclaim;
use slots::Freed;
pub(crate) use slots::Slot;
pub use thunk::Thunk;

/// A C function pointer that calls Rust, as long as this lives. It keeps the engine's memory alive.
///
/// Dropping it ends the life of the C function at once. What it called is dropped at once as well, or, where calls of it
/// run, when the last of these has ended (also by a `longjmp`); if other threads have run callbacks, some frees later
/// ([`Engine::reclaim_callbacks`](crate::Engine::reclaim_callbacks) does not wait). To call the C function afterwards, or
/// to start a call while another thread drops it, is an error of the C program. It ends the process with a message, as
/// long as the slot is not in use again; checked builds leave slots unused for a while.
///
/// When the last callback, stub and clone of an engine goes, its code goes with it, unless a callback of it was dropped
/// while it ran; no thread may then be on its way out of an ordinary one.
pub struct Callback {
    thunk: ManuallyDrop<Arc<Thunk>>,
    code: NonNull<c_void>,
}

// SAFETY: the address of immutable code; data may be used and dropped by any thread, which whoever made the callback
// promised.
unsafe impl Send for Callback {}
// SAFETY: as above.
unsafe impl Sync for Callback {}

impl Callback {
    fn new(thunk: Arc<Thunk>, code: NonNull<c_void>) -> Callback {
        Callback {
            thunk: ManuallyDrop::new(thunk),
            code,
        }
    }

    /// The C function pointer.
    pub fn code(&self) -> *const c_void {
        self.code.as_ptr()
    }

    /// What makes callbacks of this signature.
    pub fn thunk(&self) -> &Arc<Thunk> {
        &self.thunk
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        // SAFETY: taken here, once.
        let thunk = unsafe { ManuallyDrop::take(&mut self.thunk) };
        activity::retire(Freed::new(thunk, self.code.cast()));
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("code", &self.code)
            .field("signature", self.thunk.signature())
            .finish()
    }
}

/// What a callback calls, at its lowest level: the data is given back for a call, with the packed frame of the arguments,
/// memory for the result and the thunk, which knows their layouts.
pub type RawCall = unsafe extern "C-unwind" fn(*const (), *mut u8, *mut u8, &Thunk);

/// What there is to do with the data of a callback made by [`Thunk::raw_callback`].
#[repr(C)]
pub struct CallbackVtable {
    /// What thunks call; they find it here, at the start.
    enter: EnterFn,
    call: RawCall,
    drop: unsafe fn(*const ()),
}

impl CallbackVtable {
    /// `call` is called for each call: the frame is its own to change, and holds the arguments as [`Thunk::frame`] lays
    /// them out; the result's memory is aligned as its type, or to 16 bytes, whichever is less. What unwinds out of `call`
    /// unwinds into C. `drop` is called once, when nothing calls any more.
    pub const fn new(call: RawCall, drop: unsafe fn(*const ())) -> CallbackVtable {
        CallbackVtable {
            enter: enter_raw,
            call,
            drop,
        }
    }

    /// One whose `call` is known to the compiler: `enter` is [`enter`] with it.
    const fn with_entry(enter: EnterFn, call: RawCall, drop: unsafe fn(*const ())) -> Self {
        CallbackVtable { enter, call, drop }
    }
}

/// Stands in the slots that are free.
static FREED: CallbackVtable = CallbackVtable::new(call_freed, |_| {});

unsafe extern "C-unwind" fn enter_raw(
    slot: *const (),
    frame: *mut u8,
    ret: *mut u8,
    vtable: *const (),
) {
    // SAFETY: the thunk's promise; what it found in the slot is a vtable, and those live for ever.
    unsafe {
        let raw = (*vtable.cast::<CallbackVtable>()).call;
        enter(slot, frame, ret, vtable, |data, frame, ret, thunk| {
            raw(data, frame, ret, thunk);
        });
    }
}

/// Enters a callback by `call`, which `vtable` has, if that is still the vtable of the slot.
///
/// # Safety
///
/// For entries of thunks: `slot` is a slot of theirs, in which they found `vtable`, `frame` and `ret` are their own.
#[inline(always)]
unsafe fn enter(
    slot: *const (),
    frame: *mut u8,
    ret: *mut u8,
    vtable: *const (),
    call: impl FnOnce(*const (), *mut u8, *mut u8, &Thunk),
) {
    let marker = MaybeUninit::<u8>::uninit();
    let slot = slot.cast::<Slot>();
    let inside = activity::enter(slot, &raw const marker as usize);
    // SAFETY: slots, and thunks, live as long as code that leads to them; what was found in the slot is not dropped while
    // this thread is inside.
    unsafe {
        let (found, data) = (*slot).target();
        if std::ptr::from_ref(found).cast() != vtable {
            drop(inside);
            return dispatch(slot.cast(), frame, ret);
        }
        call(data, frame, ret, &*(*slot).thunk());
    }
}

/// Enters a callback by whatever vtable its slot has.
///
/// # Safety
///
/// As [`enter`].
#[cold]
pub(crate) unsafe fn dispatch(slot: *const (), frame: *mut u8, ret: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe {
        let (vtable, _) = (*slot.cast::<Slot>()).target();
        (vtable.enter)(slot, frame, ret, std::ptr::from_ref(vtable).cast());
    }
}

unsafe extern "C-unwind" fn call_freed(_: *const (), _: *mut u8, _: *mut u8, thunk: &Thunk) {
    let signature = thunk.signature();
    eprintln!("farcall: a callback of type {signature} was called after it had been freed");
    std::process::abort();
}
