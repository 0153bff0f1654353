//! Who is inside of which callback, so that one that is freed while it runs is dropped when it has come to its end.
//!
//! Every thread keeps a list of the callbacks that it is inside of, outermost first, beside its stack: a `longjmp`
//! leaves the frames of callbacks behind, and what lay in them is overwritten before anyone can look.
//!
//! ```text
//! chunk 0 | sentinel | entry | entry | ... |      entry = address in the callback's stack frame, slot
//! chunk 1 | sentinel | entry | entry | . . . . . . . |      twice the size; entries never move
//!                                    ^ top
//! ```
//!
//! **What a `longjmp` left.** Stacks grow downward, so an entry whose frame is not above the frame of the one who looks
//! has been left. The next entry or free on the thread from no deeper in the stack, or the next return to below it, finds
//! that, and drops what waited for it. (Frames on other stacks than the thread's own, of coroutines or signal handlers,
//! cannot be compared: entries of these stay until one below them in the list returns. Coroutines that switch stacks
//! inside of callbacks must leave them in the reverse order.)
//!
//! **Freeing.** First the slot is marked, so that whoever reads it from now on is told that it is free. Then:
//!
//! 1. If the thread itself is inside, its outermost entry of that slot gets the closure to drop on return.
//! 2. If no other thread is registered, the closure is dropped. A thread registers ahead of its first entry, and counts
//!    itself with a sequentially consistent operation: either it is seen here, or it sees the mark.
//! 3. Else the closure waits in a list. Once in [`retired::SWEEP_EVERY`] frees, after one [`barrier::heavy`], all threads' lists
//!    are read; those whose slot is nowhere to be found are dropped.
//!
//! **Why the third is right.** A thread that calls writes its entry, passes [`barrier::light`], and reads the slot; the
//! one that frees writes the mark, passes the heavy barrier, and reads the entries. By the barriers' law either the entry
//! is seen, and the closure waits on, or the mark is. So no closure is dropped that somebody goes on to run. A slot
//! is given to a new callback only after its closure was dropped; so a thread that found it unmarked reads the vtable and
//! data of one and the same callback. An entry is written and cleared with release and read with acquire: whatever is
//! read there but the slot itself, all that the callback did comes before the drop.
//!
//! A call that starts while the callback is being freed may find it freed, which ends the process: to keep calls from
//! starting is for whoever frees.

use std::cell::Cell;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering, compiler_fence};

use super::slots::{Freed, Slot};
use super::{barrier, retired, stack};

/// Entries of a thread's first chunk, the sentinel included; each further chunk has twice as many.
const FIRST_CHUNK: usize = 32;
const CHUNKS: usize = 24;

/// One callback that a thread is inside of; or was, if the slot is null.
struct Entry {
    /// An address in its stack frame; the highest there is in an entry that is not used yet, for a signal may come before
    /// it is written, and its handler must not take the entry for one that was left. Only the thread itself reads it.
    stack: Cell<usize>,
    slot: AtomicPtr<Slot>,
}

/// What other threads see of a thread. Never freed, but used again by later threads.
pub(super) struct Node {
    chunks: [AtomicPtr<Entry>; CHUNKS],
    /// The process in which the thread is registered, see [`fork::generation`](crate::code::fork::generation). Read and
    /// written under the registry's lock.
    pub(super) process: AtomicU32,
}

/// From its sentinel to behind its last entry.
struct Chunk {
    start: *const Entry,
    end: *const Entry,
}

impl Node {
    pub(super) fn new() -> &'static Node {
        Box::leak(Box::new(Node {
            chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
            process: AtomicU32::new(0),
        }))
    }

    /// A chunk of entries, made if it is new. For the node's own thread.
    fn chunk(&self, level: usize) -> Chunk {
        let len = FIRST_CHUNK << level;
        let mut start = self.chunks[level].load(Ordering::Relaxed);
        if start.is_null() {
            let entry = || Entry {
                stack: Cell::new(usize::MAX),
                slot: AtomicPtr::new(ptr::null_mut()),
            };
            let entries: Box<[Entry]> = std::iter::repeat_with(entry).take(len).collect();
            start = Box::leak(entries).as_mut_ptr();
            self.chunks[level].store(start, Ordering::Release);
        }
        Chunk {
            start,
            end: start.wrapping_add(len),
        }
    }

    /// The slots of all callbacks that the thread is inside of, and maybe of some that it no longer is.
    pub(super) fn slots(&self) -> impl Iterator<Item = *const Slot> + '_ {
        let chunks = self.chunks.iter().enumerate();
        chunks.flat_map(|(level, chunk)| {
            let start = chunk.load(Ordering::Acquire);
            let len = if start.is_null() {
                0
            } else {
                FIRST_CHUNK << level
            };
            (0..len).filter_map(move |index| {
                // SAFETY: `chunk` made that many entries there, which are never freed; only the atomic part is read.
                let slot = unsafe { (*start.add(index)).slot.load(Ordering::Acquire) };
                (!slot.is_null()).then_some(slot.cast_const())
            })
        })
    }
}

