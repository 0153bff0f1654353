//! `FFI`: declarations, and the functions of cffi's interface.

mod allocator;
mod declare;
mod decorate;
mod memory;
mod names;
mod once;
mod open;
mod place;

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use decorate::{CallbackDecorator, ExternDecorator};

use crate::callback::Options;
use crate::cdata::{self, CData, Count};
use crate::ctype::{self, CType};
use crate::host::{PyHost, type_name};
use crate::slot::Object;
use farcall::errno;

pub(crate) use open::FLAGS;

/// Declarations of C, and what can be done with them.
///
/// The interface is that of cffi's compiled `FFI`; `farcall.FFI`, which is what programs use, is that of `cffi.FFI`.
#[pyclass(frozen, subclass, weakref, name = "FFI", module = "farcall._farcall")]
pub(crate) struct Ffi {
    pub(crate) inner: farcall::Ffi,
    /// Whether this is `cffi.FFI`: type names may mention structures that nobody has declared, and errors are in the words
    /// of its parser.
    inline: bool,
    /// Types by the texts that asked for them, so that a text is looked at once.
    types: Py<PyDict>,
    /// As `types`, where a function type stands for a pointer to it.
    functions: Py<PyDict>,
    /// How often names may have got another meaning.
    generation: AtomicU64,
    /// What `init_once` knows.
    once: Py<PyDict>,
    /// Libraries stay open as long as this, or any of their functions.
    libraries: Mutex<Vec<Py<PyAny>>>,
}

/// A new reference as the API's own kind of one.
pub(crate) fn owned(py: Python<'_>, object: Object) -> Py<PyAny> {
    crate::slot::owned(py, object).unbind()
}

/// What a type is asked for, which decides what is said of an object that names none.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// The first argument of this function of cffi's, whose name is empty where cffi does not say it.
    Argument(&'static str),
    Size,
    Alignment,
    Type,
}

/// An argument that is true or false, of whatever class.
struct Truth(bool);

impl<'py> FromPyObject<'_, 'py> for Truth {
    type Error = PyErr;

    fn extract(value: pyo3::Borrowed<'_, 'py, PyAny>) -> PyResult<Truth> {
        value.is_truthy().map(Truth)
    }
}

/// An argument that may be left out, which is something else than None.
struct Given<'py>(Option<Bound<'py, PyAny>>);

impl<'py> FromPyObject<'_, 'py> for Given<'py> {
    type Error = PyErr;

    fn extract(value: pyo3::Borrowed<'_, 'py, PyAny>) -> PyResult<Given<'py>> {
        Ok(Given(Some(value.to_owned())))
    }
}

impl Role {
    #[cold]
    fn refuse(self, found: &Bound<'_, PyAny>) -> PyErr {
        PyTypeError::new_err(match self {
            Role::Argument(function) => not_a("CType", function, found),
            Role::Size => "expected a 'cdata' or 'ctype' object".into(),
            Role::Alignment => "expected a 'ctype' object".into(),
            Role::Type => found.get_type().to_string(),
        })
    }
}

/// What is said of an argument of another class.
fn not_a(class: &str, function: &str, found: &Bound<'_, PyAny>) -> String {
    let found = type_name(found);
    let function = match function {
        "" => String::new(),
        function => format!("{function}() "),
    };
    format!("{function}argument 1 must be farcall.{class}, not {found}")
}

