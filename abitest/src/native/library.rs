//! The compiled callees.

use std::ffi::{c_uint, c_void};
use std::path::Path;

use libloading::Library;

use crate::Error;
use crate::layout::Answers;

/// The address of a callee.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function(pub(super) *const c_void);

/// An opened library of callees, and its buffers.
pub(crate) struct Judge {
    table: *const Entry,
    callers: Option<*const Caller>,
    target: *mut *const c_void,
    scalars: *const c_uint,
    record: *mut u8,
    result: *mut u8,
    length: *mut c_uint,
    keep: Keep,
    _library: Library,
}

type Caller = unsafe extern "C" fn(*const *const c_void, *mut u8);

/// `judge_keep`.
type Keep = unsafe extern "C" fn(unsafe extern "C" fn(*mut c_void), *mut c_void) -> c_uint;

#[repr(C)]
struct Entry {
    function: *const c_void,
    numbers: *const u64,
    masks: *const Mask,
    numbers_count: c_uint,
    masks_count: c_uint,
}

#[repr(C)]
struct Mask {
    bytes: *const u8,
    size: c_uint,
}

/// Size of `judge_record` and of `judge_result`.
const ROOM: usize = 1 << 18;

/// What `judge_length` holds until a callee has finished.
const UNFINISHED: c_uint = c_uint::MAX;

impl Judge {
    /// Opens a library that was compiled from [`crate::emit`]'s source.
    ///
    /// # Safety
    ///
    /// As the module says; `index` arguments below must be below the number of signatures in the library.
    pub(crate) unsafe fn open(path: &Path) -> Result<Judge, Error> {
        // SAFETY: the caller vouches for the library; it has no initialisers.
        let library = unsafe { Library::new(path)? };
        // SAFETY: the symbols have the types that `prelude.h` and `judge.h` give them.
        unsafe {
            Ok(Judge {
                table: address(&library, "judge_table")?,
                callers: address(&library, "judge_callers").ok(),
                target: address::<*const c_void>(&library, "judge_target")?.cast_mut(),
                scalars: address(&library, "judge_scalars")?,
                record: address::<u8>(&library, "judge_record")?.cast_mut(),
                result: address::<u8>(&library, "judge_result")?.cast_mut(),
                length: address::<c_uint>(&library, "judge_length")?.cast_mut(),
                keep: *library.get::<Keep>("judge_keep")?,
                _library: library,
            })
        }
    }

    /// Callee number `index` and what the compiler says of its records.
    pub(crate) fn entry(&self, index: usize) -> (Function, Answers) {
        // SAFETY: `index` is in the table, and the counts are those of the arrays beside them.
        unsafe {
            let entry = &*self.table.add(index);
            let numbers = slice(entry.numbers, entry.numbers_count).to_vec();
            let masks = slice(entry.masks, entry.masks_count);
            let masks = masks
                .iter()
                .map(|mask| slice(mask.bytes, mask.size).to_vec())
                .collect();
            (Function(entry.function), Answers { numbers, masks })
        }
    }

    /// The first `count` of the compiler's sizes of scalars.
    pub(crate) fn scalars(&self, count: usize) -> Vec<u32> {
        // SAFETY: `count` is that of the features the library was compiled with.
        unsafe { slice(self.scalars, count as c_uint).to_vec() }
    }

    /// Whether C callers were linked in.
    pub(crate) fn has_callers(&self) -> bool {
        self.callers.is_some()
    }

    /// Forgets what was recorded, and has the next callee return `result`.
    pub(crate) fn arm(&mut self, result: &[u8]) {
        assert!(result.len() <= ROOM, "results fit the buffer");
        // SAFETY: the buffers are writable, `ROOM` bytes long, and no callee runs now.
        unsafe {
            self.length.write(UNFINISHED);
            self.result
                .copy_from_nonoverlapping(result.as_ptr(), result.len());
        }
    }

    /// What the last callee recorded, unless it did not get to its end.
    pub(crate) fn recorded(&self) -> Option<Vec<u8>> {
        // SAFETY: callees leave the number of recorded bytes, and no callee runs now.
        unsafe {
            let length = self.length.read();
            (length != UNFINISHED && length as usize <= ROOM)
                .then(|| slice(self.record, length).to_vec())
        }
    }

    /// Calls `call` with all callee-saved registers in use, and says which were lost: one bit each.
    pub(crate) fn keep(&self, mut call: &mut dyn FnMut()) -> u32 {
        // SAFETY: `judge_keep` hands its second argument to its first, once, before it returns.
        unsafe { (self.keep)(enter, (&raw mut call).cast()) }
    }

    /// Calls `target` through the C caller of callee number `index`.
    ///
    /// # Safety
    ///
    /// `target` is a function of the callee's type, `args` point to values of its parameter types, `result` to room for
    /// its result, and the library has callers.
    pub(crate) unsafe fn call_from_c(
        &self,
        index: usize,
        target: Function,
        args: &[*const c_void],
        result: *mut u8,
    ) {
        let Some(callers) = self.callers else { return };
        // SAFETY: the caller was compiled from the callee's signature and reads the variable; the rest is the
        // caller's promise.
        unsafe {
            self.target.write_volatile(target.0);
            (*callers.add(index))(args.as_ptr(), result);
        }
    }
}

/// # Safety
///
/// `call` is a live `&mut &mut dyn FnMut()`.
unsafe extern "C" fn enter(call: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { (*call.cast::<&mut dyn FnMut()>())() }
}

/// # Safety
///
/// The symbol is an object of type `T`.
unsafe fn address<T>(library: &Library, name: &str) -> Result<*const T, Error> {
    // SAFETY: libloading takes the symbol's address for the value of the pointer type that is asked for.
    Ok(*unsafe { library.get::<*const T>(name)? })
}

/// # Safety
///
/// `count` initialised elements start at `start`, and live while they are looked at.
unsafe fn slice<'l, T>(start: *const T, count: c_uint) -> &'l [T] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(start, count as usize) }
}
