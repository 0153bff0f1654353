//! C functions that call Python: `ffi.callback` and `ffi.def_extern`.

#![allow(unsafe_code)] // Entered from C, with the interpreter's lock not held.

mod direct;

use std::ffi::CString;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use farcall::CallbackType;
use farcall::jit::{self, Arguments};
use farcall::shape::Form;
use pyo3::exceptions::{PyNotImplementedError, PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;

pub(crate) use direct::{Direct, counts};

use crate::cdata::{self, Keeping};
use crate::convert;
use crate::ctype::CType;
use crate::errors::FFIError;
use crate::release::{Apart, release};
use crate::slot::Object;
use crate::state::root;
use crate::thread::{Lock, can_run_here, interpreter_runs};
use farcall::errno;

/// A C function that calls a Python function. It goes with this.
pub(crate) struct Callback {
    /// C's function.
    code: Option<jit::Callback>,
    target: Arc<Target>,
}

/// What C's function calls. It may be looked at a last time after its [`Callback`] is gone, by a call that still runs.
pub(crate) struct Target {
    ctype: ManuallyDrop<Py<CType>>,
    /// Held by whoever made this, until [`Target::let_go`].
    function: AtomicPtr<ffi::PyObject>,
    /// As `function`; null for none.
    onerror: AtomicPtr<ffi::PyObject>,
    /// The result when there is none.
    error: Box<[u8]>,
}

/// What the decorators take.
pub(crate) struct Options<'a, 'py> {
    pub(crate) error: Option<&'a Bound<'py, PyAny>>,
    pub(crate) onerror: Option<&'a Bound<'py, PyAny>>,
}

/// cdata of a C function that calls `function`.
pub(crate) fn make(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    function: &Bound<'_, PyAny>,
    options: &Options<'_, '_>,
) -> PyResult<Object> {
    let target = Arc::new(Target::new(py, ctype, function, options)?);
    let mut callback = Callback { code: None, target };
    let kind = callback_type(py, ctype.get())?;
    let code = kind.thunk().callback(Entry(Arc::clone(&callback.target)));
    let code = code.map_err(|error| crate::errors::of(kind.engine_error(error)))?;
    let address = code.code().cast_mut().cast();
    callback.code = Some(code);
    cdata::keep(py, ctype, address, -1, Keeping::Callback(callback))
}

/// Lets C's function of this name, which was declared as Python's, call `function` from now on.
pub(crate) fn attach(
    py: Python<'_>,
    ffi: &farcall::Ffi,
    name: &str,
    function: &Bound<'_, PyAny>,
    options: &Options<'_, '_>,
) -> PyResult<()> {
    let declared = ffi.extern_function(name).map_err(|_| {
        FFIError::new_err(format!(
            "ffi.def_extern('{name}'): no 'extern \"Python\"' function with this name"
        ))
    })?;
    let ctype = crate::ctype::of(py, declared.callback_type().pointer_type())?;
    let target = Target::new(py, &ctype, function, options)?;
    declared.attach(Entry(Arc::new(target)));
    Ok(())
}

/// What calls say of a function that nothing is attached to.
pub(crate) fn attach_default(function: &'static farcall::ExternFunction) {
    let name = function.name().to_owned();
    function.attach_default(move |_: &mut Arguments<'_>| {
        jit::tell(format_args!(
            "extern \"Python\": function {name}() called, but no code was attached to it yet with @ffi.def_extern().  Returning 0."
        ));
    });
}

/// The type's code for callbacks, made once.
fn callback_type<'a>(py: Python<'_>, ctype: &'a CType) -> PyResult<&'a CallbackType> {
    let unsupported = || {
        let name = ctype.name();
        PyNotImplementedError::new_err(format!(
            "{name}: callback with unsupported argument or return type or with '...'"
        ))
    };
    let made = ctype
        .plan(py)?
        .callbacks(|| CallbackType::new(root(), ctype.id).ok());
    // Nobody could say what the rest of the arguments of a variadic one is.
    made.filter(|kind| !kind.function_type().variadic)
        .ok_or_else(unsupported)
}

impl Callback {
    /// The function that is called, for those who show it.
    pub(crate) fn function(&self) -> Object {
        self.target.function.load(Ordering::Relaxed)
    }

    /// The objects that it holds.
    pub(crate) fn objects(&self) -> [Object; 2] {
        [&self.target.function, &self.target.onerror].map(|held| held.load(Ordering::Relaxed))
    }

    /// Lets go of the objects. C may still call it.
    pub(crate) fn clear(&mut self) {
        self.target.let_go();
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        // The C function goes first. While the interpreter ends, threads of C's may still call it.
        let code = self.code.take();
        if !interpreter_runs() {
            std::mem::forget(code);
            return;
        }
        drop(code);
        self.target.let_go();
    }
}

