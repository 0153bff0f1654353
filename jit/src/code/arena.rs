//! The chunks of an engine.

use std::io;
use std::ptr;

use super::chunk::Chunk;
use super::{StackFrame, fork, map};

/// The first chunk of an arena, and the size at which they stop doubling. Untouched pages cost nothing.
const FIRST_CHUNK: usize = 64 << 10;
const LARGEST_CHUNK: usize = 1 << 20;

/// x86-64 decodes 16 bytes at a time; AArch64 needs four.
const CODE_ALIGN: usize = 16;

/// Chunks, of which the last one of each kind of frame is appended to.
#[derive(Default)]
pub(super) struct Arena {
    chunks: Vec<Chunk>,
    /// Chunks that an ancestor of this process made, which it may still be writing to.
    inherited: usize,
    generation: u32,
    /// Set when the system forbids dual mappings: chunks are then published once.
    no_dual: bool,
}

impl Arena {
    /// Copies code to where it can run, and returns that address.
    pub(super) fn publish(&mut self, bytes: &[u8], frame: StackFrame) -> io::Result<*const u8> {
        self.notice_fork();
        let own = &self.chunks[self.inherited..];
        let last = own.iter().rposition(|chunk| chunk.frame() == frame);
        let last = last.map(|at| self.inherited + at);
        let has_room = |at: &usize| self.chunks[*at].has_room(bytes.len(), CODE_ALIGN);
        let at = match last.filter(has_room) {
            Some(at) => at,
            None => {
                let chunk = self.new_chunk(bytes.len(), frame)?;
                self.chunks.push(chunk);
                self.chunks.len() - 1
            }
        };
        let chunk = &mut self.chunks[at];
        let (writable, executable) = chunk.allocate(bytes.len(), CODE_ALIGN);
        // SAFETY: `allocate` gave `bytes.len()` writable bytes that nobody else knows of.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), writable, bytes.len()) };
        chunk.publish()?;
        Ok(executable)
    }

    /// Bytes used and bytes mapped.
    pub(super) fn size(&self) -> (usize, usize) {
        self.chunks.iter().fold((0, 0), |(used, len), chunk| {
            (used + chunk.used(), len + chunk.len())
        })
    }

    pub(super) fn clear(&mut self) {
        self.notice_fork();
        for inherited in &mut self.chunks[..self.inherited] {
            inherited.forget_writable();
        }
        self.chunks.clear();
        self.inherited = 0;
    }

    fn notice_fork(&mut self) {
        if self.generation != fork::generation() {
            self.generation = fork::generation();
            self.inherited = self.chunks.len();
        }
    }

    fn new_chunk(&mut self, size: usize, frame: StackFrame) -> io::Result<Chunk> {
        #[cfg(target_os = "linux")]
        {
            self.no_dual |= super::perf::is_wanted();
        }
        if self.no_dual {
            return Chunk::once(size, frame);
        }
        let own = (self.chunks.len() - self.inherited).min(8);
        let len = (FIRST_CHUNK << own)
            .min(LARGEST_CHUNK)
            .max((size + Chunk::HEADER).next_multiple_of(FIRST_CHUNK));
        Chunk::dual(len, frame).or_else(|error| {
            self.no_dual = map::is_lasting(&error);
            Chunk::once(size, frame)
        })
    }
}