impl Ffi {
    /// The type that a text or a CType object names.
    #[inline]
    pub(crate) fn ctype<'py>(
        &self,
        name: &Bound<'py, PyAny>,
        role: Role,
    ) -> PyResult<Bound<'py, CType>> {
        if let Ok(text) = name.cast_exact::<PyString>() {
            return self.ctype_of_text(text);
        }
        if let Ok(ctype) = name.cast::<CType>() {
            return Ok(ctype.clone());
        }
        if let Ok(text) = name.cast::<PyString>() {
            return self.ctype_of_text(text);
        }
        Err(self.no_type(name, role))
    }

    fn no_type(&self, found: &Bound<'_, PyAny>, role: Role) -> PyErr {
        if self.inline {
            return role.refuse(found);
        }
        let found = type_name(found);
        PyTypeError::new_err(format!(
            "expected a string or a ctype object, got '{found}'"
        ))
    }

    /// As [`Ffi::ctype`], where cdata stands for its type.
    fn ctype_or_cdata<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, CType>> {
        let object = name.as_ptr();
        match CData::of(name.py(), &object) {
            Some(cdata) => Ok(cdata.ctype_object().clone().unbind().into_bound(name.py())),
            None if self.inline && name.is_instance_of::<CType>() => Err(Role::Type.refuse(name)),
            None => self.ctype(name, Role::Type),
        }
    }
}

#[pymethods]
#[allow(clippy::wrong_self_convention, reason = "the names are cffi's")]
impl Ffi {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    #[classmethod]
    fn new(
        class: &Bound<'_, pyo3::types::PyType>,
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Ffi> {
        let py = class.py();
        Ok(Ffi {
            inner: crate::state::root().sibling(),
            inline: class.getattr("_inline")?.is_truthy()?,
            types: PyDict::new(py).unbind(),
            functions: PyDict::new(py).unbind(),
            generation: AtomicU64::new(0),
            once: PyDict::new(py).unbind(),
            libraries: Mutex::default(),
        })
    }

    /// Takes no arguments. Classes that derive from this one may.
    fn __init__(&self) {}

    /// Adds declarations of C. `override` lets them replace earlier ones; `packed`, or `pack` with a number of bytes,
    /// limits the alignment of members, as `#pragma pack` does.
    #[pyo3(signature = (csource, r#override = Truth(false), packed = None, pack = None), text_signature = "($self, csource, override=False, packed=None, pack=None)")]
    fn cdef(
        &self,
        csource: &Bound<'_, PyAny>,
        r#override: Truth,
        packed: Option<&Bound<'_, PyAny>>,
        pack: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        declare::cdef(self, csource, r#override.0, packed, pack)
    }

    /// Opens a library by its file name or its bare name; None for the process itself; or takes the `void *` of a library
    /// that is open already. `flags` are those of the system's dlopen().
    ///
    /// With `critical` its functions keep the interpreter's lock, which makes short calls faster: see `critical`.
    #[pyo3(signature = (name, flags = 0, *, critical = Truth(false)), text_signature = "($self, name, flags=0, *, critical=False)")]
    fn dlopen<'py>(
        slf: &Bound<'py, Self>,
        name: &Bound<'py, PyAny>,
        flags: i32,
        critical: Truth,
    ) -> PyResult<Bound<'py, PyAny>> {
        let library = open::dlopen(slf, name, flags)?;
        if critical.0 {
            open::make_critical(&library)?;
        }
        Ok(library)
    }

    /// The same function as a builtin that keeps the interpreter's lock while C runs. The call is faster by what it takes to
    /// let go of the lock and to get it back; meanwhile no other thread runs Python code. So it is for functions that return
    /// soon, and do not wait for anything, least of all for another thread of this process.
    fn critical(&self, function: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        open::critical(function)
    }

    /// Closes a library. Its attributes cannot be used any more.
    fn dlclose(&self, lib: &Bound<'_, PyAny>) -> PyResult<()> {
        open::dlclose(lib)
    }