/// The engine drops what was attached when its last call has ended, on whatever thread that is.
impl Drop for Target {
    fn drop(&mut self) {
        // From the interpreter's end on its objects are nobody's.
        if interpreter_runs() {
            // SAFETY: the interpreter runs.
            let lock = unsafe { Lock::take() };
            self.let_go();
            // By hand: pyo3 may not know of the lock, and would put it off.
            // SAFETY: held until now, and nobody uses it afterwards.
            unsafe { release(ManuallyDrop::take(&mut self.ctype).into_ptr()) };
            drop(lock);
        }
    }
}

impl Target {
    pub(crate) fn new(
        py: Python<'_>,
        ctype: &Bound<'_, CType>,
        function: &Bound<'_, PyAny>,
        options: &Options<'_, '_>,
    ) -> PyResult<Target> {
        if !ctype.get().is_function() {
            let text = format!("expected a function ctype, got '{}'", ctype.get().name());
            return Err(PyTypeError::new_err(text));
        }
        if !function.is_callable() {
            let found = crate::host::type_name(function);
            let text = format!("expected a callable object, not {found}");
            return Err(PyTypeError::new_err(text));
        }
        let onerror = options.onerror.filter(|onerror| !onerror.is_none());
        if let Some(onerror) = onerror
            && !onerror.is_callable()
        {
            let found = crate::host::type_name(onerror);
            let text = format!("expected a callable object for 'onerror', not {found}");
            return Err(PyTypeError::new_err(text));
        }
        callback_type(py, ctype.get())?;
        let result = ctype.get().plan(py)?.result().bind(py);
        let mut error = vec![0; result.get().size().unwrap_or(0)].into_boxed_slice();
        if let Some(value) = options.error.filter(|value| !value.is_none()) {
            store_result(py, result.get(), &mut error, value)?;
        }
        let onerror = onerror.map_or(ptr::null_mut(), |onerror| onerror.clone().into_ptr());
        Ok(Target {
            ctype: ManuallyDrop::new(ctype.clone().unbind()),
            function: AtomicPtr::new(function.clone().into_ptr()),
            onerror: AtomicPtr::new(onerror),
            error,
        })
    }

    /// Lets go of the Python objects, while the interpreter's lock is held.
    pub(crate) fn let_go(&self) {
        for held in [&self.function, &self.onerror] {
            let object = held.swap(ptr::null_mut(), Ordering::Relaxed);
            // SAFETY: a reference that was held, and nobody else lets go of.
            unsafe { release(object) };
        }
    }

    /// One call.
    fn call(&self, py: Python<'_>, arguments: &mut Arguments<'_>) {
        let function = self.function.load(Ordering::Relaxed);
        if function.is_null() {
            let name = self.ctype.get().name();
            PyRuntimeError::new_err(format!(
                "a callback of type '{name}' was called whose function is gone"
            ))
            .write_unraisable(py, None);
            return;
        }
        // SAFETY: held by `self` while the lock is; the call may let go of it.
        let function = unsafe { Bound::from_borrowed_ptr(py, function) };
        let mut note = "";
        if let Err(error) = self.attempt(py, &function, arguments, &mut note) {
            let result = arguments.result();
            if result.len() == self.error.len() {
                result.copy_from_slice(&self.error);
            }
            crate::slot::attached(py, |py| self.failed(py, &function, error, arguments, note));
        }
    }

    fn attempt(
        &self,
        py: Python<'_>,
        function: &Bound<'_, PyAny>,
        arguments: &mut Arguments<'_>,
        note: &mut &'static str,
    ) -> PyResult<()> {
        let plan = self.ctype.get().plan(py)?;
        if let Some(direct) = plan.direct(|| Direct::of(py, plan)) {
            let returned = direct.call(py, plan, function, arguments)?;
            *note = AT_THE_RESULT;
            if direct.store(py, returned.as_ptr(), arguments.result()) {
                return Ok(());
            }
            return store_result(py, plan.result().get(), arguments.result(), &returned);
        }
        direct::count_general();
        let mut objects = Given(smallvec::smallvec![ptr::null_mut()]);
        for (index, param) in plan.params().iter().enumerate() {
            objects
                .0
                .push(argument(py, param.bind(py), arguments.bytes(index))?);
        }
        // SAFETY: that many living objects.
        let returned = unsafe {
            let result = ffi::PyObject_Vectorcall(
                function.as_ptr(),
                objects.0.as_mut_ptr().add(1).cast_const(),
                (objects.0.len() - 1) | ffi::PY_VECTORCALL_ARGUMENTS_OFFSET,
                ptr::null_mut(),
            );
            Bound::from_owned_ptr_or_err(py, result)?
        };
        *note = AT_THE_RESULT;
        store_result(py, plan.result().get(), arguments.result(), &returned)
    }

