//! The slots of callbacks: data beside code that never changes.
//!
//! The trampoline of a slot is the C function pointer. It has the slot's address in its text; the way back is to look up the block
//! in which the slot lies, which knows where its trampolines begin.

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
    /// The callback's data. While the slot is free, the next free one.
    data: AtomicPtr<()>,
}

/// Slots whose trampolines were published at once.
struct Block {
    /// A box turned into a pointer, from which all references to slots come.
    slots: NonNull<[Slot]>,
    /// The first trampoline.
    code: Code,
    /// Bytes from one to the next.
    stride: usize,
}

/// The C function pointer of a slot.
pub(super) type Code = NonNull<u8>;

/// A slot of a thunk that lives.
pub(super) type SlotRef = NonNull<Slot>;

/// The slots of one signature.
#[derive(Default)]
pub(super) struct Slots {
    free: Option<SlotRef>,
    quarantine: VecDeque<SlotRef>,
    /// In the order of their addresses.
    blocks: Vec<Block>,
    /// In checked builds, what was in the slots that are free: its type in the host's words, by the slot's address.
    pub(super) names: HashMap<usize, Option<String>>,
}

// SAFETY: addresses of slots and of code that live as long as the thunk that owns this.
unsafe impl Send for Slots {}

/// A closure whose slot has been marked as free.
pub(crate) struct Freed {
    thunk: Arc<Thunk>,
    /// One of the thunk's.
    slot: SlotRef,
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

    /// What the callback in this slot was made with.
    pub(super) fn data(&self) -> *const () {
        self.data.load(Ordering::Relaxed)
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
    pub(super) fn take(&mut self) -> Option<SlotRef> {
        let slot = self.free?;
        // SAFETY: slots live as long as the thunk, which owns this.
        let next = unsafe { slot.as_ref() }.data.load(Ordering::Relaxed);
        self.free = SlotRef::new(next.cast());
        if QUARANTINE > 0 {
            self.names.remove(&slot.addr().get());
        }
        Some(slot)
    }

    /// Gives a slot back.
    pub(super) fn put(&mut self, mut slot: SlotRef) {
        if QUARANTINE > 0 {
            self.quarantine.push_back(slot);
            if self.quarantine.len() <= QUARANTINE {
                return;
            }
            slot = self.quarantine.pop_front().expect("more than none");
        }
        self.free(slot);
    }

    fn free(&mut self, slot: SlotRef) {
        let next = self.free.map_or(ptr::null_mut(), SlotRef::as_ptr);
        // SAFETY: as in `take`.
        let data = unsafe { &slot.as_ref().data };
        data.store(next.cast(), Ordering::Relaxed);
        self.free = Some(slot);
    }

    /// How many slots the next block shall have.
    pub(super) fn next_len(&self) -> usize {
        (FIRST_BLOCK << self.blocks.len().min(16)).min(LARGEST_BLOCK)
    }

    /// Adds a block, the first of whose trampolines lies at `code`, each further one `stride` bytes behind.
    pub(super) fn add(&mut self, slots: Box<[Slot]>, code: Code, stride: usize) {
        let len = slots.len();
        let slots = NonNull::from(Box::leak(slots));
        let first = slots.cast::<Slot>();
        for index in (0..len).rev() {
            // SAFETY: one of the slots.
            self.free(unsafe { first.add(index) });
        }
        let at = self.blocks_up_to(first.as_ptr());
        let block = Block {
            slots,
            code,
            stride,
        };
        self.blocks.insert(at, block);
    }

    /// The C function pointer of a slot of these.
    pub(super) fn code(&self, slot: *const Slot) -> Code {
        let block = &self.blocks[self.blocks_up_to(slot) - 1];
        let index = (slot.addr() - block.first().addr()) / size_of::<Slot>();
        // SAFETY: the published text has a trampoline there for each slot.
        unsafe { block.code.add(index * block.stride) }
    }

    /// How many blocks begin at an address or ahead of it.
    fn blocks_up_to(&self, address: *const Slot) -> usize {
        self.blocks
            .partition_point(|block| block.first() <= address)
    }
}

impl Block {
    fn first(&self) -> *const Slot {
        self.slots.as_ptr().cast()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: a box turned into a pointer. The thunk that owns this is going, so nobody uses a slot of its any more.
        drop(unsafe { Box::from_raw(self.slots.as_ptr()) });
    }
}

impl Freed {
    /// Marks the slot of a callback that nobody else frees, one of the thunk's.
    pub(super) fn new(thunk: Arc<Thunk>, slot: SlotRef) -> Freed {
        // SAFETY: slots live as long as the thunk.
        let marked = unsafe { slot.as_ref() };
        let (vtable, data) = marked.target();
        if QUARANTINE > 0 {
            // SAFETY: the data of this vtable, which is dropped later.
            let name = catch_unwind(AssertUnwindSafe(|| unsafe { (vtable.type_name)(data) }));
            thunk.note_name(marked, name.unwrap_or(None));
        }
        marked
            .vtable
            .store((&raw const super::FREED).cast_mut(), Ordering::SeqCst);
        Freed {
            slot,
            vtable,
            data,
            thunk,
        }
    }

    pub(crate) fn slot(&self) -> *const Slot {
        self.slot.as_ptr()
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
        self.thunk.recycle(self.slot);
    }
}
