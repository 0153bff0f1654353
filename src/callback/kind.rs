//! C function types, ready for callbacks.

use std::fmt;
use std::sync::Arc;

use farcall_jit as jit;

use super::failure::Recovery;
use crate::ctype::{CType, FunctionId, FunctionType, TypeId, TypeTable};
use crate::{Error, Ffi};

/// A C function type that callbacks are made of: lowered, and its code compiled, once. Clones share it.
///
/// This is the level on which other hosts than Rust build: [`CallbackType::thunk`] makes C functions that call anything
/// with the packed frame of their arguments, whose C types stand here.
///
/// ```
/// use farcall::{CallbackType, Ffi, jit};
///
/// let ffi = Ffi::new();
/// let ty = CallbackType::new(&ffi, ffi.type_of("short(*)(char, double)")?)?;
/// assert_eq!(ty.thunk().frame().offsets(), [0, 8]);
/// let callback = ty.thunk().callback(|call: &mut jit::Arguments<'_>| {
///     let sum = f64::from(call.get::<i8>(0)) + call.get::<f64>(1);
///     call.give_back(sum as i16);
/// });
/// let callback = callback.map_err(|error| ty.engine_error(error))?;
/// // SAFETY: that is the type.
/// let function: extern "C" fn(i8, f64) -> i16 = unsafe { std::mem::transmute(callback.code()) };
/// assert_eq!(function(-1, 8.5), 7);
/// # Ok::<(), farcall::Error>(())
/// ```
#[derive(Clone)]
pub struct CallbackType {
    inner: Arc<Inner>,
}

struct Inner {
    ffi: Ffi,
    pointer: TypeId,
    function: FunctionId,
    thunk: Arc<jit::Thunk>,
    /// Of callbacks with options: what they do when they fail, and the type without it.
    failing: Option<(CallbackType, Recovery)>,
}

impl CallbackType {
    /// A function type, or a pointer to one.
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] for other types, and what cannot be called: [`Error::Layout`], [`Error::Convention`],
    /// [`Error::Engine`].
    pub fn new(ffi: &Ffi, ty: TypeId) -> Result<CallbackType, Error> {
        let types = ffi.types();
        types.check(ty)?;
        let target = match types.get(types.plain(ty)) {
            CType::Pointer(target) => types.plain(target),
            _ => types.plain(ty),
        };
        let CType::Function(function) = types.get(target) else {
            return Err(Error::Operation {
                ty: types.spelling(ty),
                problem: "is not a function type",
            });
        };
        let pointer = types.pointer(target);
        let name = types.spelling(pointer);
        let signature = ffi
            .lowering()
            .signature(&name, types.function(function), &[])?;
        let thunk = ffi.engine().thunk(&signature);
        let thunk = thunk.map_err(|error| Error::Engine {
            function: name,
            error,
        })?;
        Ok(CallbackType {
            inner: Arc::new(Inner {
                ffi: ffi.clone(),
                pointer,
                function,
                thunk,
                failing: None,
            }),
        })
    }

    /// The type of callbacks that fail in their own way. One word is all that a callback keeps of its type.
    pub(super) fn failing(&self, recovery: Option<Recovery>) -> CallbackType {
        let plain = self.plain().clone();
        let Some(recovery) = recovery else {
            return plain;
        };
        let inner = Inner {
            ffi: plain.inner.ffi.clone(),
            pointer: plain.inner.pointer,
            function: plain.inner.function,
            thunk: Arc::clone(&plain.inner.thunk),
            failing: Some((plain, recovery)),
        };
        CallbackType {
            inner: Arc::new(inner),
        }
    }

    /// Without what [`CallbackType::failing`] has added.
    pub(super) fn plain(&self) -> &CallbackType {
        let failing = self.inner.failing.as_ref();
        failing.map_or(self, |(plain, _)| plain)
    }

    pub(super) fn recovery(&self) -> Option<&Recovery> {
        self.inner.failing.as_ref().map(|(_, recovery)| recovery)
    }

    /// Result and parameters.
    pub fn function_type(&self) -> &FunctionType {
        self.types().function(self.inner.function)
    }

    /// The type of pointers to such functions.
    pub fn pointer_type(&self) -> TypeId {
        self.inner.pointer
    }

    /// Where the type is declared.
    pub fn ffi(&self) -> &Ffi {
        &self.inner.ffi
    }

    /// The table of these types.
    pub fn types(&self) -> &Arc<TypeTable> {
        self.inner.ffi.types()
    }

    /// What makes C functions of the type.
    pub fn thunk(&self) -> &Arc<jit::Thunk> {
        &self.inner.thunk
    }

    /// The type as C has it: `int(*)(char *)`.
    pub fn name(&self) -> String {
        self.types().spelling(self.inner.pointer)
    }

    /// An error of the engine, with the type that it happened to.
    pub fn engine_error(&self, error: jit::Error) -> Error {
        Error::Engine {
            function: self.name(),
            error,
        }
    }
}

impl fmt::Debug for CallbackType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<callback type '{}'>", self.name())
    }
}
