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
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::report::tell;
use crate::thunk::EnterFn;
pub use handler::{Arguments, Handler, Plain, Unwinding};
pub(crate) use retired::reclaim;
pub(crate) use slots::Slot;
use slots::{Freed, SlotRef};
pub use thunk::Thunk;

/// A C function pointer that calls Rust, as long as this lives. It keeps the engine's memory alive.
///
/// Dropping it ends the life of the C function at once. What it called, and the slot, are freed at once as well if no other
/// thread that runs has ever run a callback; where calls of it run in the thread that drops it, when the last of these has
/// ended (also by a `longjmp`: noticed at the thread's next callback from no deeper in its stack). Otherwise they wait, with those of
/// other callbacks, until 64 have come together, a thread ends, or somebody asks
/// ([`Engine::reclaim_callbacks`](crate::Engine::reclaim_callbacks)): for ever, if none of this happens. So what one callback
/// called may be dropped inside of the drop of another, by another thread, or at the end of a call; a panic in there is told
/// on stderr and goes no further. In a forked child, what waited at the fork is never dropped, for that is for the parent to do, but
/// for what the forking thread itself freed inside of a call that goes on in the child: that is dropped in both. To call the C function afterwards, or
/// to start a call while another thread drops it, is an error of the C program. It ends the process with a message, as
/// long as the slot is not in use again; checked builds leave slots unused for a while.
///
/// When the last callback, stub and clone of an engine goes, its code goes with it, unless a callback of it was dropped
/// while it ran, or while another thread that had run callbacks lived: that one might have yet to return through the code, which
/// is then never unmapped.
///
/// Coroutines that switch between stacks inside of callbacks must leave these in the reverse order in which they entered
/// them. Those that copy parts of one stack to and fro (greenlets) must not switch away from inside of a callback while
/// another one begins or is freed at the same or a higher stack address: a callback whose frame was copied away is taken for
/// one that a `longjmp` left, and what it calls may then be dropped when it is freed, although it is to go on.
pub struct Callback {
    /// A slot of a thunk of which this is an owner.
    slot: SlotRef,
}

// SAFETY: an owner of a thunk and of a slot, which all threads may use; data may be used and dropped by any thread, which
// whoever made the callback promised.
unsafe impl Send for Callback {}
// SAFETY: as above.
unsafe impl Sync for Callback {}

impl Callback {
    /// # Panics
    ///
    /// If the slot is not one of the thunk's.
    fn new(thunk: Arc<Thunk>, slot: SlotRef) -> Callback {
        // SAFETY: the thunk that `slot` is said to be of lives; of another one's, the caller has the owner too.
        let of = unsafe { slot.as_ref() }.thunk();
        assert!(std::ptr::eq(Arc::as_ptr(&thunk), of));
        let _ = Arc::into_raw(thunk);
        Callback { slot }
    }

    fn slot(&self) -> &Slot {
        // SAFETY: slots live as long as their thunks, and this is an owner of its.
        unsafe { self.slot.as_ref() }
    }

    /// The C function pointer.
    pub fn code(&self) -> *const c_void {
        // SAFETY: thunks live as long as their owners, of which this is one.
        let thunk = unsafe { &*self.slot().thunk() };
        thunk.code_of(self.slot()).as_ptr().cast()
    }

    /// What [`Thunk::raw_callback`] was given; of other callbacks, the address of their handler.
    pub fn data(&self) -> *const () {
        self.slot().data()
    }

    /// This owner as an address, whose lowest bit is zero, for [`Callback::from_raw`]: one word.
    pub fn into_raw(self) -> NonNull<()> {
        let slot = self.slot.cast();
        std::mem::forget(self);
        slot
    }

    /// The owner that [`Callback::into_raw`] made an address.
    ///
    /// # Safety
    ///
    /// `raw` is from there, and of all that are made of it one at most is dropped, which ends the callback, as the last.
    pub unsafe fn from_raw(raw: *mut ()) -> Callback {
        // SAFETY: the caller's promise.
        let slot = unsafe { NonNull::new_unchecked(raw.cast()) };
        Callback { slot }
    }

    /// What makes callbacks of this signature.
    pub fn thunk(&self) -> Arc<Thunk> {
        let thunk = self.slot().thunk();
        // SAFETY: `new` turned an `Arc` into this pointer, of which this is an owner.
        unsafe {
            Arc::increment_strong_count(thunk);
            Arc::from_raw(thunk)
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        // SAFETY: `new` turned an `Arc` into this pointer, and it is turned back here, once.
        let thunk = unsafe { Arc::from_raw(self.slot().thunk()) };
        activity::retire(Freed::new(thunk, self.slot));
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("code", &self.code())
            .field("signature", self.thunk().signature())
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
    type_name: unsafe fn(*const ()) -> Option<String>,
}

impl CallbackVtable {
    /// `call` is called for each call: the frame is its own to change, and holds the arguments as [`Thunk::frame`] lays
    /// them out; the result's memory is aligned as its type, or to 16 bytes, whichever is less. What unwinds out of `call`
    /// unwinds into C. Behind an argument the frame holds anything up to the next word. `drop` is called once, when nothing
    /// calls any more; what panics there is told on stderr.
    pub const fn new(call: RawCall, drop: unsafe fn(*const ())) -> CallbackVtable {
        CallbackVtable {
            enter: enter_raw,
            call,
            drop,
            type_name: |_| None,
        }
    }

    /// One whose `call` is known to the compiler: `enter` is [`enter`] with it.
    const fn with_entry(
        enter: EnterFn,
        call: RawCall,
        drop: unsafe fn(*const ()),
        type_name: unsafe fn(*const ()) -> Option<String>,
    ) -> Self {
        CallbackVtable {
            enter,
            call,
            drop,
            type_name,
        }
    }
}

/// Stands in the slots that are free.
static FREED: CallbackVtable =
    CallbackVtable::with_entry(enter_freed, call_nothing, |_| {}, |_| None);

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

unsafe extern "C-unwind" fn call_nothing(_: *const (), _: *mut u8, _: *mut u8, _: &Thunk) {}

unsafe extern "C-unwind" fn enter_freed(slot: *const (), _: *mut u8, _: *mut u8, _: *const ()) {
    // SAFETY: the thunk's promise; slots, and thunks, live as long as code that leads to them.
    let name = unsafe {
        let slot = slot.cast::<Slot>();
        (*(*slot).thunk()).name_of_freed(slot)
    };
    tell(format_args!(
        "farcall: a callback of type {name} was called after it had been freed"
    ));
    std::process::abort();
}
