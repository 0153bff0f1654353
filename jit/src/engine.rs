//! The engine: the signature cache over code generation, executable memory and libffi.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use hashbrown::HashMap;

use crate::check::check;
use crate::code::{Code, CodeSpace, fork};
use crate::stats::{Counters, Stats};
use crate::stub::{self, Entry};
use crate::{Abi, Assignment, CallStub, Error, Signature, Unsupported, Why};

/// Stubs for every signature asked for, each compiled once, shared by all threads and all clones of the engine.
///
/// ```
/// use std::sync::Arc;
///
/// use farcall_jit::{Engine, Float, Signature};
///
/// let engine = Engine::new();
/// let signature = Signature::new([Float::F64.into()], Some(Float::F64.into()));
/// let sin = engine.call_stub(&signature)?;
/// let cos = engine.call_stub(&signature)?;
/// assert!(Arc::ptr_eq(&sin, &cos));
/// assert_eq!((engine.stats().stubs_compiled, engine.stats().cache_hits), (1, 1));
/// # Ok::<(), farcall_jit::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    inner: Arc<EngineInner>,
    cache: Arc<Cache>,
}

/// What stubs keep alive. The cache is not part of it, for it keeps the stubs alive.
pub(crate) struct EngineInner {
    /// `None` where the process may have no executable memory.
    code: Option<CodeSpace>,
    counters: Counters,
}

#[derive(Default)]
struct Cache {
    slots: RwLock<HashMap<Signature, Arc<Slot>>>,
}

/// Filled once, by the first thread that asks; others with the same signature wait for it, all others do not.
type Slot = OnceLock<Result<Arc<CallStub>, Error>>;

impl Engine {
    /// An engine with no code yet. It works, through libffi, where executable memory is not to be had.
    pub fn new() -> Engine {
        Engine::with_code(Some(CodeSpace::default()))
    }

    /// An engine that compiles nothing and makes every call through libffi: for comparison, and for processes
    /// that are known to have no executable memory.
    pub fn without_code() -> Engine {
        Engine::with_code(None)
    }

    fn with_code(code: Option<CodeSpace>) -> Engine {
        // What is set up once in a process is set up before a fork can come between.
        let _gate = fork::keep_out();
        stub::prepare();
        let inner = EngineInner {
            code,
            counters: Counters::default(),
        };
        Engine {
            inner: Arc::new(inner),
            cache: Arc::default(),
        }
    }

    /// The stub for `signature`, compiled if it is new.
    ///
    /// # Errors
    ///
    /// [`Error`] when neither compiled code nor libffi can make the call. The answer is cached as well.
    pub fn call_stub(&self, signature: &Signature) -> Result<Arc<CallStub>, Error> {
        let _gate = fork::keep_out();
        let slot = self.cache.slot(signature);
        if let Some(stub) = slot.get() {
            Counters::count(&self.inner.counters.hits);
            return stub.clone();
        }
        slot.get_or_init(|| self.inner.make(signature)).clone()
    }

    /// What the engine has done so far.
    pub fn stats(&self) -> Stats {
        let _gate = fork::keep_out();
        let (code_bytes, mapped_bytes) = self.inner.code.as_ref().map_or((0, 0), CodeSpace::size);
        Stats {
            code_bytes,
            mapped_bytes,
            ..self.inner.counters.read()
        }
    }
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new()
    }
}

impl Cache {
    fn slot(&self, signature: &Signature) -> Arc<Slot> {
        if let Some(slot) = self
            .slots
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(signature)
        {
            return Arc::clone(slot);
        }
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry_ref(signature).or_default())
    }
}

impl EngineInner {
    fn make(self: &Arc<Self>, signature: &Signature) -> Result<Arc<CallStub>, Error> {
        check(signature)?;
        let why = match signature.abi.assign(signature) {
            Err(unsupported) => Why::Unsupported(unsupported),
            Ok(assignment) => match self.compile(signature, &assignment, Entry::Frame) {
                Ok(code) => {
                    return Ok(Arc::new(CallStub::compiled(
                        Arc::clone(self),
                        signature.clone(),
                        assignment,
                        code,
                    )));
                }
                Err(why) => why,
            },
        };
        CallStub::libffi(Arc::clone(self), signature.clone(), why).map(Arc::new)
    }

    pub(crate) fn compile(
        &self,
        signature: &Signature,
        assignment: &Assignment,
        entry: Entry,
    ) -> Result<Code, Why> {
        let code = self.code.as_ref().ok_or(Why::NoExecutableMemory)?;
        // Rust would find rdi, rsi and xmm6 to xmm15 changed, which System V's callees do not keep, and the one unwind
        // entry of all stubs cannot say that a stub has saved them.
        let keeps_less = cfg!(windows) && assignment.abi == Abi::SysV64;
        // No unwind tables are written for that system, and it ends programs over that.
        let has_no_tables = Abi::HOST == Abi::WindowsArm64;
        if assignment.abi.machine() != Abi::HOST.machine() || keeps_less || has_no_tables {
            return Err(Unsupported::NoEmitter.into());
        }
        let bytes = stub::compile(signature, assignment, entry).map_err(|error| {
            let why = error.why();
            self.counters.note(error);
            why
        })?;
        let published = code.publish(&bytes).map_err(|error| {
            self.counters.note(error);
            Why::NoExecutableMemory
        })?;
        Counters::count(&self.counters.compiled);
        Ok(published)
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }
}
