//! The thunk of one signature, and the callbacks that it serves.

use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::handler::{self, Clear, Handler, Place};
use super::slots::{Code, Slot, SlotRef, Slots};
use super::{Callback, CallbackVtable};
use crate::code::{self, StackFrame, fork};
use crate::engine::EngineInner;
use crate::fallback::LibffiClosures;
use crate::thunk::{Trampolines, frame_size, trampolines, va_list_at};
use crate::{Assignment, Backend, Error, Frame, Signature, Type, Why};

/// Makes callbacks of one signature: by code compiled for it, which all of them share, or by libffi's closures.
///
/// ```
/// use farcall_jit::{Arguments, Engine, Int, Signature};
///
/// let int = || Int::I32.into();
/// let thunk = Engine::new().thunk(&Signature::new([int(), int()], Some(int())))?;
/// let minus = thunk.callback(|call: &mut Arguments<'_>| {
///     call.give_back(call.get::<i32>(0) - call.get::<i32>(1));
/// })?;
/// // SAFETY: the callback's signature is that of the function type.
/// let function: extern "C" fn(i32, i32) -> i32 = unsafe { std::mem::transmute(minus.code()) };
/// assert_eq!(function(44, 2), 42);
/// # Ok::<(), farcall_jit::Error>(())
/// ```
pub struct Thunk {
    /// Where trampolines jump to; they may hold the address of this word.
    address: usize,
    engine: Arc<EngineInner>,
    signature: Signature,
    frame: Frame,
    /// With what lies behind it.
    frame_size: usize,
    /// Offset of a C `va_list` in the frame.
    va_list: Option<usize>,
    places: Box<[Place]>,
    result_size: usize,
    clear: Option<Clear>,
    kind: Kind,
    slots: Mutex<Slots>,
}

enum Kind {
    Compiled {
        assignment: Assignment,
        code: code::Code,
    },
    Libffi(LibffiClosures),
}

// SAFETY: the code is immutable and lives as long as `engine`; slots are behind the lock.
unsafe impl Send for Thunk {}
// SAFETY: as above.
unsafe impl Sync for Thunk {}

impl Thunk {
    pub(crate) fn compiled(
        engine: Arc<EngineInner>,
        signature: Signature,
        assignment: Assignment,
        code: code::Code,
    ) -> Thunk {
        let clear = Clear::new(&signature, &assignment);
        let kind = Kind::Compiled { assignment, code };
        let address = code.address as usize;
        Thunk::new(engine, signature, kind, address, clear)
    }

    pub(crate) fn libffi(
        engine: Arc<EngineInner>,
        signature: Signature,
        why: Why,
    ) -> Result<Thunk, Error> {
        let kind = Kind::Libffi(LibffiClosures::new(&signature, why)?);
        Ok(Thunk::new(engine, signature, kind, 0, None))
    }

    fn new(
        engine: Arc<EngineInner>,
        signature: Signature,
        kind: Kind,
        address: usize,
        clear: Option<Clear>,
    ) -> Thunk {
        Thunk {
            address,
            engine,
            frame: signature.frame(),
            places: handler::places(&signature),
            result_size: signature.result.as_ref().map_or(0, Type::size) as usize,
            clear,
            va_list: match kind {
                Kind::Compiled { .. } => va_list_at(&signature).map(|at| at as usize),
                Kind::Libffi(_) => None,
            },
            frame_size: match kind {
                Kind::Compiled { .. } => frame_size(&signature) as usize,
                Kind::Libffi(_) => signature.frame().size() as usize,
            },
            signature,
            kind,
            slots: Mutex::default(),
        }
    }