/// A closure that waits for an entry of its own thread.
struct Orphan {
    entry: *const Entry,
    freed: Freed,
    next: *mut Orphan,
}

/// A thread's own part. It needs no drop, so that reaching it is an addition to the thread's base address.
struct Local {
    /// Where the next entry goes; null before the first.
    top: Cell<*const Entry>,
    end: Cell<*const Entry>,
    level: Cell<usize>,
    node: Cell<Option<&'static Node>>,
    orphans: Cell<*mut Orphan>,
    /// Start and end of the thread's own stack, once they were asked for; nothing, where the system does not tell.
    bounds: Cell<Option<(usize, usize)>>,
}

thread_local! {
    static LOCAL: Local = const {
        Local {
            top: Cell::new(ptr::null()),
            end: Cell::new(ptr::null()),
            level: Cell::new(0),
            node: Cell::new(None),
            orphans: Cell::new(ptr::null_mut()),
            bounds: Cell::new(None),
        }
    };
    static EXIT: Exit = const { Exit };
}

/// The calling thread is inside of a callback as long as this lives.
pub(super) struct Inside {
    /// Of this thread, which does not leave it meanwhile.
    local: *const Local,
    entry: *const Entry,
}

/// Notes that the calling thread is about to read `slot`, and to run what it finds. `here` is an address in the
/// caller's stack frame.
#[inline(always)]
pub(super) fn enter(slot: *const Slot, here: usize) -> Inside {
    LOCAL.with(|local| {
        let mut entry = local.top.get();
        // SAFETY: ahead of a top that is not null there is an entry of its chunk, if only the sentinel.
        if entry == local.end.get() || unsafe { (*entry.sub(1)).stack.get() } <= here {
            entry = local.make_room(here);
        }
        // SAFETY: below the end of its chunk.
        unsafe { local.reserve(entry) };
        // A signal's handler that comes in between and calls callbacks leaves this entry alone.
        compiler_fence(Ordering::SeqCst);
        // SAFETY: as above.
        unsafe { (*entry).occupy(slot, here) };
        Inside { local, entry }
    })
}

impl Entry {
    #[inline(always)]
    fn occupy(&self, slot: *const Slot, here: usize) {
        self.stack.set(here);
        self.slot.store(slot.cast_mut(), Ordering::Release);
        barrier::light();
    }

    /// To be done before it is taken off.
    #[inline(always)]
    fn clear(&self) {
        self.slot.store(ptr::null_mut(), Ordering::Release);
        self.stack.set(usize::MAX);
    }
}

impl Drop for Inside {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: entries are never freed, and this one is no chunk's last plus one; the thread's variables need no drop,
        // so they are there as long as the thread.
        let (local, entry, next) = unsafe { (&*self.local, &*self.entry, self.entry.add(1)) };
        if local.top.get() != next || !local.orphans.get().is_null() {
            return local.leave(self.entry);
        }
        entry.clear();
        local.top.set(self.entry);
    }
}

/// Drops the closure of a slot that has been marked as free, now or when nobody runs it any more.
pub(super) fn retire(freed: Freed) {
    let marker = 0u8;
    let here = &raw const marker as usize;
    let outermost = LOCAL.with(|local| {
        local.node.get()?;
        local.forget_left(here);
        local.outermost(freed.slot())
    });
    let Some(entry) = outermost else {
        return retired::settle(freed);
    };
    freed.keep_code();
    LOCAL.with(|local| {
        let next = local.orphans.get();
        let orphan = Box::new(Orphan { entry, freed, next });
        local.orphans.set(Box::into_raw(orphan));
    });
}

/// What other threads see of the calling one, if it is registered.
pub(super) fn own_node() -> Option<&'static Node> {
    LOCAL.with(|local| local.node.get())
}

impl Local {
    /// Puts the top behind an entry.
    ///
    /// # Safety
    ///
    /// It is an entry of the current chunk.
    #[inline(always)]
    unsafe fn reserve(&self, entry: *const Entry) {
        // SAFETY: at most the end of the chunk.
        self.top.set(unsafe { entry.add(1) });
    }

    /// What `enter` does when the obvious place will not do: where the next entry goes.
    #[cold]
    fn make_room(&self, here: usize) -> *const Entry {
        let node = match self.node.get() {
            Some(node) => node,
            None => self.register(),
        };
        self.forget_left(here);
        if self.top.get() == self.end.get() {
            // SAFETY: ahead of the end of a chunk there is an entry.
            let last = unsafe { (*self.top.get().sub(1)).stack.get() };
            self.go_to(node, self.level.get() + 1);
            // The sentinel stands for the last entry of the chunk before.
            // SAFETY: the sentinel is ahead of the first place in the chunk.
            unsafe { (*self.top.get().sub(1)).stack.set(last) };
        }
        self.top.get()
    }

