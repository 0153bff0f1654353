//! A call stub: the one place in the workspace from which compiled code is entered.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock};

use crate::code::{Code, fork};
use crate::engine::EngineInner;
use crate::fallback::LibffiCall;
use crate::stub::{Entry, StubFn};
use crate::{Assignment, Error, Frame, Place, Signature, Why};
use smallvec::{SmallVec, smallvec};

/// Calls C functions of one signature. Shared by all of them; `Send`, `Sync`, and valid on its own: it keeps
/// the engine's executable memory alive.
///
/// ```
/// use farcall_jit::{Engine, Int, Signature};
///
/// extern "C" fn multiply(a: i32, b: i32) -> i32 {
///     a * b
/// }
///
/// let int = || Int::I32.into();
/// let stub = Engine::new().call_stub(&Signature::new([int(), int()], Some(int())))?;
/// let frame: [u64; 2] = [6, 7];
/// let mut result = 0i32;
/// // SAFETY: `multiply` has the stub's signature, the frame both arguments, and the result four bytes.
/// unsafe { stub.call(multiply as *const _, frame.as_ptr().cast(), (&raw mut result).cast()) };
/// assert_eq!(result, 42);
/// # Ok::<(), farcall_jit::Error>(())
/// ```
pub struct CallStub {
    frame_entry: StubFn,
    /// Replaced at the first call, see [`first_pointers_entry`].
    pointers_entry: AtomicPtr<c_void>,
    /// The compiled entry, made once, by the first thread that comes.
    pointers_code: OnceLock<Option<Code>>,
    engine: Arc<EngineInner>,
    signature: Signature,
    frame: Frame,
    kind: Kind,
}

enum Kind {
    Compiled { assignment: Assignment, code: Code },
    Libffi(Box<LibffiCall>),
}

// SAFETY: the code that `Kind::Compiled` points to is immutable and lives as long as `engine`.
unsafe impl Send for CallStub {}
// SAFETY: as above; the only thing that changes is an atomic.
unsafe impl Sync for CallStub {}

/// How a stub makes its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// By code compiled for the signature.
    Compiled,
    /// Through libffi, and why.
    Libffi(Why),
}

impl CallStub {
    pub(crate) fn compiled(
        engine: Arc<EngineInner>,
        signature: Signature,
        assignment: Assignment,
        code: Code,
    ) -> CallStub {
        // SAFETY: the engine published a stub of this very type at that address.
        let frame_entry = unsafe { std::mem::transmute::<*const u8, StubFn>(code.address) };
        CallStub::new(
            engine,
            signature,
            frame_entry,
            first_pointers_entry,
            Kind::Compiled { assignment, code },
        )
    }

    pub(crate) fn libffi(
        engine: Arc<EngineInner>,
        signature: Signature,
        why: Why,
    ) -> Result<CallStub, Error> {
        let kind = Kind::Libffi(Box::new(LibffiCall::new(&signature, why)?));
        Ok(CallStub::new(
            engine,
            signature,
            libffi_frame_entry,
            libffi_pointers_entry,
            kind,
        ))
    }

    fn new(
        engine: Arc<EngineInner>,
        signature: Signature,
        frame: StubFn,
        pointers: StubFn,
        kind: Kind,
    ) -> CallStub {
        CallStub {
            frame_entry: frame,
            pointers_entry: AtomicPtr::new(pointers as *mut c_void),
            pointers_code: OnceLock::new(),
            engine,
            frame: signature.frame(),
            signature,
            kind,
        }
    }

    /// Calls the C function at `target` with the arguments in a packed frame (see [`Frame`]).
    ///
    /// # Safety
    ///
    /// `target` is a C function of this stub's signature, whose own requirements are met; `frame` points to the
    /// arguments as [`CallStub::frame`] lays them out, readable and aligned to eight bytes; `ret` to memory for
    /// the bytes of the result, aligned as its type (anything at all where it has none). Not a byte outside of
    /// these is touched. The thread's stack has room for [`CallStub::stack_bytes`].
    #[inline]
    pub unsafe fn call(&self, target: *const c_void, frame: *const u8, ret: *mut u8) {
        // SAFETY: the entry was made for this signature; the rest is the caller's promise.
        unsafe { (self.frame_entry)(target, frame.cast(), ret, self) }
    }

    /// Calls the C function at `target` with an array of pointers, one to each argument, as libffi's `ffi_call`
    /// takes them. The code for this way in is compiled at its first use.
    ///
    /// # Safety
    ///
    /// As [`CallStub::call`], with each pointer to the readable bytes of its argument, of any alignment.
    #[inline]
    pub unsafe fn call_pointers(
        &self,
        target: *const c_void,
        arguments: *const *const c_void,
        ret: *mut u8,
    ) {
        let entry = self.pointers_entry.load(Ordering::Acquire);
        // SAFETY: only functions of this type are ever stored there.
        let entry = unsafe { std::mem::transmute::<*mut c_void, StubFn>(entry) };
        // SAFETY: the entry was made for this signature; the rest is the caller's promise.
        unsafe { entry(target, arguments.cast(), ret, self) }
    }

