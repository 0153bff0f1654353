//! The chunks of an engine, as the memory that cranelift-jit writes to.

use std::io;
use std::sync::{Arc, Mutex};

use cranelift_jit::{BranchProtection, JITMemoryKind, JITMemoryProvider};
use cranelift_module::{ModuleError, ModuleResult};

use super::chunk::Chunk;
use super::{fork, lock};

/// The first chunk of an arena, and the size at which they stop doubling. Untouched pages cost nothing.
const FIRST_CHUNK: usize = 64 << 10;
const LARGEST_CHUNK: usize = 1 << 20;

/// Chunks, the last of which is appended to.
#[derive(Default)]
pub(super) struct Arena {
    chunks: Vec<Chunk>,
    /// Chunks that an ancestor of this process made, which it may still be writing to.
    inherited: usize,
    generation: u32,
    /// Set when the system refused a dual mapping: chunks are then published once.
    no_dual: bool,
}

impl Arena {
    /// The address at which code written at `written` runs.
    pub(super) fn executable(&self, written: *const u8) -> *const u8 {
        let found = self
            .chunks
            .iter()
            .rev()
            .find_map(|chunk| chunk.executable(written));
        found.expect("the address comes from this arena's allocate")
    }

    /// Bytes used and bytes mapped.
    pub(super) fn size(&self) -> (usize, usize) {
        self.chunks.iter().fold((0, 0), |(used, len), chunk| {
            (used + chunk.used(), len + chunk.len())
        })
    }

    fn allocate(&mut self, size: usize, align: usize) -> io::Result<*mut u8> {
        if self.generation != fork::generation() {
            self.generation = fork::generation();
            self.inherited = self.chunks.len();
        }
        let own = &mut self.chunks[self.inherited..];
        if let Some(address) = own.last_mut().and_then(|chunk| chunk.allocate(size, align)) {
            return Ok(address);
        }
        let chunk = self.add_chunk(size)?;
        chunk
            .allocate(size, align)
            .ok_or_else(|| io::Error::other("code larger than its chunk"))
    }

    fn add_chunk(&mut self, size: usize) -> io::Result<&mut Chunk> {
        let chunk = if self.no_dual {
            Chunk::once(size)
        } else {
            self.dual_or_once(size)
        }?;
        self.chunks.push(chunk);
        Ok(self.chunks.last_mut().expect("just pushed"))
    }

    fn dual_or_once(&mut self, size: usize) -> io::Result<Chunk> {
        let own = (self.chunks.len() - self.inherited).min(8);
        let len = (FIRST_CHUNK << own)
            .min(LARGEST_CHUNK)
            .max(size.next_multiple_of(FIRST_CHUNK));
        Chunk::dual(len).or_else(|error| {
            log::info!(
                "no dual-mapped executable memory ({error}); using pages that are published once"
            );
            self.no_dual = true;
            Chunk::once(size)
        })
    }
}

/// cranelift-jit's handle of an arena. `allocate` returns where to write; [`Arena::executable`] tells where that
/// runs.
pub(super) struct Provider(pub(super) Arc<Mutex<Arena>>);

impl JITMemoryProvider for Provider {
    fn allocate(&mut self, size: usize, align: u64, kind: JITMemoryKind) -> io::Result<*mut u8> {
        match kind {
            JITMemoryKind::Executable => lock(&self.0).allocate(size, align as usize),
            _ => Err(io::Error::other("stubs have no data")),
        }
    }

    unsafe fn free_memory(&mut self) {
        lock(&self.0).chunks.clear();
    }

    fn finalize(&mut self, _: BranchProtection) -> ModuleResult<()> {
        let mut arena = lock(&self.0);
        let Some(chunk) = arena.chunks.last_mut() else {
            return Ok(());
        };
        chunk
            .publish()
            .map_err(|err| ModuleError::Allocation { err })
    }
}