    #[cold]
    fn register(&self) -> &'static Node {
        barrier::prepare();
        let node = retired::register();
        self.node.set(Some(node));
        self.go_to(node, 0);
        // A thread that is past the end of its variables stays registered.
        let _ = EXIT.try_with(|_| ());
        node
    }

    /// Makes the start of a chunk the top.
    fn go_to(&self, node: &'static Node, level: usize) {
        let chunk = node.chunk(level);
        self.level.set(level);
        self.top.set(chunk.start.wrapping_add(1));
        self.end.set(chunk.end);
    }

    /// Takes the last entry off, if there is one that `condition` holds for.
    fn pop_if(&self, condition: impl FnOnce(*const Entry, &Entry) -> bool) -> bool {
        let Some(node) = self.node.get() else {
            return false;
        };
        while self.top.get() == node.chunk(self.level.get()).start.wrapping_add(1) {
            if self.level.get() == 0 {
                return false;
            }
            let below = node.chunk(self.level.get() - 1);
            self.level.set(self.level.get() - 1);
            self.top.set(below.end);
            self.end.set(below.end);
        }
        let last = self.top.get().wrapping_sub(1);
        // SAFETY: an entry of the current chunk, for the top is not at the chunk's first place.
        let entry = unsafe { &*last };
        if !condition(last, entry) {
            return false;
        }
        entry.clear();
        self.top.set(last);
        true
    }

    /// Takes off the entries whose frames are not above `here`: a `longjmp` left them.
    fn forget_left(&self, here: usize) {
        let mut any = false;
        while self
            .pop_if(|_, entry| entry.stack.get() <= here && self.owns(entry.stack.get(), here))
        {
            any = true;
        }
        if any {
            self.drop_orphans();
        }
    }

    /// Whether both addresses are of the thread's own stack, as far as that is known.
    fn owns(&self, left: usize, here: usize) -> bool {
        let (start, end) = self.bounds.get().unwrap_or_else(|| {
            let Range { start, end } = stack::bounds();
            self.bounds.set(Some((start, end)));
            (start, end)
        });
        (start..end).contains(&left) && (start..end).contains(&here)
    }

    /// What the end of a callback does when it was not the last in the list, or something waited for it.
    #[cold]
    fn leave(&self, entry: *const Entry) {
        // One that is gone already was taken off by a coroutine's return.
        if self.is_live(entry) {
            let mut found = false;
            while !found
                && self.pop_if(|last, _| {
                    found = last == entry;
                    true
                })
            {}
        }
        self.drop_orphans();
    }

    /// The entries that are not taken off, outermost first.
    fn live(&self) -> impl Iterator<Item = *const Entry> + '_ {
        let node = self.node.get();
        let levels = node.into_iter().flat_map(move |node| {
            (0..=self.level.get()).map(move |level| (level, node.chunk(level)))
        });
        levels.flat_map(|(level, chunk)| {
            let last = level == self.level.get();
            let end = if last { self.top.get() } else { chunk.end };
            let count = (end as usize - chunk.start as usize) / size_of::<Entry>();
            (1..count).map(move |index| chunk.start.wrapping_add(index))
        })
    }

    fn is_live(&self, entry: *const Entry) -> bool {
        self.live().any(|live| live == entry)
    }

    fn outermost(&self, slot: *const Slot) -> Option<*const Entry> {
        // SAFETY: live entries are entries.
        self.live()
            .find(|&entry| ptr::eq(unsafe { (*entry).slot.load(Ordering::Relaxed) }, slot))
    }

    /// Drops the closures that waited for entries which are gone.
    fn drop_orphans(&self) {
        let mut next = self.orphans.replace(ptr::null_mut());
        let mut due = Vec::new();
        while !next.is_null() {
            // SAFETY: `retire` leaked this box, and it is in no list any more.
            let mut orphan = unsafe { Box::from_raw(next) };
            next = orphan.next;
            if self.is_live(orphan.entry) {
                orphan.next = self.orphans.get();
                self.orphans.set(Box::into_raw(orphan));
            } else {
                due.push(orphan.freed);
            }
        }
        due.into_iter().for_each(retired::settle);
    }
}

/// Run when a thread ends, by which time it is inside of nothing.
struct Exit;

impl Drop for Exit {
    fn drop(&mut self) {
        LOCAL.with(|local| {
            while local.pop_if(|_, _| true) {}
            local.drop_orphans();
            if let Some(node) = local.node.take() {
                local.top.set(ptr::null());
                local.end.set(ptr::null());
                retired::unregister(node);
            }
        });
    }
}

#[cfg(test)]
mod tests;
