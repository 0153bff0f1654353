//! The slots of callbacks: data beside code that never changes.
//!
//! A slot is named by the address of its trampoline, which is the C function pointer; the trampoline's text has the
//! address of the slot in it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use hashbrown::HashMap;

use super::{CallbackVtable, Thunk};
use crate::report::{discard, panic_text, tell};

/// Slots of a signature's first block, and of its largest ones.
const FIRST_BLOCK: usize = 16;
const LARGEST_BLOCK: usize = 512;

/// Freed slots of a signature that are kept from being used again in checked builds, oldest first.
const QUARANTINE: usize = if cfg!(debug_assertions) { 1024 } else { 0 };

/// What belongs to one trampoline. Thunks read the second word.
#[repr(C)]
pub(crate) struct Slot {
    thunk: *const Thunk,
    vtable: AtomicPtr<CallbackVtable>,
    /// The callback's data. While the slot is free, the trampoline of the next free one.
    data: AtomicPtr<()>,
}

/// The C function pointer of a slot.
pub(super) type Code = NonNull<u8>;

/// The slots of one signature.
#[derive(Default)]
pub(super) struct Slots {
    free: Option<Code>,
    quarantine: VecDeque<Code>,
    blocks: Vec<Box<[Slot]>>,
    /// In checked builds, what was in the slots that are free: its type in the host's words, by the slot's address.
    pub(super) names: HashMap<usize, Option<String>>,
}

// SAFETY: addresses of slots and of code that live as long as the thunk that owns this.
unsafe impl Send for Slots {}

/// A closure whose slot has been marked as free.
pub(crate) struct Freed {
    thunk: Arc<Thunk>,
    code: Code,
    /// Lives as long as the thunk.
    slot: *const Slot,
    vtable: &'static CallbackVtable,
    data: *const (),
}

// SAFETY: whoever makes a callback promises that its data may be dropped by any thread; the rest are addresses.
unsafe impl Send for Freed {}

impl Slot {
    pub(super) fn free(thunk: *const Thunk) -> Slot {
        Slot {
            thunk,
            vtable: AtomicPtr::new((&raw const super::FREED).cast_mut()),
            data: AtomicPtr::new(ptr::null_mut()),
        }
    }

    #[inline(always)]
    pub(crate) fn thunk(&self) -> *const Thunk {
        self.thunk
    }

    /// What to call, and its data: of one callback, if the caller is [inside](super::activity::enter).
    #[inline(always)]
    pub(super) fn target(&self) -> (&'static CallbackVtable, *const ()) {
        let vtable = self.vtable.load(Ordering::Acquire);
        let data = self.data.load(Ordering::Relaxed);
        // SAFETY: only vtables that live for ever are stored there.
        (unsafe { &*vtable }, data)
    }

    pub(super) fn fill(&self, vtable: &'static CallbackVtable, data: *const ()) {
        self.data.store(data.cast_mut(), Ordering::Relaxed);
        self.vtable
            .store(ptr::from_ref(vtable).cast_mut(), Ordering::Release);
    }
}

impl Slots {
    /// Takes a slot that is free, if there is one.
    pub(super) fn take(&mut self, thunk: &Thunk) -> Option<Code> {
        let code = self.free?;
        let slot = thunk.slot(code);
        self.free = Code::new(slot.data.load(Ordering::Relaxed).cast());
        if QUARANTINE > 0 {
            self.names.remove(&(ptr::from_ref(slot) as usize));
        }
        Some(code)
    }

    /// Gives a slot back.
    pub(super) fn put(&mut self, thunk: &Thunk, mut code: Code) {
        if QUARANTINE > 0 {
            self.quarantine.push_back(code);
            if self.quarantine.len() <= QUARANTINE {
                return;
            }
            code = self.quarantine.pop_front().expect("more than none");
        }
        let next = self.free.map_or(ptr::null_mut(), Code::as_ptr);
        thunk.slot(code).data.store(next.cast(), Ordering::Relaxed);
        self.free = Some(code);
    }

    /// How many slots the next block shall have.
    pub(super) fn next_len(&self) -> usize {
        (FIRST_BLOCK << self.blocks.len().min(16)).min(LARGEST_BLOCK)
    }

    /// Slots of a new block, which [`Slots::add`] makes free.
    pub(super) fn new_block(&self, thunk: &Thunk, len: usize) -> Box<[Slot]> {
        std::iter::repeat_with(|| Slot::free(thunk))
            .take(len)
            .collect()
    }

    /// Adds a block whose trampolines lie at `codes`.
    pub(super) fn add(
        &mut self,
        block: Box<[Slot]>,
        codes: impl DoubleEndedIterator<Item = Code> + ExactSizeIterator,
    ) {
        for (slot, code) in block.iter().zip(codes).rev() {
            let next = self.free.map_or(ptr::null_mut(), Code::as_ptr);
            slot.data.store(next.cast(), Ordering::Relaxed);
            self.free = Some(code);
        }
        self.blocks.push(block);
    }
}

impl Freed {
    /// Marks the slot of `code`, a callback that nobody else frees.
    pub(super) fn new(thunk: Arc<Thunk>, code: Code) -> Freed {
        let slot = thunk.slot_of_callback(code);
        let (vtable, data) = slot.target();
        if QUARANTINE > 0 {
            // SAFETY: the data of this vtable, which is dropped later.
            let name = catch_unwind(AssertUnwindSafe(|| unsafe { (vtable.type_name)(data) }));
            thunk.note_name(slot, name.unwrap_or(None));
        }
        slot.vtable
            .store((&raw const super::FREED).cast_mut(), Ordering::SeqCst);
        Freed {
            slot,
            code,
            vtable,
            data,
            thunk,
        }
    }

    pub(crate) fn slot(&self) -> *const Slot {
        self.slot
    }

    /// Says that a thread may have been inside, so that the code must outlast the engine: the thread has yet to return
    /// through it when the last owner is dropped, also after its entry is gone.
    pub(crate) fn keep_code(&self) {
        self.thunk.keep_code();
    }

    /// Drops the closure and gives its slot back. Does not panic, for C may be the caller, and others may wait for the same.
    pub(crate) fn finish(self) {
        // SAFETY: the vtable came with the data, which is dropped here alone: `new` is called once for a callback.
        let dropped = catch_unwind(AssertUnwindSafe(|| unsafe {
            (self.vtable.drop)(self.data)
        }));
        if let Err(payload) = dropped {
            let (signature, text) = (self.thunk.signature(), panic_text(&*payload));
            tell(format_args!(
                "farcall: what a callback of type {signature} called panicked when it was dropped: {text}"
            ));
            discard(payload);
        }
        self.thunk.recycle(self.code);
    }
}
