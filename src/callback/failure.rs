//! What becomes of a callback's errors and panics: they end here, for C cannot take them.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;

use farcall_jit as jit;

use super::CallbackType;
use super::values::store_result;
use crate::{Error, Value};

/// Any error of a callback's function.
pub type Failure = Box<dyn StdError + Send + Sync>;

/// A call of a callback that failed, as `on_error` sees it.
#[derive(Debug)]
pub struct CallbackError {
    /// What went wrong: the function's error, that of converting its result, or a [`Panic`].
    pub failure: Failure,
    /// The C type of the callback.
    pub callback: CallbackType,
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallbackError { failure, callback } = self;
        write!(f, "in a callback of type '{}': {failure}", callback.name())
    }
}

impl StdError for CallbackError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.failure)
    }
}

/// A panic of a callback's function, by its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic(pub String);

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.0)
    }
}

impl StdError for Panic {}

impl Panic {
    pub(super) fn of(payload: &(dyn Any + Send)) -> Panic {
        Panic(jit::panic_text(payload).into())
    }
}

/// Sees the errors of a callback, and may give the result in the function's place.
pub(super) type OnError = Box<dyn Fn(&CallbackError) -> Option<Value> + Send + Sync>;

/// What the caller gets when the function fails.
///
/// ```
/// use farcall::{CallbackOptions, Ffi};
///
/// let ffi = Ffi::new();
/// let options = CallbackOptions::new().error(-1);
/// let parse = ffi.callback_with("int(const char *)", options, |args| {
///     // SAFETY: callers pass C strings.
///     let text = unsafe { args.value(0)?.cdata()?.c_string() }?;
///     Ok(String::from_utf8(text)?.parse::<i32>()?)
/// })?;
/// let parse = parse.function::<unsafe extern "C" fn(*const std::ffi::c_char) -> i32>()?;
/// // SAFETY: the callback lives, and these are C strings.
/// assert_eq!(unsafe { (parse(c"17".as_ptr()), parse(c"many".as_ptr())) }, (17, -1));
/// # Ok::<(), farcall::Error>(())
/// ```
#[derive(Default)]
pub struct CallbackOptions {
    error: Option<Value>,
    on_error: Option<OnError>,
    pub(super) unwinds: bool,
}

impl CallbackOptions {
    /// Zeros for a result, and a message on stderr.
    pub fn new() -> CallbackOptions {
        CallbackOptions::default()
    }

    /// The result of calls that fail, in place of zeros.
    pub fn error(self, value: impl Into<Value>) -> CallbackOptions {
        let error = Some(value.into());
        CallbackOptions { error, ..self }
    }

    /// Called with the error of a call that failed, in place of the message. What it gives is the result, in the place of
    /// [`CallbackOptions::error`]'s. If that does not fit, or it panics, there is a message about both.
    pub fn on_error(
        self,
        function: impl Fn(&CallbackError) -> Option<Value> + Send + Sync + 'static,
    ) -> CallbackOptions {
        let on_error: Option<OnError> = Some(Box::new(function));
        CallbackOptions { on_error, ..self }
    }

    /// Panics unwind into the C caller, as those of an `extern "C-unwind"` function do; errors still do not. The code up
    /// to whoever catches them must have been compiled for it: C++, or C with `-fexceptions`.
    pub fn unwinding(self) -> CallbackOptions {
        CallbackOptions {
            unwinds: true,
            ..self
        }
    }

    /// The same, prepared for callbacks of a type. None where it is what happens anyway.
    pub(super) fn prepared(self, ty: &CallbackType) -> Result<Option<Recovery>, Error> {
        let error = match self.error {
            None => Box::default(),
            Some(value) => {
                let size = ty.thunk().signature().result.as_ref();
                let mut bytes = vec![0; size.map_or(0, jit::Type::size) as usize];
                store_result(ty.types(), ty.function_type().result, &mut bytes, &value)?;
                bytes.into_boxed_slice()
            }
        };
        let recovery = Recovery {
            error,
            on_error: self.on_error,
        };
        let needed = !recovery.error.is_empty() || recovery.on_error.is_some();
        Ok(needed.then_some(recovery))
    }
}

/// How calls of one callback fail.
pub(super) struct Recovery {
    /// Bytes of the result; none for zeros.
    error: Box<[u8]>,
    on_error: Option<OnError>,
}

/// Gives the caller of a call that failed its result.
pub(super) fn recover(ty: &CallbackType, call: &mut jit::Arguments<'_>, failure: Failure) {
    let (recovery, ty) = (ty.recovery(), ty.plain());
    let give_error = |call: &mut jit::Arguments<'_>| match recovery {
        Some(Recovery { error, .. }) if !error.is_empty() => call.result().copy_from_slice(error),
        _ => call.result().fill(0),
    };
    give_error(call);
    let callback = ty.clone();
    let error = CallbackError { failure, callback };
    let Some(on_error) = recovery.and_then(|recovery| recovery.on_error.as_ref()) else {
        return jit::tell(format_args!("farcall: {error}"));
    };
    let handled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| on_error(&error)));
    let stored: Result<(), Failure> = match handled {
        Ok(None) => Ok(()),
        Ok(Some(value)) => {
            let result = ty.function_type().result;
            store_result(ty.types(), result, call.result(), &value).map_err(Into::into)
        }
        Err(payload) => Err(Panic::of(&*payload).into()),
    };
    if let Err(second) = stored {
        give_error(call);
        jit::tell(format_args!(
            "farcall: {error}\nfarcall: while 'on_error' handled that: {second}"
        ));
    }
}
