//! Callbacks: C function pointers that call the host.
//!
//! [`CallbackType`] is what every host builds on: the C types, and the engine's thunk that hands over the packed frame. The
//! rest is the Rust host: closures over [`Value`]s.

#![allow(unsafe_code)]

mod arguments;
mod external;
mod failure;
mod kind;
mod owner;
mod values;

use std::any::Any;
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use farcall_jit as jit;

use crate::cdata::CData;
use crate::memory::Extent;
use crate::typed::{self, CFunction};
use crate::{Error, Ffi, Value, errno};
pub use arguments::Args;
pub use external::ExternFunction;
pub(crate) use external::Externs;
use failure::recover;
pub use failure::{CallbackError, CallbackOptions, Failure, Panic};
pub use kind::CallbackType;
use owner::Owner;

/// A C function that calls a Rust closure, as long as this or a clone of it lives, or a value made of it.
///
/// ```
/// use farcall::{Callback, Ffi};
///
/// let ffi = Ffi::new();
/// ffi.cdef("void qsort(void *, size_t, size_t, int (*)(const void *, const void *));")?;
/// let compare = Callback::new(&ffi, "int(const int *, const int *)", |args| {
///     // SAFETY: qsort passes pointers to the items, which are ints.
///     let [a, b] = unsafe { [args.target::<i32>(0)?, args.target::<i32>(1)?] };
///     Ok(a.cmp(&b) as i32)
/// })?;
/// let compare = ffi.cast("int(*)(const void *, const void *)", &compare)?;
/// let items = ffi.alloc("int[]", [3, 1, 2])?;
/// // SAFETY: this is the C library's declaration, and there are three ints.
/// unsafe { ffi.process()?.call("qsort", (&items, 3, 4, compare)) }?;
/// assert_eq!(items.to_string(), "[1, 2, 3]");
/// # Ok::<(), farcall::Error>(())
/// ```
///
/// Dropping the last owner ends it, also while it runs. What it called is dropped at once, or when the last call has ended; with
/// other threads that have run callbacks, some time later, perhaps inside of the drop of another callback. C that calls it
/// afterwards is wrong, as with any freed pointer. [`jit::Callback`] has all that, and what coroutines must do.
///
/// A callback takes some 57 requested bytes beside what the closure has captured, this one word included, and 24 more from when it
/// is cloned or made a value of; an allocator may round them up.
#[derive(Clone)]
pub struct Callback {
    /// Its data is a [`Closure`].
    owner: Owner,
}