    /// Tells of an error: `onerror`, or the interpreter's hook.
    fn failed(
        &self,
        py: Python<'_>,
        function: &Bound<'_, PyAny>,
        error: PyErr,
        arguments: &mut Arguments<'_>,
        note: &str,
    ) {
        let onerror = self.onerror.load(Ordering::Relaxed);
        let described = || {
            let function = function
                .repr()
                .map_or_else(|_| "?".into(), |text| text.to_string_lossy().into_owned());
            format!("from cffi callback {function}{note}")
        };
        if onerror.is_null() {
            return report(py, error, &described());
        }
        // SAFETY: held by `self` while the lock is; the call may let go of it.
        let onerror = unsafe { Bound::from_borrowed_ptr(py, onerror) };
        let told = (error.get_type(py), error.value(py), error.traceback(py));
        let second = onerror
            .call1(told)
            .and_then(|result| match result.is_none() {
                true => Ok(()),
                false => {
                    let plan = self.ctype.get().plan(py)?;
                    store_result(py, plan.result().get(), arguments.result(), &result)
                }
            });
        if let Err(second) = second {
            report(py, error, &described());
            report(
                py,
                second,
                "during handling of the above exception by 'onerror'",
            );
        }
    }
}

/// What errors are told with that are not the function's.
const AT_THE_RESULT: &str = ", trying to convert the result back to C";

/// New references to arguments, behind a place that a method's call uses for its object.
struct Given(smallvec::SmallVec<[Object; 8]>);

impl Drop for Given {
    fn drop(&mut self) {
        for &object in &self.0[1..] {
            // SAFETY: references that were held.
            unsafe { ffi::Py_DECREF(object) };
        }
    }
}

/// An argument from C. Records are copies: they last as long as Python keeps them.
fn argument(py: Python<'_>, ctype: &Bound<'_, CType>, bytes: &[u8]) -> PyResult<Object> {
    if let Form::Record(_) = ctype.get().shape.form {
        let align = ctype.get().align().unwrap_or(1);
        let made = cdata::owner(py, ctype, bytes.len(), align, -1)?;
        // SAFETY: just made, with room for the bytes.
        unsafe {
            let to = (*made.cast::<cdata::CData>()).data;
            to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            let data = (*made.cast::<cdata::CData>()).data;
            return cdata::keep(py, ctype, data, -1, cdata::Keeping::Holder(made));
        }
    }
    // SAFETY: the bytes of an argument of the type.
    unsafe { convert::load(py, ctype, bytes.as_ptr()) }
}

fn store_result(
    py: Python<'_>,
    ctype: &CType,
    to: &mut [u8],
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    if ctype.shape.form == Form::Void {
        return match value.is_none() {
            true => Ok(()),
            false => Err(PyTypeError::new_err(
                "callback with the return type 'void' must return None",
            )),
        };
    }
    if ctype.size() != Some(to.len()) {
        return Err(PyTypeError::new_err(format!(
            "no room for a '{}'",
            ctype.name()
        )));
    }
    // SAFETY: as many bytes as the type has.
    unsafe { convert::store(py, ctype, to.as_mut_ptr(), value.as_borrowed()) }
}

/// Hands an error to `sys.unraisablehook`.
pub(crate) fn report(py: Python<'_>, error: PyErr, context: &str) {
    error.restore(py);
    let text = CString::new(context.replace('\0', "\\0")).unwrap_or_default();
    // SAFETY: an exception is set, and the text ends with NUL.
    unsafe {
        #[cfg(Py_3_13)]
        {
            unsafe extern "C" {
                fn PyErr_FormatUnraisable(format: *const std::ffi::c_char, ...);
            }
            PyErr_FormatUnraisable(c"Exception ignored %s".as_ptr(), text.as_ptr());
        }
        #[cfg(not(Py_3_13))]
        {
            unsafe extern "C" {
                fn _PyErr_WriteUnraisableMsg(text: *const std::ffi::c_char, object: Object);
            }
            _PyErr_WriteUnraisableMsg(text.as_ptr(), ptr::null_mut());
        }
        ffi::PyErr_Clear();
    }
}

/// What C's function does.
pub(crate) struct Entry(pub(crate) Arc<Target>);

impl jit::Handler for Entry {
    fn call(&self, arguments: &mut Arguments<'_>) {
        errno::save();
        // From the interpreter's end on there is nobody to call: the result is zeros then.
        if can_run_here() {
            // SAFETY: C calls from any thread, and the interpreter runs.
            unsafe {
                let lock = Lock::take();
                let py = Python::assume_attached();
                // It may be called inside of an object's end.
                let apart = Apart::begin();
                self.0.call(py, arguments);
                drop(apart);
                drop(lock);
            }
        }
        errno::restore();
    }

    fn type_name(&self) -> Option<String> {
        Some(format!("'{}'", self.0.ctype.get().name()))
    }
}
