//! A chunk of executable memory.

use std::io;
use std::ptr::NonNull;

use super::map::{self, Views};
use super::unwind::Registration;
use super::{StackFrame, cache};

/// Memory of `len` bytes that code is appended to.
pub(super) struct Chunk {
    /// Where code is written.
    writable: NonNull<u8>,
    /// Where it runs; the same address in a chunk that is published once.
    executable: NonNull<u8>,
    is_dual: bool,
    /// Of all the code in it.
    frame: StackFrame,
    len: usize,
    used: usize,
    /// How much of it has been published.
    published: usize,
    /// Dropped before the memory goes: fields are dropped after `Drop::drop`, so it is taken there. `None` where the
    /// system took none: exceptions then end the process, as they do at any code without a table.
    unwind: Option<Registration>,
}

// SAFETY: the memory belongs to the chunk alone, and is written only through `&mut self` or by the one who was
// given an allocation.
unsafe impl Send for Chunk {}

impl Chunk {
    /// Bytes of a chunk that are not for code.
    pub(super) const HEADER: usize = Registration::HEADER;

    /// Memory mapped twice, for more code than is there yet.
    pub(super) fn dual(len: usize, frame: StackFrame) -> io::Result<Chunk> {
        let Views {
            writable,
            executable,
        } = map::dual(len)?;
        Ok(Chunk::new((writable, executable), true, len, frame))
    }

    /// Fresh pages for `size` bytes of code, writable until [`Chunk::publish`].
    pub(super) fn once(size: usize, frame: StackFrame) -> io::Result<Chunk> {
        let len = (size + Chunk::HEADER).next_multiple_of(map::page_size());
        let memory = map::fresh(len)?;
        Ok(Chunk::new((memory, memory), false, len, frame))
    }

    fn new(
        (writable, executable): (NonNull<u8>, NonNull<u8>),
        is_dual: bool,
        len: usize,
        frame: StackFrame,
    ) -> Chunk {
        // SAFETY: both are of `len` bytes of this chunk's, which lets go of the registration first; code comes
        // behind the header.
        let unwind =
            unsafe { Registration::new(writable.as_ptr(), executable.as_ptr(), len, frame) };
        Chunk {
            writable,
            executable,
            is_dual,
            frame,
            len,
            used: Chunk::HEADER,
            published: Chunk::HEADER,
            unwind,
        }
    }

    /// Whether `size` bytes fit. `align` is a power of two of at most a page.
    pub(super) fn has_room(&self, size: usize, align: usize) -> bool {
        self.used
            .next_multiple_of(align)
            .checked_add(size)
            .is_some_and(|end| end <= self.len)
    }

    /// Reserves `size` bytes, for which there must be room: where to write them, and where they will run.
    pub(super) fn allocate(&mut self, size: usize, align: usize) -> (*mut u8, *const u8) {
        assert!(self.has_room(size, align), "room was asked for");
        let start = self.used.next_multiple_of(align);
        self.used = start + size;
        // SAFETY: `start` is within both mappings of `len` bytes.
        unsafe {
            (
                self.writable.as_ptr().add(start),
                self.executable.as_ptr().add(start),
            )
        }
    }

    /// Makes what was written since the last time fit to run. A chunk that is published once turns executable,
    /// for good, and is full from then on.
    pub(super) fn publish(&mut self) -> io::Result<()> {
        let (start, len) = (self.published, self.used - self.published);
        // SAFETY: `start` is within the mapping of `len` bytes.
        let fresh = unsafe { self.executable.as_ptr().add(start) };
        if !self.is_dual && self.published < self.len {
            // SAFETY: the whole of this chunk's own mapping; nobody writes to it after publication.
            unsafe { map::make_executable(self.writable, self.len) }?;
            self.used = self.len;
        }
        self.published = self.used;
        // SAFETY: mapped memory of this chunk, readable where it runs.
        unsafe { cache::publish(fresh, len) }
    }

    /// In a forked child: the writable view was not inherited, and something else may be mapped there.
    pub(super) fn forget_writable(&mut self) {
        if self.is_dual {
            self.writable = self.executable;
        }
    }

    pub(super) fn frame(&self) -> StackFrame {
        self.frame
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.unwind = None;
        let views = Views {
            writable: self.writable,
            executable: self.executable,
        };
        // SAFETY: the mappings that this chunk made; no code of it runs any more, for every stub keeps its
        // code space alive.
        unsafe {
            if self.is_dual {
                map::unmap_dual(views, self.len);
            } else {
                map::unmap_fresh(self.executable, self.len);
            }
        }
    }
}