    /// The CType object of a C type's name, or of cdata.
    #[pyo3(signature = (cdecl))]
    fn r#typeof<'py>(&self, cdecl: &Bound<'py, PyAny>) -> PyResult<Bound<'py, CType>> {
        self.ctype_or_cdata(cdecl)
    }

    /// The size in bytes of a C type, by its name or object, or of cdata.
    fn sizeof(&self, cdecl: &Bound<'_, PyAny>) -> PyResult<u64> {
        place::size_of(self, cdecl)
    }

    /// The alignment in bytes of a C type, by its name or object, or of cdata's type.
    fn alignof(&self, cdecl: &Bound<'_, PyAny>) -> PyResult<u64> {
        place::align_of(self, cdecl)
    }

    /// The offset in bytes of a member of a structure, or of an item of an array; several names and numbers lead inwards.
    #[pyo3(signature = (cdecl, field_or_index, /, *fields_or_indexes))]
    fn offsetof(
        &self,
        cdecl: &Bound<'_, PyAny>,
        field_or_index: &Bound<'_, PyAny>,
        fields_or_indexes: &Bound<'_, PyTuple>,
    ) -> PyResult<i64> {
        place::offset_of(self, cdecl, field_or_index, fields_or_indexes)
    }

    /// A pointer to cdata, or to a member or an item of it; of a library, to a function or a variable by its name.
    #[pyo3(signature = (cdata, *fields_or_indexes))]
    fn addressof(
        &self,
        cdata: &Bound<'_, PyAny>,
        fields_or_indexes: &Bound<'_, PyTuple>,
    ) -> PyResult<Py<PyAny>> {
        place::address_of(cdata, fields_or_indexes)
    }

    /// New memory, zeroed and then initialised with `init`: for a pointer type one of what it points to, for an array type an
    /// array. It is freed with the object that is returned.
    #[pyo3(name = "new", signature = (cdecl, init = None))]
    fn new_cdata(
        &self,
        cdecl: &Bound<'_, PyAny>,
        init: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let py = cdecl.py();
        let ctype = self.ctype(cdecl, Role::Argument("newp"))?;
        Ok(owned(py, memory::new_cdata(py, &ctype, init)?))
    }

    /// A function that makes memory as `new` does, by `alloc(size)`, which returns cdata, and calls `free` with that when
    /// the memory's object goes.
    #[pyo3(signature = (alloc = None, free = None, should_clear_after_alloc = Truth(true)), text_signature = "($self, alloc=None, free=None, should_clear_after_alloc=True)")]
    fn new_allocator<'py>(
        slf: &Bound<'py, Self>,
        alloc: Option<Bound<'py, PyAny>>,
        free: Option<Bound<'py, PyAny>>,
        should_clear_after_alloc: Truth,
    ) -> PyResult<Bound<'py, PyAny>> {
        allocator::make(slf, alloc, free, should_clear_after_alloc.0)
    }

    /// C's cast: a number or an address as another type.
    fn cast(&self, cdecl: &Bound<'_, PyAny>, source: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = cdecl.py();
        let ctype = self.ctype(cdecl, Role::Argument("cast"))?;
        memory::cast(py, &ctype, source).map(Bound::unbind)
    }

    /// The text of an array of characters or behind a pointer, up to its zero, at most `maxlen` characters; the name of an
    /// enumeration's constant.
    #[pyo3(signature = (cdata, maxlen = Count(-1)), text_signature = "($self, cdata, maxlen=-1)")]
    fn string<'py>(&self, cdata: &Bound<'py, PyAny>, maxlen: Count) -> PyResult<Bound<'py, PyAny>> {
        memory::string(cdata, maxlen.0 as i64)
    }

    /// So many items of an array or behind a pointer, as a list, or as one text if they are characters.
    fn unpack<'py>(&self, cdata: &Bound<'py, PyAny>, length: Count) -> PyResult<Bound<'py, PyAny>> {
        memory::unpack(cdata, length.0 as i64)
    }

    /// An array over the memory of an object with the buffer protocol, which it keeps.
    #[pyo3(signature = (cdecl, python_buffer = Given(None), require_writable = Truth(false)), text_signature = "($self, cdecl, python_buffer=<unspecified>, require_writable=False)")]
    fn from_buffer(
        &self,
        cdecl: &Bound<'_, PyAny>,
        python_buffer: Given<'_>,
        require_writable: Truth,
    ) -> PyResult<Py<PyAny>> {
        memory::from_buffer(self, cdecl, python_buffer.0.as_ref(), require_writable.0)
    }

    /// Copies `n` bytes, between cdata and objects with the buffer protocol.
    fn memmove(&self, dest: &Bound<'_, PyAny>, src: &Bound<'_, PyAny>, n: Count) -> PyResult<()> {
        memory::memmove(dest, src, n.0)
    }

    /// A C function that calls `python_callable`; a decorator if that is left out. `error` is the result if it raises, and
    /// `onerror(exception, exc_value, traceback)` is called then.
    #[pyo3(signature = (cdecl, python_callable = None, error = None, onerror = None))]
    fn callback<'py>(
        slf: &Bound<'py, Self>,
        cdecl: &Bound<'py, PyAny>,
        python_callable: Option<&Bound<'py, PyAny>>,
        error: Option<&Bound<'py, PyAny>>,
        onerror: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = cdecl.py();
        let ctype = slf.get().function_ctype(cdecl)?;
        if let Some(onerror) = onerror
            && !onerror.is_none()
            && !onerror.is_callable()
        {
            let found = type_name(onerror);
            let text = format!("expected a callable object for 'onerror', not {found}");
            return Err(PyTypeError::new_err(text));
        }
        match python_callable {
            Some(function) => {
                if slf.get().inline && !function.is_callable() {
                    let text = "the 'python_callable' argument is not callable";
                    return Err(PyTypeError::new_err(text));
                }
                let options = Options { error, onerror };
                let made = crate::callback::make(py, &ctype, function, &options)?;
                Ok(crate::slot::owned(py, made))
            }
            None => {
                let decorator = CallbackDecorator {
                    ctype: ctype.unbind(),
                    error: error.map(|error| error.clone().unbind()),
                    onerror: onerror.map(|onerror| onerror.clone().unbind()),
                };
                Ok(Bound::new(py, decorator)?.into_any())
            }
        }
    }

    /// A decorator: the function that it is given is what C calls by a name declared as `extern "Python"`.
    #[pyo3(signature = (name = None, error = None, onerror = None))]
    fn def_extern<'py>(
        slf: &Bound<'py, Self>,
        name: Option<&Bound<'py, PyAny>>,
        error: Option<Py<PyAny>>,
        onerror: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let name = match name {
            Some(name) => match name.cast::<PyString>() {
                Ok(name) => Some(name.to_str()?.to_owned()),
                Err(_) => {
                    let found = type_name(name);
                    let text = format!("expected a string for 'name', got '{found}'");
                    return Err(PyTypeError::new_err(text));
                }
            },
            None => None,
        };
        let declared = slf.get().inner.declarations();
        let mut declared = declared.iter();
        if !declared.any(|(_, declaration)| declare::is_extern(declaration)) {
            let text = "ffi.def_extern() needs functions that cdef() declares as extern \"Python\"";
            return Err(PyValueError::new_err(text));
        }
        let decorator = ExternDecorator {
            ffi: slf.clone().unbind(),
            name,
            error,
            onerror,
        };
        Ok(Bound::new(py, decorator)?.into_any())
    }

    /// The same cdata, with `destructor` called with the old one when the new one goes. None takes a destructor away.
    #[pyo3(signature = (cdata, destructor, size = 0))]
    fn gc(
        &self,
        cdata: &Bound<'_, PyAny>,
        destructor: &Bound<'_, PyAny>,
        size: isize,
    ) -> PyResult<Py<PyAny>> {
        let _ = size;
        memory::gc(cdata, destructor)
    }

    /// Gives back now what goes with cdata of `new`, `gc`, `from_buffer` or an allocator.
    fn release(&self, x: &Bound<'_, PyAny>) -> PyResult<()> {
        let object = x.as_ptr();
        match CData::of(x.py(), &object) {
            Some(memory) => cdata::release_early(x.py(), memory),
            None => Err(PyTypeError::new_err("expected a 'cdata' object")),
        }
    }

    /// The name of a C type, with `replace_with` where a declared name would stand.
    #[pyo3(signature = (cdecl, replace_with = ""))]
    fn getctype(&self, cdecl: &Bound<'_, PyAny>, replace_with: &str) -> PyResult<String> {
        let ctype = self.ctype(cdecl, Role::Argument("getcname"))?;
        Ok(crate::state::types().spelling_with(ctype.get().id, replace_with))
    }

    /// The names that were declared: of typedefs, of structures, of unions.
    fn list_types(&self) -> (Vec<String>, Vec<String>, Vec<String>) {
        declare::list_types(self)
    }

    /// Adds what another FFI has declared: types and constants.
    fn include(slf: &Bound<'_, Self>, ffi_to_include: &Bound<'_, PyAny>) -> PyResult<()> {
        declare::include(slf, ffi_to_include)
    }

    /// A `void *` that stands for a Python object as long as the handle lives.
    fn new_handle(&self, x: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = x.py();
        let types = crate::state::types();
        let void = ctype::pointer_to(py, types.void())?;
        Ok(owned(py, cdata::keep_handle(py, &void, x.as_ptr())?))
    }

    /// The object of a handle, from its `void *`.
    fn from_handle(&self, x: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        memory::from_handle(x)
    }

    /// The result of `func()`, which is called once for each `tag`.
    fn init_once<'py>(
        &self,
        func: &Bound<'py, PyAny>,
        tag: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        once::init_once(self, func, tag)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        for dictionary in [&self.types, &self.functions, &self.once] {
            visit.call(dictionary)?;
        }
        // Nothing runs while it is locked elsewhere, so that it is not.
        let libraries = self.libraries.try_lock();
        libraries
            .iter()
            .flat_map(|libraries| libraries.iter())
            .try_for_each(|library| visit.call(library))
    }

    fn __clear__(&self) {
        let libraries = self
            .libraries
            .try_lock()
            .map(|mut libraries| std::mem::take(&mut *libraries));
        drop(libraries);
    }

    /// An error of Windows with its message: of the last call on this thread if the code is -1.
    #[cfg(windows)]
    #[pyo3(signature = (code = -1))]
    fn getwinerror(&self, code: i32) -> (u32, String) {
        errno::windows_error((code != -1).then_some(code as u32))
    }

    /// C's errno: what the last call on this thread left, and what the next one will find.
    #[getter]
    fn errno(&self) -> i32 {
        errno::get()
    }

    #[setter]
    fn set_errno(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = value.py();
        errno::set(value.extract().map_err(|error: PyErr| {
            match error.is_instance_of::<PyOverflowError>(py) {
                true => PyOverflowError::new_err("errno value too large"),
                false => error,
            }
        })?);
        Ok(())
    }
}

/// What Python's class has beside its methods.
pub(crate) fn finish(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<Ffi>();
    class.setattr("_inline", false)?;
    class.setattr("NULL", crate::slot::owned(py, cdata::null(py)?))?;
    class.setattr("CData", cdata::kinds(py).base(py))?;
    class.setattr("CType", py.get_type::<CType>())?;
    class.setattr("buffer", py.get_type::<crate::buffer::Buffer>())?;
    class.setattr("error", py.get_type::<crate::errors::FFIError>())?;
    for &(name, flag) in FLAGS {
        class.setattr(name, flag)?;
    }
    Ok(())
}

/// cdata for the engine's operations; the text is raised where it is none.
fn object_of(cdata: &Bound<'_, PyAny>, otherwise: &str) -> PyResult<farcall::object::Object> {
    let (py, object) = (cdata.py(), cdata.as_ptr());
    match CData::of(py, &object) {
        Some(cdata) => Ok(cdata.object(py)),
        None => Err(PyTypeError::new_err(otherwise.to_owned())),
    }
}

pub(crate) fn host(py: Python<'_>) -> PyHost<'_> {
    PyHost { py }
}
