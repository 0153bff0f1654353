//! Callbacks as Rust closures: a view of the arguments and the result, and what becomes of panics.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use super::{CallbackVtable, Thunk};
use crate::report::{discard, panic_text, tell};
use crate::thunk::{MAX_CLEARED, unpassed};
use crate::{Assignment, ResultPlace, Signature, Type, VaList};

/// What a callback does: any closure that takes [`Arguments`].
///
/// A panic does not leave it for C: the caller gets zeros, or what [`Handler::panicked`] puts in their place. With
/// [`Unwinding`] it does. Foreign exceptions, of C++ that the handler calls or of `pthread_exit`, end the process unless it is
/// `Unwinding`: Rust cannot keep them.
///
/// A `longjmp` over the callback is one over Rust's frames: what these own is not dropped, so there must be nothing in them
/// that has to be, between the callback and the call that jumps. The callback's own bookkeeping does without. Windows' own
/// `longjmp`, which unwinds on x86-64, passes callbacks as one that only moves the stack does.
pub trait Handler: Send + Sync {
    /// Whether panics and foreign exceptions unwind into the C caller, which must then be ready for them.
    const UNWINDS: bool = false;

    /// One call.
    fn call(&self, arguments: &mut Arguments<'_>);

    /// The callback's type in the host's words, for the message about a call after it was freed. Asked for when it is freed, in
    /// checked builds; where it is `None`, the message has the signature.
    fn type_name(&self) -> Option<String> {
        None
    }

    /// Told of a panic of [`Handler::call`] that ends here. The result is zeros by then, and may be set. Unless it is
    /// overridden, it says on stderr what the panic said, and of what type the callback is.
    fn panicked(&self, arguments: &mut Arguments<'_>, payload: Box<dyn Any + Send>) {
        report(arguments.signature(), &*payload);
    }
}

impl<F: Fn(&mut Arguments<'_>) + Send + Sync> Handler for F {
    #[inline(always)]
    fn call(&self, arguments: &mut Arguments<'_>) {
        self(arguments);
    }
}

/// A handler whose panics unwind into its C caller, as those of an `extern "C-unwind"` function do.
///
/// The code between the callback and whoever catches must have been compiled for it (C++, or C with `-fexceptions`).
#[repr(transparent)]
pub struct Unwinding<H>(pub H);

impl<H: Handler> Handler for Unwinding<H> {
    const UNWINDS: bool = true;

    #[inline(always)]
    fn call(&self, arguments: &mut Arguments<'_>) {
        self.0.call(arguments);
    }

    fn type_name(&self) -> Option<String> {
        self.0.type_name()
    }
}

/// The arguments of one call of a callback, and the place for its result.
#[derive(Debug)]
pub struct Arguments<'c> {
    thunk: &'c Thunk,
    places: &'c [Place],
    frame: &'c mut [u8],
    result: &'c mut [u8],
}

/// Where an argument lies in the frame, within its bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    offset: u32,
    size: u32,
}

/// What a thunk does not clear, before it is shown to a handler.
#[derive(Debug)]
pub(super) struct Clear {
    arguments: Box<[Place]>,
    /// Bytes of a result in memory.
    result: usize,
}

impl Clear {
    pub(super) fn new(signature: &Signature, assignment: &Assignment) -> Option<Clear> {
        let large = unpassed(signature, assignment).filter(|(_, size)| *size > MAX_CLEARED);
        let clear = Clear {
            arguments: large
                .map(|(offset, size)| Place {
                    offset: offset as u32,
                    size: size as u32,
                })
                .collect(),
            result: match assignment.result {
                ResultPlace::Memory { .. } => signature.result.as_ref().map_or(0, Type::size),
                _ => 0,
            } as usize,
        };
        (clear.result > 0 || !clear.arguments.is_empty()).then_some(clear)
    }
}

/// # Safety
///
/// Frame and result are of the signature that `clear` was made for.
#[inline(never)]
unsafe fn clear_rest(clear: &Clear, frame: *mut u8, ret: *mut u8) {
    for place in &clear.arguments {
        // SAFETY: the place is in the frame.
        unsafe {
            let bytes = frame.add(place.offset as usize);
            bytes.write_bytes(0, place.size as usize);
        }
    }
    // SAFETY: the result has as many bytes.
    unsafe { ret.write_bytes(0, clear.result) };
}

/// The places of all arguments of a signature that the engine takes.
pub(super) fn places(signature: &Signature) -> Box<[Place]> {
    let frame = signature.frame();
    let params = signature.params.iter().zip(frame.offsets());
    // The engine refuses frames of more than 2^30 bytes.
    params
        .map(|(ty, &offset)| Place {
            offset: offset as u32,
            size: ty.size() as u32,
        })
        .collect()
}

/// A number or pointer that [`Arguments::get`] takes from C and [`Arguments::give_back`] hands to it: the integer types,
/// `f32`, `f64`, and raw pointers to anything sized.
pub trait Plain: Copy + sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! plain {
    ($($ty:ty),*) => {
        $(impl sealed::Sealed for $ty {}
        impl Plain for $ty {})*
    };
}
plain!(
    i8, u8, i16, u16, i32, u32, i64, u64, i128, u128, isize, usize, f32, f64
);

impl<T> sealed::Sealed for *const T {}
impl<T> Plain for *const T {}
impl<T> sealed::Sealed for *mut T {}
impl<T> Plain for *mut T {}