    /// A C function that calls `handler`, as long as the callback lives.
    ///
    /// # Errors
    ///
    /// [`Error::NoCallback`] when no more memory is to be had for it.
    pub fn callback<H: Handler + 'static>(self: &Arc<Self>, handler: H) -> Result<Callback, Error> {
        let data = Box::into_raw(Box::new(handler)).cast_const().cast();
        // SAFETY: the vtable is that of boxes of `H`, and handlers are `Send` and `Sync`.
        unsafe { self.raw_callback(handler::vtable::<H>(), data) }
    }

    /// A C function that calls `vtable`'s function with `data`. When the callback is dropped and no call of it runs any
    /// more, or when it cannot be made, `data` is dropped by the vtable.
    ///
    /// # Errors
    ///
    /// As [`Thunk::callback`].
    ///
    /// # Safety
    ///
    /// `vtable`'s functions may be called with `data`, by any thread, and the first of them by many at once.
    pub unsafe fn raw_callback(
        self: &Arc<Self>,
        vtable: &'static CallbackVtable,
        data: *const (),
    ) -> Result<Callback, Error> {
        match self.take_slot() {
            Ok(slot) => {
                // SAFETY: slots live as long as the thunk.
                unsafe { slot.as_ref() }.fill(vtable, data);
                self.engine.counters().add_callback(self.backend());
                Ok(Callback::new(Arc::clone(self), slot))
            }
            Err(error) => {
                // SAFETY: the caller's promise; nobody else knows of `data`.
                unsafe { (vtable.drop)(data) };
                Err(error)
            }
        }
    }

    fn take_slot(self: &Arc<Self>) -> Result<SlotRef, Error> {
        let _gate = fork::keep_out();
        let mut slots = self.slots();
        if let Some(slot) = slots.take() {
            return Ok(slot);
        }
        match &self.kind {
            Kind::Compiled { .. } => {
                let block = self.new_block(slots.next_len());
                let addresses = block.iter().map(|slot| ptr::from_ref(slot) as usize);
                let text = trampolines(&self.address, addresses);
                let start = self
                    .engine
                    .publish(
                        &text,
                        StackFrame::Chained,
                        format_args!("callbacks {}", self.signature),
                    )
                    .map_err(Error::no_callback)?
                    .address;
                let Trampolines { first, stride } = Trampolines::HOST;
                let first = NonNull::new(start.cast_mut().wrapping_add(first));
                slots.add(block, first.expect("code is not at null"), stride);
            }
            Kind::Libffi(closures) => {
                let block = self.new_block(1);
                let code = closures.make(&block[0])?;
                slots.add(block, code, 0);
            }
        }
        Ok(slots.take().expect("some were added"))
    }

    fn new_block(self: &Arc<Self>, len: usize) -> Box<[Slot]> {
        let thunk = Arc::as_ptr(self);
        std::iter::repeat_with(|| Slot::free(thunk))
            .take(len)
            .collect()
    }

    /// The C function pointer of one of this thunk's slots.
    pub(super) fn code_of(&self, slot: *const Slot) -> Code {
        let _gate = fork::keep_out();
        self.slots().code(slot)
    }

    /// Gives the slot of a callback back.
    pub(super) fn recycle(&self, slot: SlotRef) {
        self.engine.counters().drop_callback();
        let _gate = fork::keep_out();
        self.slots().put(slot);
    }

    /// Remembers of which type a freed callback was, in the host's words, until its slot is used again.
    pub(super) fn note_name(&self, slot: *const Slot, name: Option<String>) {
        let _gate = fork::keep_out();
        self.slots().names.insert(slot as usize, name);
    }

    /// The type of the callback that was in a slot, for the message that ends the process: no lock is waited for.
    pub(super) fn name_of_freed(&self, slot: *const Slot) -> String {
        let slots = self.slots.try_lock();
        let name = slots
            .ok()
            .and_then(|slots| slots.names.get(&(slot as usize)).cloned());
        name.flatten().unwrap_or_else(|| self.signature.to_string())
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The signature.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// How the arguments lie in the frame that is given to the callback.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Where in the frame that is given to the callback the C `va_list` of a variadic function is, in bytes from the start; see
    /// [`VaList::read`](crate::VaList::read). None where libffi makes the callbacks, which gives none.
    pub fn va_list(&self) -> Option<usize> {
        self.va_list
    }

    /// Whether calls run compiled code, or libffi and why.
    pub fn backend(&self) -> Backend {
        match &self.kind {
            Kind::Compiled { .. } => Backend::Compiled,
            Kind::Libffi(closures) => Backend::Libffi(closures.why()),
        }
    }

    /// Where arguments and result go; `None` where libffi decides.
    pub fn assignment(&self) -> Option<&Assignment> {
        match &self.kind {
            Kind::Compiled { assignment, .. } => Some(assignment),
            Kind::Libffi(_) => None,
        }
    }

    /// The machine code that the callbacks share; empty where libffi makes them.
    pub fn code(&self) -> &[u8] {
        match &self.kind {
            // SAFETY: published code is readable, never changes, and lives as long as `self.engine`.
            Kind::Compiled { code, .. } => unsafe {
                std::slice::from_raw_parts(code.address, code.len)
            },
            Kind::Libffi(_) => &[],
        }
    }

    #[inline]
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    #[inline]
    pub(super) fn frame_size(&self) -> usize {
        self.frame_size
    }

    #[inline]
    pub(super) fn result_size(&self) -> usize {
        self.result_size
    }

    /// What is to be cleared before a handler sees it.
    #[inline]
    pub(super) fn left_to_clear(&self) -> Option<&Clear> {
        self.clear.as_ref()
    }

    /// Leaves all code mapped for good that callbacks of this signature return through.
    pub(super) fn keep_code(&self) {
        self.engine.keep_code();
        if let Kind::Libffi(closures) = &self.kind {
            closures.keep();
        }
    }

    pub(crate) fn libffi_closures(&self) -> Option<&LibffiClosures> {
        match &self.kind {
            Kind::Compiled { .. } => None,
            Kind::Libffi(closures) => Some(closures),
        }
    }
}

impl fmt::Debug for Thunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thunk")
            .field("signature", &self.signature)
            .field("backend", &self.backend())
            .finish_non_exhaustive()
    }
}