    /// The layout of the packed frame.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Bytes of stack that a call takes for its arguments, copies included, beside what the function itself takes.
    pub fn stack_bytes(&self) -> u64 {
        match &self.kind {
            Kind::Compiled { assignment, .. } => {
                let mut bytes = assignment.stack_size;
                let mut most_aligned = assignment.stack_align;
                for place in &assignment.args {
                    if let &Place::Copy { size, align, .. } = place {
                        bytes += size + align;
                        most_aligned = most_aligned.max(align);
                    }
                }
                // The whole is a multiple of the alignment, and is aligned.
                bytes + 2 * most_aligned
            }
            Kind::Libffi(_) => 2 * self.frame.size(),
        }
    }

    /// The signature that this stub calls.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Whether calls run compiled code, or libffi and why.
    pub fn backend(&self) -> Backend {
        match &self.kind {
            Kind::Compiled { .. } => Backend::Compiled,
            Kind::Libffi(call) => Backend::Libffi(call.why()),
        }
    }

    /// Where arguments and result go; `None` for a stub of libffi's.
    pub fn assignment(&self) -> Option<&Assignment> {
        match &self.kind {
            Kind::Compiled { assignment, .. } => Some(assignment),
            Kind::Libffi(_) => None,
        }
    }

    /// The machine code entered by [`CallStub::call`], and the address it runs at; empty for a stub of libffi's.
    pub fn code(&self) -> &[u8] {
        match &self.kind {
            // SAFETY: published code is readable, never changes, and lives as long as `self.engine`.
            Kind::Compiled { code, .. } => unsafe {
                std::slice::from_raw_parts(code.address, code.len)
            },
            Kind::Libffi(_) => &[],
        }
    }
}

impl fmt::Debug for CallStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallStub")
            .field("signature", &self.signature)
            .field("backend", &self.backend())
            .finish()
    }
}

/// The first call with a pointer array: compiles the entry, stores it, and enters it. Where it cannot be compiled,
/// the first way in serves from then on.
unsafe extern "C-unwind" fn first_pointers_entry(
    target: *const c_void,
    arguments: *const c_void,
    ret: *mut u8,
    stub: *const CallStub,
) {
    // SAFETY: `call_pointers` passes itself.
    let this = unsafe { &*stub };
    let Kind::Compiled { assignment, .. } = &this.kind else {
        unreachable!("libffi stubs have their own entry")
    };
    let compiled = {
        let _gate = fork::keep_out();
        let compile = || {
            this.engine
                .compile(&this.signature, assignment, Entry::Pointers)
                .ok()
        };
        *this.pointers_code.get_or_init(compile)
    };
    let entry = match compiled {
        // SAFETY: the engine published a stub of this very type at that address.
        Some(code) => unsafe { std::mem::transmute::<*const u8, StubFn>(code.address) },
        None => gather_entry,
    };
    this.pointers_entry
        .store(entry as *mut c_void, Ordering::Release);
    // SAFETY: the caller's promise, passed on.
    unsafe { entry(target, arguments, ret, stub) }
}

/// Copies the arguments to a packed frame.
unsafe extern "C-unwind" fn gather_entry(
    target: *const c_void,
    arguments: *const c_void,
    ret: *mut u8,
    stub: *const CallStub,
) {
    // SAFETY: `call_pointers` passes itself.
    let stub = unsafe { &*stub };
    let arguments = arguments.cast::<*const u8>();
    let mut frame: SmallVec<[u64; 32]> = smallvec![0; (stub.frame.size() / 8) as usize];
    let base = frame.as_mut_ptr().cast::<u8>();
    let places = stub.signature.params.iter().zip(stub.frame.offsets());
    for (index, (ty, &offset)) in places.enumerate() {
        // SAFETY: the caller's array points to each argument, and the frame has room for each at its offset.
        unsafe {
            let (from, to) = (*arguments.add(index), base.add(offset as usize));
            std::ptr::copy_nonoverlapping(from, to, ty.size() as usize);
        }
    }
    // SAFETY: the frame was filled above; target and result are the caller's promise.
    unsafe { stub.call(target, base, ret) }
}

unsafe extern "C-unwind" fn libffi_frame_entry(
    target: *const c_void,
    frame: *const c_void,
    ret: *mut u8,
    stub: *const CallStub,
) {
    // SAFETY: `CallStub::call` passes itself and what its caller promised.
    unsafe { count_libffi(stub).call_frame(target, frame.cast(), ret) }
}

unsafe extern "C-unwind" fn libffi_pointers_entry(
    target: *const c_void,
    arguments: *const c_void,
    ret: *mut u8,
    stub: *const CallStub,
) {
    // SAFETY: `CallStub::call_pointers` passes itself and what its caller promised.
    unsafe { count_libffi(stub).call_pointers(target, arguments.cast(), ret) }
}

/// # Safety
///
/// `stub` is a live stub of libffi's.
unsafe fn count_libffi<'a>(stub: *const CallStub) -> &'a LibffiCall {
    // SAFETY: the caller's promise.
    let stub = unsafe { &*stub };
    let Kind::Libffi(call) = &stub.kind else {
        unreachable!("compiled stubs do not come here")
    };
    stub.engine.counters().count_libffi(call.why());
    call
}
