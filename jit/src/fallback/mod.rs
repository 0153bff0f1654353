//! Calls through libffi, for what compiled code does not take.
//!
//! libffi refuses unions and bit-fields and reads past the end of small structs, so it is never handed the C
//! type or the caller's memory: arguments are copied to a padded buffer, and each record is described by a
//! synthetic struct that classifies as the assignment says.

#![allow(unsafe_code)]

mod closure;
mod types;

use std::ffi::c_void;
use std::ptr;

use libffi::low::{self, ffi_cif};

use smallvec::{SmallVec, smallvec};

use crate::{Abi, Error, Signature, Type, Why};
pub(crate) use closure::LibffiClosures;
use types::FfiType;

/// A signature prepared for libffi.
pub(crate) struct LibffiCall {
    why: Why,
    cif: ffi_cif,
    /// What `cif` points to.
    _types: Box<[FfiType]>,
    _pointers: Box<[*mut low::ffi_type]>,
    arguments: Box<[Argument]>,
    /// Size of the buffer in words of 16 bytes.
    words: usize,
    result_size: usize,
}

/// Where an argument lies in the packed frame and in the buffer, in bytes.
struct Argument {
    from: usize,
    to: usize,
    size: usize,
}

// SAFETY: the types that `cif` points to are owned, on the heap, and never written after `new`.
unsafe impl Send for LibffiCall {}
// SAFETY: `ffi_call` only reads the cif.
unsafe impl Sync for LibffiCall {}

/// libffi writes a whole register for a small result, and reads one for a small piece.
const PADDING: usize = 16;

unsafe extern "C-unwind" {
    /// Declared here because the `libffi` crate's declaration does not let exceptions through.
    fn ffi_call(
        cif: *mut ffi_cif,
        target: *const c_void,
        result: *mut c_void,
        arguments: *mut *mut c_void,
    );
}

impl LibffiCall {
    pub(crate) fn new(signature: &Signature, why: Why) -> Result<LibffiCall, Error> {
        let uncallable = |what| Error::Uncallable { why, what };
        if signature.abi != Abi::HOST {
            return Err(uncallable(
                "a convention that is not this machine's default",
            ));
        }
        let types = std::iter::once(signature.result.as_ref())
            .chain(signature.params.iter().map(Some))
            .map(|ty| ty.map_or(Ok(FfiType::void()), FfiType::of))
            .collect::<Result<Box<[_]>, _>>()
            .map_err(uncallable)?;
        let mut pointers: Box<[_]> = types.iter().map(FfiType::as_ptr).collect();
        let mut cif = ffi_cif::default();
        let (result, params) = pointers
            .split_first_mut()
            .expect("the result's type is always there");
        // SAFETY: the types and the array of pointers to them live on the heap as long as the cif.
        unsafe {
            match signature.fixed {
                None => low::prep_cif(
                    &mut cif,
                    low::ffi_abi_FFI_DEFAULT_ABI,
                    params.len(),
                    *result,
                    params.as_mut_ptr(),
                ),
                Some(fixed) => low::prep_cif_var(
                    &mut cif,
                    low::ffi_abi_FFI_DEFAULT_ABI,
                    fixed.into(),
                    params.len(),
                    *result,
                    params.as_mut_ptr(),
                ),
            }
        }
        .map_err(|_| uncallable("this signature"))?;

        let mut to = 0;
        let arguments: Box<[Argument]> = signature
            .params
            .iter()
            .zip(signature.frame().offsets())
            .map(|(ty, &from)| {
                let argument = Argument {
                    from: from as usize,
                    to,
                    size: ty.size() as usize,
                };
                to += (argument.size + PADDING).next_multiple_of(16);
                argument
            })
            .collect();
        let result_size = signature.result.as_ref().map_or(0, Type::size) as usize;
        Ok(LibffiCall {
            why,
            cif,
            _types: types,
            _pointers: pointers,
            arguments,
            words: to / 16,
            result_size,
        })
    }

    pub(crate) fn why(&self) -> Why {
        self.why
    }

    /// # Safety
    ///
    /// As [`CallStub::call`](crate::CallStub::call).
    pub(crate) unsafe fn call_frame(&self, target: *const c_void, frame: *const u8, ret: *mut u8) {
        // SAFETY: the caller's frame holds each argument at its offset.
        unsafe { self.call(target, |_, argument| frame.add(argument.from), ret) }
    }

    /// # Safety
    ///
    /// As [`CallStub::call_pointers`](crate::CallStub::call_pointers).
    pub(crate) unsafe fn call_pointers(
        &self,
        target: *const c_void,
        arguments: *const *const c_void,
        ret: *mut u8,
    ) {
        // SAFETY: the caller's array points to each argument.
        unsafe { self.call(target, |index, _| (*arguments.add(index)).cast(), ret) }
    }

    unsafe fn call(
        &self,
        target: *const c_void,
        source: impl Fn(usize, &Argument) -> *const u8,
        ret: *mut u8,
    ) {
        let mut buffer: SmallVec<[u128; 32]> = smallvec![0; self.words];
        let base = buffer.as_mut_ptr().cast::<u8>();
        let mut values: SmallVec<[*mut c_void; 16]> = SmallVec::with_capacity(self.arguments.len());
        for (index, argument) in self.arguments.iter().enumerate() {
            // SAFETY: `source` gives `size` readable bytes (the caller's contract), and the buffer was sized for
            // all of them.
            unsafe {
                let to = base.add(argument.to);
                ptr::copy_nonoverlapping(source(index, argument), to, argument.size);
                values.push(to.cast());
            }
        }
        let mut result: SmallVec<[u128; 4]> =
            smallvec![0; (self.result_size + PADDING).div_ceil(16)];
        // SAFETY: the caller vouches for target and arguments; libffi only reads the cif, which it takes as
        // mutable for historical reasons.
        unsafe {
            let cif = (&raw const self.cif).cast_mut();
            ffi_call(cif, target, result.as_mut_ptr().cast(), values.as_mut_ptr());
            ptr::copy_nonoverlapping(result.as_ptr().cast::<u8>(), ret, self.result_size);
        }
    }
}