impl Callback {
    /// A C function of the type `text`, such as `int(*)(char *)` or `int(char *)`, that calls `function`.
    ///
    /// If that fails or panics, the caller gets zeros, and stderr a message: [`CallbackOptions`] has other ways.
    ///
    /// C may call from any thread. So the closure shares what it changes by locks or atomics, and captures no cdata, which belongs to
    /// one thread, but addresses, of memory that it is known to outlast:
    ///
    /// ```
    /// use farcall::Ffi;
    ///
    /// let ffi = Ffi::new();
    /// let types = ffi.clone();
    /// static NAME: &std::ffi::CStr = c"farcall";
    /// let name = ffi.callback("const char *(void)", move |_| {
    ///     Ok(types.cast("const char *", NAME.as_ptr().addr())?)
    /// })?;
    /// let name = name.function::<unsafe extern "C" fn() -> *const std::ffi::c_char>()?;
    /// // SAFETY: the callback lives, and it gives a C string.
    /// assert_eq!(unsafe { std::ffi::CStr::from_ptr(name()) }, NAME);
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Cdef`], [`Error::Operation`] if it is no function type, and what cannot be called: [`Error::Layout`],
    /// [`Error::Convention`], [`Error::Engine`].
    pub fn new<F, R>(ffi: &Ffi, text: &str, function: F) -> Result<Callback, Error>
    where
        F: Fn(&Args<'_>) -> Result<R, Failure> + Send + Sync + 'static,
        R: Into<Value> + 'static,
    {
        let ty = CallbackType::new(ffi, ffi.type_of(text)?)?;
        Callback::with(&ty, CallbackOptions::new(), function)
    }

    /// A C function of a type that is at hand, that fails as `options` say.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] if there is no memory for it, and those of converting the `error` value.
    pub fn with<F, R>(
        ty: &CallbackType,
        options: CallbackOptions,
        function: F,
    ) -> Result<Callback, Error>
    where
        F: Fn(&Args<'_>) -> Result<R, Failure> + Send + Sync + 'static,
        R: Into<Value> + 'static,
    {
        let unwinds = options.unwinds;
        let closure = Closure::new(ty, options, function)?;
        let callback = match unwinds {
            false => ty.thunk().callback(closure),
            true => ty.thunk().callback(jit::Unwinding(closure)),
        };
        let owner = Owner::new(callback.map_err(|error| ty.engine_error(error))?);
        Ok(Callback { owner })
    }

    /// The C function pointer, good as long as the callback lives.
    pub fn code(&self) -> *const c_void {
        self.owner.with(jit::Callback::code)
    }

    /// The C function pointer as cdata, which keeps the callback alive.
    pub fn cdata(&self) -> CData {
        let keeper: Arc<dyn Any + Send + Sync> = self.owner.share();
        let address = self.code().cast_mut().cast();
        let ty = self.callback_type();
        let extent = Extent::of_library(keeper, address, 0);
        CData::at(ty.types(), ty.pointer_type(), address, Some(extent))
    }

    /// The C function pointer as a Rust one, whose type is compared with the C type.
    ///
    /// It is good as long as the callback lives, which its caller promises by calling an unsafe function.
    ///
    /// # Errors
    ///
    /// [`Error::TypedFunction`] where the types differ.
    pub fn function<F: CFunction>(&self) -> Result<F, Error> {
        let ty = self.callback_type();
        let function = ty.types().function_type(ty.function_type().clone());
        typed::check::<F>(ty.types(), "callback", function)?;
        // SAFETY: a function of the type that was just compared with `F`.
        Ok(unsafe { F::from_address(self.code().cast_mut()) })
    }

    /// The C type.
    pub fn callback_type(&self) -> &CallbackType {
        let closure = self.owner.with(jit::Callback::data);
        // SAFETY: the type comes first in a closure, which lives as long as the callback.
        let ty: &CallbackType = unsafe { &*closure.cast() };
        ty.plain()
    }
}

impl Ffi {
    /// As [`Callback::new`].
    ///
    /// # Errors
    ///
    /// As [`Callback::new`].
    pub fn callback<F, R>(&self, text: &str, function: F) -> Result<Callback, Error>
    where
        F: Fn(&Args<'_>) -> Result<R, Failure> + Send + Sync + 'static,
        R: Into<Value> + 'static,
    {
        Callback::new(self, text, function)
    }

    /// As [`Callback::with`], of the type `text`.
    ///
    /// # Errors
    ///
    /// As [`Callback::new`] and [`Callback::with`].
    pub fn callback_with<F, R>(
        &self,
        text: &str,
        options: CallbackOptions,
        function: F,
    ) -> Result<Callback, Error>
    where
        F: Fn(&Args<'_>) -> Result<R, Failure> + Send + Sync + 'static,
        R: Into<Value> + 'static,
    {
        let ty = CallbackType::new(self, self.type_of(text)?)?;
        Callback::with(&ty, options, function)
    }
}

/// A Rust closure behind a C function.
#[repr(C)]
struct Closure<F, R> {
    /// With what its calls do that fail.
    ty: CallbackType,
    function: F,
    result: PhantomData<fn() -> R>,
}

impl<F, R> Closure<F, R> {
    fn new(ty: &CallbackType, options: CallbackOptions, function: F) -> Result<Self, Error> {
        Ok(Closure {
            ty: ty.failing(options.prepared(ty)?),
            function,
            result: PhantomData,
        })
    }

    fn failed(&self, call: &mut jit::Arguments<'_>, failure: Failure) {
        recover(&self.ty, call, failure);
    }
}

impl<F, R> jit::Handler for Closure<F, R>
where
    F: Fn(&Args<'_>) -> Result<R, Failure> + Send + Sync,
    R: Into<Value>,
{
    fn call(&self, call: &mut jit::Arguments<'_>) {
        errno::save();
        let _return = errno::Return;
        let given = (self.function)(&Args {
            ty: self.ty.plain(),
            call: &*call,
        });
        let stored = given.and_then(|value| {
            let result = self.ty.function_type().result;
            let stored =
                values::store_result(self.ty.types(), result, call.result(), &value.into());
            Ok(stored?)
        });
        if let Err(failure) = stored {
            self.failed(call, failure);
        }
    }

    fn type_name(&self) -> Option<String> {
        Some(format!("'{}'", self.ty.name()))
    }

    fn panicked(&self, call: &mut jit::Arguments<'_>, payload: Box<dyn Any + Send>) {
        let _return = errno::Return;
        self.failed(call, Panic::of(&*payload).into());
    }
}

impl From<&Callback> for Value {
    fn from(callback: &Callback) -> Value {
        Value::CData(callback.cdata())
    }
}

impl From<Callback> for Value {
    fn from(callback: Callback) -> Value {
        Value::CData(callback.cdata())
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<callback '{}' at {:p}>",
            self.callback_type().name(),
            self.code()
        )
    }
}
