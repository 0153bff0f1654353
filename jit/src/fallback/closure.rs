//! Callbacks by libffi's closures, for what compiled code does not take.

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use libffi::low::{self, CodePtr, ffi_arg, ffi_cif, ffi_closure};
use smallvec::{SmallVec, smallvec};

use super::{LibffiCall, PADDING};
use crate::callback::{Slot, dispatch};
use crate::{Error, Int, Signature, Type, Why};

/// Closures of one signature. They are made once and used again.
pub(crate) struct LibffiClosures {
    call: ManuallyDrop<Box<LibffiCall>>,
    /// The result, if it is an integer that libffi wants as a whole register.
    widened: Option<Int>,
    closures: Mutex<Vec<Closure>>,
    /// Set when a thread may have yet to return through a closure. libffi looks at the cif on that way (on 32-bit x86).
    kept: AtomicBool,
}

struct Closure(*mut ffi_closure);

// SAFETY: closures are freed where the last owner is dropped.
unsafe impl Send for Closure {}

type Entry = unsafe extern "C-unwind" fn(*mut ffi_cif, *mut c_void, *mut *mut c_void, *mut c_void);

unsafe extern "C" {
    /// Declared here because the `libffi` crate's declaration does not let exceptions through.
    fn ffi_prep_closure_loc(
        closure: *mut ffi_closure,
        cif: *const ffi_cif,
        entry: Entry,
        data: *mut c_void,
        code: *mut c_void,
    ) -> low::ffi_status;
}

impl LibffiClosures {
    pub(crate) fn new(signature: &Signature, why: Why) -> Result<LibffiClosures, Error> {
        let widened = match signature.result {
            Some(Type::Int(int)) if int.size() < size_of::<ffi_arg>() as u64 => Some(int),
            _ => None,
        };
        Ok(LibffiClosures {
            call: ManuallyDrop::new(Box::new(LibffiCall::new(signature, why)?)),
            widened,
            closures: Mutex::default(),
            kept: AtomicBool::new(false),
        })
    }

    pub(crate) fn why(&self) -> Why {
        self.call.why()
    }

    /// Leaves the closures for ever, with what libffi reads of them.
    pub(crate) fn keep(&self) {
        self.kept.store(true, Ordering::Relaxed);
    }

    /// A closure that calls with `slot`, which lives as long as `self` and knows it by its thunk.
    pub(crate) fn make(&self, slot: &Slot) -> Result<NonNull<u8>, Error> {
        let refused = || Error::no_callback(std::io::ErrorKind::OutOfMemory.into());
        let (closure, CodePtr(code)) = low::try_closure_alloc().ok_or_else(refused)?;
        // SAFETY: the closure was just made; the cif is in a box of `self`'s, which lives as long as the closure.
        let status = unsafe {
            let data = ptr::from_ref(slot).cast_mut().cast();
            ffi_prep_closure_loc(closure, &self.call.cif, libffi_entry, data, code)
        };
        let code =
            NonNull::new(code.cast::<u8>()).filter(|_| status == libffi::raw::ffi_status_FFI_OK);
        let Some(code) = code else {
            // SAFETY: made above, and known to nobody.
            unsafe { low::closure_free(closure) };
            return Err(refused());
        };
        let mut closures = self.closures.lock().unwrap_or_else(PoisonError::into_inner);
        closures.push(Closure(closure));
        Ok(code)
    }
}

impl Drop for LibffiClosures {
    fn drop(&mut self) {
        if *self.kept.get_mut() {
            return;
        }
        let closures = self.closures.get_mut();
        for Closure(closure) in closures.unwrap_or_else(PoisonError::into_inner).drain(..) {
            // SAFETY: made by `make`; nobody calls it any more, for every callback keeps its thunk, and whoever may have
            // run one when it was freed has it kept.
            unsafe { low::closure_free(closure) };
        }
        // SAFETY: dropped here alone, behind the closures that point to it.
        unsafe { ManuallyDrop::drop(&mut self.call) };
    }
}

/// Gathers the arguments in a packed frame.
unsafe extern "C-unwind" fn libffi_entry(
    _: *mut ffi_cif,
    result: *mut c_void,
    arguments: *mut *mut c_void,
    slot: *mut c_void,
) {
    // The last owner of the thunk may be dropped while the callback runs: what is needed afterwards is copied.
    // SAFETY: `make` gave the closure a slot of a thunk of libffi's, which lives until the callback has been entered.
    let thunk = unsafe { &*(*slot.cast::<Slot>()).thunk() };
    let Some(closures) = thunk.libffi_closures() else {
        unreachable!("compiled thunks do not come here")
    };
    let call = &closures.call;
    let (widen, result_size) = (closures.widened, call.result_size);
    let mut frame: SmallVec<[u64; 32]> = smallvec![0; (thunk.frame().size() / 8) as usize];
    let base = frame.as_mut_ptr().cast::<u8>();
    for (index, argument) in call.arguments.iter().enumerate() {
        // SAFETY: libffi points to each argument, and the frame has room for each.
        unsafe {
            let from = (*arguments.add(index)).cast::<u8>();
            ptr::copy_nonoverlapping(from, base.add(argument.from), argument.size);
        }
    }
    let mut ret: SmallVec<[u128; 4]> = smallvec![0; (result_size + PADDING).div_ceil(16)];
    let ret = ret.as_mut_ptr().cast::<u8>();
    // SAFETY: frame and result are as the thunk's signature says; libffi has room for the result, and where it is
    // narrow, for a register.
    unsafe {
        dispatch(slot.cast_const().cast(), base, ret);
        match widen {
            None => ptr::copy_nonoverlapping(ret, result.cast(), result_size),
            Some(int) => result.cast::<ffi_arg>().write(widened(int, ret)),
        }
    }
}

/// # Safety
///
/// `from` points to an integer of the type, aligned.
unsafe fn widened(int: Int, from: *const u8) -> ffi_arg {
    // SAFETY: the caller's promise.
    unsafe {
        match int {
            Int::I8 => from.cast::<i8>().read() as ffi_arg,
            Int::U8 => from.read() as ffi_arg,
            Int::I16 => from.cast::<i16>().read() as ffi_arg,
            Int::U16 => from.cast::<u16>().read() as ffi_arg,
            Int::I32 => from.cast::<i32>().read() as ffi_arg,
            _ => from.cast::<u32>().read() as ffi_arg,
        }
    }
}
