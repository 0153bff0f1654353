//! Executable memory: published code is never overwritten, never moved, and never writable where it runs.
//!
//! ```text
//! memfd     | stub | stub | stub | . . . . . . |    64 KiB to 1 MiB a chunk, appended to, never reused
//!              ^ RX view: what runs       ^ RW view: where the next stub is written
//! ```
//!
//! One file is mapped twice, so no page is ever writable and executable, and no protection ever changes (which
//! `PR_SET_MDWE` and seccomp filters refuse). Where there is no memfd, each publication takes fresh pages,
//! which turn from writable to executable once. After `fork` the child starts chunks of its own: the file is
//! shared with the parent, so the child runs what is there and writes nothing to it.

#![allow(unsafe_code)]

mod chunk;
pub(crate) mod fork;
mod provider;
mod unwind;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Module, ModuleError};

use provider::{Arena, Provider};

/// All code of one engine. Dropped with the last stub, and its memory with it.
pub(crate) struct CodeSpace {
    module: Mutex<JITModule>,
    arena: Arc<Mutex<Arena>>,
}

/// Code that has been published: an address and a length in bytes, valid as long as the [`CodeSpace`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    pub(crate) address: *const u8,
    pub(crate) len: usize,
}

/// x86-64 decodes 16 bytes at a time; AArch64 needs four.
const CODE_ALIGN: u64 = 16;

impl CodeSpace {
    pub(crate) fn new() -> Result<CodeSpace, String> {
        let isa = crate::stub::host_isa()
            .as_ref()
            .map_err(String::clone)?
            .clone();
        let arena = Arc::new(Mutex::new(Arena::default()));
        let mut builder = JITBuilder::with_isa(isa, cranelift_module::default_libcall_names());
        builder.memory_provider(Box::new(Provider(Arc::clone(&arena))));
        Ok(CodeSpace {
            module: Mutex::new(JITModule::new(builder)),
            arena,
        })
    }

    /// Copies `bytes` to executable memory. They must not depend on the address they run at.
    pub(crate) fn publish(&self, bytes: &[u8]) -> io::Result<Code> {
        let mut module = lock(&self.module);
        let written = define(&mut module, bytes).map_err(|error| io::Error::other(*error))?;
        let address = lock(&self.arena).executable(written);
        Ok(Code {
            address,
            len: bytes.len(),
        })
    }

    /// Bytes of executable memory that code takes, alignment included, and the bytes that are mapped for it.
    pub(crate) fn size(&self) -> (usize, usize) {
        lock(&self.arena).size()
    }
}

/// Gives code to the module and returns the address it was written at.
fn define(module: &mut JITModule, bytes: &[u8]) -> Result<*const u8, Box<ModuleError>> {
    // The module keeps a copy of the signature and never looks at it.
    let signature = module.make_signature();
    let id = module.declare_anonymous_function(&signature)?;
    module.define_function_bytes(id, CODE_ALIGN, bytes, &[])?;
    module.finalize_definitions()?;
    Ok(module.get_finalized_function(id))
}

/// A panic of another thread leaves these structures as they were between two complete steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