impl Arguments<'_> {
    /// The signature of the callback.
    pub fn signature(&self) -> &Signature {
        self.thunk.signature()
    }

    /// How many arguments there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of an argument.
    ///
    /// # Panics
    ///
    /// If there is no such argument.
    pub fn bytes(&self, index: usize) -> &[u8] {
        let Place { offset, size } = self.places[index];
        &self.frame[offset as usize..][..size as usize]
    }

    /// An argument as a number or pointer.
    ///
    /// # Panics
    ///
    /// If there is no such argument, or its size is not that of `T`.
    #[inline]
    pub fn get<T: Plain>(&self, index: usize) -> T {
        let Place { offset, size } = self.places[index];
        if size as usize != size_of::<T>() {
            wrong_size("argument", index);
        }
        // SAFETY: the place is in the frame, all of whose bytes are initialised, and has as many as `T`, all of whose bit
        // patterns are values.
        unsafe {
            let bytes = self.frame.as_ptr().add(offset as usize);
            bytes.cast::<T>().read_unaligned()
        }
    }

    /// The packed frame with all arguments, which belongs to the callback; zeros between them.
    pub fn frame(&mut self) -> &mut [u8] {
        let frame = &mut self.frame[..self.thunk.frame().size() as usize];
        // Arguments travel in words, and C leaves anything in the rest of the last.
        let starts = self.places.iter().map(|place| place.offset as usize);
        let ends = starts.skip(1).chain([frame.len()]);
        for (place, next) in self.places.iter().zip(ends) {
            let end = (place.offset + place.size) as usize;
            frame[end..next].fill(0);
        }
        frame
    }

    /// The arguments for `...`, good as long as the call lasts. None if the function is not variadic, or has more arguments
    /// listed than it declares, and where libffi makes the callbacks.
    pub fn va_list(&self) -> Option<VaList> {
        let object = &self.frame[self.thunk.va_list()?..];
        // SAFETY: the thunk has left one there.
        unsafe { VaList::read(self.signature().abi, object.as_ptr()) }.ok()
    }

    /// The bytes of the result, zeros until they are written to.
    pub fn result(&mut self) -> &mut [u8] {
        self.result
    }

    /// Sets the result to a number or pointer.
    ///
    /// # Panics
    ///
    /// If the result's size is not that of `T`.
    #[inline]
    pub fn give_back<T: Plain>(&mut self, value: T) {
        if self.result.len() != size_of::<T>() {
            wrong_size("result", 0);
        }
        // SAFETY: as many bytes as `T` has.
        unsafe { self.result.as_mut_ptr().cast::<T>().write_unaligned(value) }
    }
}

#[cold]
#[inline(never)]
fn wrong_size(what: &str, index: usize) -> ! {
    panic!("the size of {what} {index} is not that of the type");
}

/// The vtable of boxed handlers.
pub(super) fn vtable<H: Handler>() -> &'static CallbackVtable {
    struct Of<H>(H);
    impl<H: Handler> Of<H> {
        const VTABLE: CallbackVtable =
            CallbackVtable::with_entry(enter::<H>, call::<H>, drop_box::<H>, type_name::<H>);
    }
    &Of::<H>::VTABLE
}

/// # Safety
///
/// `data` is a box of `H` that was turned into a pointer, and nobody uses it any more.
unsafe fn drop_box<H>(data: *const ()) {
    // SAFETY: the caller's promise.
    drop(unsafe { Box::from_raw(data.cast_mut().cast::<H>()) });
}

/// # Safety
///
/// `data` is a live box of `H` that was turned into a pointer.
unsafe fn type_name<H: Handler>(data: *const ()) -> Option<String> {
    // SAFETY: the caller's promise.
    unsafe { (*data.cast::<H>()).type_name() }
}

unsafe extern "C-unwind" fn enter<H: Handler>(
    slot: *const (),
    frame: *mut u8,
    ret: *mut u8,
    vtable: *const (),
) {
    // SAFETY: the thunk's promise. What is called gets what the vtable's own function would.
    unsafe {
        super::enter(slot, frame, ret, vtable, |data, frame, ret, thunk| {
            call::<H>(data, frame, ret, thunk);
        });
    }
}

/// # Safety
///
/// As [`CallbackVtable::new`] promises: a live box of `H`, a frame and a place for the result of `thunk`'s signature.
#[inline]
unsafe extern "C-unwind" fn call<H: Handler>(
    data: *const (),
    frame: *mut u8,
    ret: *mut u8,
    thunk: &Thunk,
) {
    let size = thunk.result_size();
    if let Some(clear) = thunk.left_to_clear() {
        // SAFETY: bytes of the frame, and the C caller's memory for the result.
        unsafe { clear_rest(clear, frame, ret) };
    }
    // SAFETY: a live box of handlers.
    let handler = unsafe { &*data.cast::<H>() };
    // Made anew where it is needed, so that it need not be in memory while the handler runs.
    // SAFETY: the frame and the result are this call's alone, and seen through one of these at a time; the thunk has
    // initialised all of the one that arguments take, and results in registers.
    let arguments = || unsafe {
        Arguments {
            thunk,
            places: thunk.places(),
            frame: slice::from_raw_parts_mut(frame, thunk.frame_size()),
            result: slice::from_raw_parts_mut(ret, size),
        }
    };
    if H::UNWINDS {
        return handler.call(&mut arguments());
    }
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| handler.call(&mut arguments()))) {
        after_panic(handler, &mut arguments(), payload);
    }
}

#[cold]
fn after_panic<H: Handler>(
    handler: &H,
    arguments: &mut Arguments<'_>,
    payload: Box<dyn Any + Send>,
) {
    arguments.result.fill(0);
    let told = catch_unwind(AssertUnwindSafe(|| handler.panicked(arguments, payload)));
    if let Err(payload) = told {
        arguments.result.fill(0);
        report(arguments.signature(), &*payload);
        discard(payload);
    }
}

fn report(signature: &Signature, payload: &(dyn Any + Send)) {
    let text = panic_text(payload);
    tell(format_args!(
        "farcall: a callback of type {signature} panicked: {text}"
    ));
}
