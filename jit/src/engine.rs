//! The engine: the signature cache over code generation, executable memory and libffi.

use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::{fmt, io};

use hashbrown::HashMap;

use crate::check::check;
use crate::code::{Code, CodeSpace, StackFrame, fork};
use crate::fused::{self, FusedStub, Recipe};
use crate::stats::{Counters, Stats};
use crate::stub::{self, CodegenError, Entry};
use crate::{Abi, Assignment, CallStub, Error, Signature, Unsupported, Why};
use crate::{Callback, Handler, Thunk, callback, thunk};

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
    /// Set when a thread has yet to return through code of which it owns nothing.
    keeps_code: AtomicBool,
    counters: Counters,
}

impl Drop for EngineInner {
    fn drop(&mut self) {
        if *self.keeps_code.get_mut() {
            std::mem::forget(self.code.take());
        }
    }
}

#[derive(Default)]
struct Cache {
    stubs: Slots<CallStub>,
    thunks: Slots<Thunk>,
    fused: Slots<FusedStub, (Signature, Recipe)>,
}

type Slots<T, K = Signature> = RwLock<HashMap<K, Arc<Slot<T>>>>;

/// Filled once, by the first thread that asks; others with the same signature wait for it, all others do not.
type Slot<T> = OnceLock<Result<Arc<T>, Error>>;

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
            keeps_code: AtomicBool::new(false),
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
        let slot = slot(&self.cache.stubs, signature);
        if let Some(stub) = slot.get() {
            Counters::count(&self.inner.counters.hits);
            return stub.clone();
        }
        slot.get_or_init(|| self.inner.make(signature)).clone()
    }

    /// What makes callbacks of `signature`, compiled if it is new.
    ///
    /// The signature of a variadic function that lists more than the declared parameters is that of one that is only called
    /// with these very arguments. Where it lists no more, [`Arguments::va_list`](crate::Arguments::va_list) has the others.
    ///
    /// # Errors
    ///
    /// [`Error`] when neither compiled code nor libffi can do it. The answer is cached as well.
    pub fn thunk(&self, signature: &Signature) -> Result<Arc<Thunk>, Error> {
        let _gate = fork::keep_out();
        let slot = slot(&self.cache.thunks, signature);
        slot.get_or_init(|| self.inner.make_thunk(signature))
            .clone()
    }

    /// The stub by which a language runtime calls C functions of `signature`, reading and making its objects as `recipe`
    /// says; compiled if it is new.
    ///
    /// # Errors
    ///
    /// [`Error::NotFused`] where the recipe asks for what stubs do not do, [`Error::NoCode`] where there is no code for the
    /// signature, and [`Error::NotC`] and [`Error::TooLarge`] as for [`Engine::call_stub`]. The answer is cached as well.
    pub fn fused_stub(
        &self,
        signature: &Signature,
        recipe: &Recipe,
    ) -> Result<Arc<FusedStub>, Error> {
        let _gate = fork::keep_out();
        let key = (signature.clone(), recipe.clone());
        let slot = slot(&self.cache.fused, &key);
        slot.get_or_init(|| self.inner.make_fused(signature, recipe))
            .clone()
    }

    /// A C function of `signature` that calls `handler`, as long as the callback lives.
    ///
    /// ```
    /// use farcall_jit::{Arguments, Engine, Int, Signature};
    ///
    /// let long = || Int::I64.into();
    /// let signature = Signature::new([long(), long()], Some(long()));
    /// let minus = Engine::new().callback(&signature, |call: &mut Arguments<'_>| {
    ///     call.give_back(call.get::<i64>(0) - call.get::<i64>(1));
    /// })?;
    /// // SAFETY: the signature is that of the function type.
    /// let function: extern "C" fn(i64, i64) -> i64 = unsafe { std::mem::transmute(minus.code()) };
    /// assert_eq!(function(44, 2), 42);
    /// # Ok::<(), farcall_jit::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Engine::thunk`] and [`Thunk::callback`].
    pub fn callback<H: Handler + 'static>(
        &self,
        signature: &Signature,
        handler: H,
    ) -> Result<Callback, Error> {
        self.thunk(signature)?.callback(handler)
    }

    /// Drops at once what callbacks called that were dropped while other threads ran callbacks, as far as none runs them
    /// any more; otherwise some later drop of a callback does so.
    pub fn reclaim_callbacks(&self) {
        callback::reclaim();
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

fn slot<T, K: Clone + Eq + Hash>(slots: &Slots<T, K>, key: &K) -> Arc<Slot<T>> {
    if let Some(slot) = slots
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(key)
    {
        return Arc::clone(slot);
    }
    let mut slots = slots.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(slots.entry(key.clone()).or_default())
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

    fn make_thunk(self: &Arc<Self>, signature: &Signature) -> Result<Arc<Thunk>, Error> {
        check(signature)?;
        let why = match signature.abi.assign(signature) {
            Err(unsupported) => Why::Unsupported(unsupported),
            Ok(assignment) => {
                let compile = || Ok((thunk::compile(signature, &assignment)?, StackFrame::Chained));
                match self.compile_with(&assignment, format_args!("thunk {signature}"), compile) {
                    Ok(code) => {
                        Counters::count(&self.counters.thunks);
                        let (engine, signature) = (Arc::clone(self), signature.clone());
                        let thunk = Thunk::compiled(engine, signature, assignment, code);
                        return Ok(Arc::new(thunk));
                    }
                    Err(why) => why,
                }
            }
        };
        Thunk::libffi(Arc::clone(self), signature.clone(), why).map(Arc::new)
    }

    fn make_fused(
        self: &Arc<Self>,
        signature: &Signature,
        recipe: &Recipe,
    ) -> Result<Arc<FusedStub>, Error> {
        check(signature)?;
        if let Some(problem) = fused::problem(signature, recipe) {
            return Err(Error::NotFused { problem });
        }
        let assignment = signature.abi.assign(signature);
        let assignment = assignment.map_err(|why| Error::NoCode { why: why.into() })?;
        let compile = || fused::compile(signature, &assignment, recipe);
        let code = self.compile_with(&assignment, format_args!("fused {signature}"), compile);
        let code = code.map_err(|why| Error::NoCode { why })?;
        Counters::count(&self.counters.fused);
        Ok(Arc::new(FusedStub::new(Arc::clone(self), code)))
    }

    pub(crate) fn compile(
        &self,
        signature: &Signature,
        assignment: &Assignment,
        entry: Entry,
    ) -> Result<Code, Why> {
        let compile = || {
            let bytes = stub::compile(signature, assignment, entry)?;
            Ok((bytes, StackFrame::Chained))
        };
        let published = self.compile_with(assignment, format_args!("stub {signature}"), compile)?;
        Counters::count(&self.counters.compiled);
        Ok(published)
    }

    fn compile_with(
        &self,
        assignment: &Assignment,
        name: fmt::Arguments<'_>,
        compile: impl FnOnce() -> Result<(Vec<u8>, StackFrame), CodegenError>,
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
        let (bytes, frame) = compile().map_err(|error| {
            let why = error.why();
            self.counters.note(error);
            why
        })?;
        code.publish(&bytes, frame, name).map_err(|error| {
            self.counters.note(error);
            Why::NoExecutableMemory
        })
    }

    /// Publishes code that was not compiled. For engines that have code.
    pub(crate) fn publish(
        &self,
        bytes: &[u8],
        frame: StackFrame,
        name: fmt::Arguments<'_>,
    ) -> io::Result<Code> {
        match &self.code {
            Some(code) => code.publish(bytes, frame, name),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Leaves the code mapped when the engine goes.
    pub(crate) fn keep_code(&self) {
        self.keeps_code.store(true, Ordering::Relaxed);
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }
}
