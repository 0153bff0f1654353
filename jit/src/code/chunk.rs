//! A chunk of executable memory.

use std::io;
use std::ptr::{self, NonNull};

use rustix::fs::{MemfdFlags, ftruncate, memfd_create};
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags};
use rustix::mm::{madvise, mmap, mmap_anonymous, mprotect, munmap};

use super::unwind::Registration;

/// Memory of `len` bytes that code is appended to.
pub(super) struct Chunk {
    /// Where code is written.
    writable: NonNull<u8>,
    /// Where it runs; the same address in a chunk that is published once.
    executable: NonNull<u8>,
    len: usize,
    used: usize,
    /// How much of it has been published.
    published: usize,
    /// Dropped before the memory goes: fields are dropped after `Drop::drop`, so it is taken there.
    unwind: Option<Registration>,
}

// SAFETY: the memory belongs to the chunk alone, and is written only through `&mut self` or by the one who was
// given an allocation.
unsafe impl Send for Chunk {}

impl Chunk {
    /// One file mapped twice. Fails where the system has no memfd or forbids executing one.
    pub(super) fn dual(len: usize) -> io::Result<Chunk> {
        let file = executable_memfd()?;
        ftruncate(&file, len as u64)?;
        let map = |protection| {
            // SAFETY: a new mapping at an address of the kernel's choice; the file is private to this function.
            let address =
                unsafe { mmap(ptr::null_mut(), len, protection, MapFlags::SHARED, &file, 0) }?;
            Ok::<_, Errno>(NonNull::new(address.cast::<u8>()).expect("mmap does not return null"))
        };
        let writable = map(ProtFlags::READ | ProtFlags::WRITE)?;
        // A child shares the file: what it cannot see, it cannot overwrite.
        // SAFETY: mapped above; only what a fork copies changes.
        let _ = unsafe { madvise(writable.as_ptr().cast(), len, Advice::LinuxDontFork) };
        let executable = map(ProtFlags::READ | ProtFlags::EXEC).inspect_err(|_| {
            // SAFETY: mapped above, and known to no one else.
            let _ = unsafe { munmap(writable.as_ptr().cast(), len) };
        })?;
        Ok(Chunk {
            writable,
            executable,
            len,
            used: 0,
            published: 0,
            unwind: Some(Registration::new(executable.as_ptr(), len)),
        })
    }

    /// Fresh pages for `len` bytes, writable until [`Chunk::publish`].
    pub(super) fn once(len: usize) -> io::Result<Chunk> {
        let len = len.next_multiple_of(rustix::param::page_size());
        // SAFETY: a new private mapping at an address of the kernel's choice.
        let address = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        }?;
        let memory = NonNull::new(address.cast::<u8>()).expect("mmap does not return null");
        Ok(Chunk {
            writable: memory,
            executable: memory,
            len,
            used: 0,
            published: 0,
            unwind: None,
        })
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
        // SAFETY: mapped memory of this chunk.
        unsafe { wasmtime_internal_jit_icache_coherence::clear_cache(fresh.cast(), len) }
            .map_err(io::Error::other)?;
        if !self.is_dual() && self.published < self.len {
            // SAFETY: the whole of this chunk's own mapping; nobody writes to it after publication.
            unsafe {
                mprotect(
                    self.writable.as_ptr().cast(),
                    self.len,
                    MprotectFlags::READ | MprotectFlags::EXEC,
                )
            }?;
            self.used = self.len;
            self.unwind = Some(Registration::new(self.executable.as_ptr(), self.len));
        }
        self.published = self.used;
        wasmtime_internal_jit_icache_coherence::pipeline_flush_mt().map_err(io::Error::other)
    }

    /// In a forked child: the writable view was not inherited, and something else may be mapped there.
    pub(super) fn forget_writable(&mut self) {
        if self.is_dual() {
            self.writable = self.executable;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }

    fn is_dual(&self) -> bool {
        self.writable != self.executable
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.unwind = None;
        // SAFETY: the mappings that this chunk made; no code of it runs any more, for every stub keeps its
        // code space alive.
        unsafe {
            let _ = munmap(self.executable.as_ptr().cast(), self.len);
            if self.is_dual() {
                let _ = munmap(self.writable.as_ptr().cast(), self.len);
            }
        }
    }
}

/// Kernels with `vm.memfd_noexec` want `MFD_EXEC`; those before 6.3 do not know it.
fn executable_memfd() -> io::Result<std::os::fd::OwnedFd> {
    let create = |flags| memfd_create("farcall", MemfdFlags::CLOEXEC | flags);
    match create(MemfdFlags::EXEC) {
        Err(Errno::INVAL) => Ok(create(MemfdFlags::empty())?),
        result => Ok(result?),
    }
}
