//! Functions of the host that the C text declares: `extern "host"`, which cffi calls `extern "Python"`.

use std::any::Any;
use std::ffi::c_void;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use farcall_jit as jit;
use hashbrown::HashMap;

use super::{Args, CallbackOptions, CallbackType, Closure, Failure, Panic};
use crate::cdef::{Declaration, Origin};
use crate::ctype::TypeId;
use crate::{Error, Ffi, Value};

/// A C function that the text declares and the host implements. There is one for each, from its first use until the
/// process ends; what it calls is attached, and attached anew, at any time.
///
/// This is the level on which other hosts than Rust build, which attach a [`jit::Handler`]. In Rust, see
/// [`Ffi::def_extern`].
pub struct ExternFunction {
    name: Box<str>,
    ty: CallbackType,
    callback: OnceLock<jit::Callback>,
    attached: RwLock<Option<Arc<dyn Attached>>>,
}

/// [`jit::Handler`], for any handler.
trait Attached: Send + Sync {
    fn call(&self, call: &mut jit::Arguments<'_>);
    fn panicked(&self, call: &mut jit::Arguments<'_>, payload: Box<dyn Any + Send>);
}

impl<H: jit::Handler> Attached for H {
    fn call(&self, call: &mut jit::Arguments<'_>) {
        jit::Handler::call(self, call);
    }

    fn panicked(&self, call: &mut jit::Arguments<'_>, payload: Box<dyn Any + Send>) {
        jit::Handler::panicked(self, call, payload);
    }
}

impl ExternFunction {
    /// Never freed, for nobody knows how long C keeps the pointer.
    fn leak(name: &str, ty: CallbackType) -> Result<&'static ExternFunction, Error> {
        let function: &'static ExternFunction = Box::leak(Box::new(ExternFunction {
            name: name.into(),
            ty,
            callback: OnceLock::new(),
            attached: RwLock::new(None),
        }));
        let callback = function.ty.thunk().callback(Entry(function));
        let callback = callback.map_err(|error| Error::Engine {
            function: name.into(),
            error,
        })?;
        function.callback.get_or_init(|| callback);
        Ok(function)
    }

    /// The name that it was declared by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The C type.
    pub fn callback_type(&self) -> &CallbackType {
        &self.ty
    }

    /// The C function pointer, good as long as the process.
    pub fn code(&self) -> *const c_void {
        let callback = self.callback.get();
        callback.expect("made before anyone sees it").code()
    }

    /// Calls go to `handler` from now on. What was attached before is dropped when the last call of it has ended. Panics do
    /// not unwind into C, whatever the handler is.
    pub fn attach(&self, handler: impl jit::Handler + 'static) {
        self.replace(Some(Arc::new(handler)));
    }

    /// As [`ExternFunction::attach`] unless something is attached: what a host does in its own words about calls of functions without
    /// code.
    pub fn attach_default(&self, handler: impl jit::Handler + 'static) {
        let mut handler: Option<Arc<dyn Attached>> = Some(Arc::new(handler));
        let mut attached = self
            .attached
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if attached.is_none() {
            *attached = handler.take();
        }
        // One that is not needed is dropped under no lock.
        drop(attached);
        drop(handler);
    }

    /// Calls go nowhere from now on.
    pub fn detach(&self) {
        self.replace(None);
    }

    /// Drops what was there under no lock.
    fn replace(&self, handler: Option<Arc<dyn Attached>>) {
        let mut attached = self
            .attached
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *attached, handler);
        drop(attached);
        drop(before);
    }

    fn attached(&self) -> Option<Arc<dyn Attached>> {
        let attached = self.attached.read();
        attached.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the C function calls.
struct Entry(&'static ExternFunction);

impl jit::Handler for Entry {
    fn call(&self, call: &mut jit::Arguments<'_>) {
        let Some(attached) = self.0.attached() else {
            let name = &self.0.name;
            return jit::tell(format_args!(
                "extern \"host\": function {name}() called, but no code was attached to it yet with def_extern. \
                 Returning 0."
            ));
        };
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| attached.call(call))) {
            call.result().fill(0);
            attached.panicked(call, payload);
        }
    }

    fn panicked(&self, _: &mut jit::Arguments<'_>, payload: Box<dyn Any + Send>) {
        let (name, panic) = (&self.0.name, Panic::of(&*payload));
        jit::tell(format_args!("farcall: in '{name}': {panic}"));
    }
}

/// The functions of one [`Ffi`] that were asked for. One that is declared anew with another type is another one.
#[derive(Default)]
pub(crate) struct Externs(Mutex<HashMap<(Box<str>, TypeId), &'static ExternFunction>>);

impl Ffi {
    /// The function `name` that the text declares as one of the host.
    ///
    /// # Errors
    ///
    /// [`Error::Undeclared`], [`Error::WrongDeclaration`], and what cannot be called: [`Error::Layout`],
    /// [`Error::Convention`], [`Error::Engine`].
    pub fn extern_function(&self, name: &str) -> Result<&'static ExternFunction, Error> {
        let declarations = self.declarations();
        let function = match declarations.get(name) {
            Some(Declaration::Function(function)) if function.origin != Origin::Library => function,
            Some(other) => {
                return Err(crate::library::wrong(name, other, "a function of the host"));
            }
            None => return Err(Error::Undeclared { name: name.into() }),
        };
        let externs = &self.externs().0;
        let mut known = externs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&(name.into(), function.ty)) {
            return Ok(known);
        }
        let ty = CallbackType::new(self, function.ty)?;
        let new = ExternFunction::leak(name, ty)?;
        known.insert((name.into(), function.ty), new);
        Ok(new)
    }

    /// Has the function `name`, declared as `extern "host"`, call `function`, now or again.
    ///
    /// ```
    /// use farcall::Ffi;
    ///
    /// let ffi = Ffi::new();
    /// ffi.cdef(r#"extern "host" int twice(int);"#)?;
    /// ffi.def_extern("twice", |args| Ok(2 * args.get::<i32>(0)?))?;
    /// // SAFETY: nothing but the function above is used.
    /// let lib = unsafe { ffi.process() }?;
    /// assert_eq!(unsafe { lib.call("twice", (21,)) }?.to_string(), "42");
    /// # Ok::<(), farcall::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Ffi::extern_function`].
    pub fn def_extern<F, R>(&self, name: &str, function: F) -> Result<(), Error>
    where
        F: Fn(&Args<'_>) -> Result<R, Failure> + Send + Sync + 'static,
        R: Into<Value> + 'static,
    {
        self.def_extern_with(name, CallbackOptions::new(), function)
    }

    /// As [`Ffi::def_extern`]; calls fail as `options` say.
    ///
    /// # Errors
    ///
    /// Those of [`Ffi::extern_function`], and of converting the `error` value; [`Error::Operation`] for
    /// [`CallbackOptions::unwinding`], which such functions do not do.
    pub fn def_extern_with<F, R>(
        &self,
        name: &str,
        options: CallbackOptions,
        function: F,
    ) -> Result<(), Error>
    where
        F: Fn(&Args<'_>) -> Result<R, Failure> + Send + Sync + 'static,
        R: Into<Value> + 'static,
    {
        let external = self.extern_function(name)?;
        if options.unwinds {
            return Err(Error::Operation {
                ty: external.ty.name(),
                problem: "is the type of a function of the host, whose panics do not unwind",
            });
        }
        external.attach(Closure::new(&external.ty, options, function)?);
        Ok(())
    }
}

impl fmt::Debug for ExternFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<extern \"host\" '{}'>", self.name)
    }
}
