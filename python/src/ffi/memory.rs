//! Memory: `new`, `cast`, `string`, `unpack`, `from_buffer`, `memmove`, `gc`, handles.

#![allow(unsafe_code)] // C memory is read and written.

use farcall::object;
use farcall::shape::Form;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::{Ffi, Role, host, not_a, object_of, owned};
use crate::buffer::View;
use crate::cdata::{self, CData, Keeping};
use crate::ctype::{self, CType};
use crate::host::PyHost;
use crate::slot::Object;
use crate::state::types;

/// `ffi.new`.
#[inline]
pub(crate) fn new_cdata(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    init: Option<&Bound<'_, PyAny>>,
) -> PyResult<Object> {
    new_cleared(py, ctype, init, true)
}

/// As [`new_cdata`]; memory without an initialiser need not be cleared.
pub(super) fn new_cleared(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    init: Option<&Bound<'_, PyAny>>,
    clear: bool,
) -> PyResult<Object> {
    let host = PyHost { py };
    let init = init.filter(|init| !init.is_none());
    if clear
        && init.is_none()
        && let Some((size, align)) = ctype.get().new_size(py)
    {
        return cdata::owner(py, ctype, size, align, -1);
    }
    let init = init.map(|init| init.as_borrowed());
    let plan = farcall::convert::plan_new(&host, &ctype.get().shape, init)?;
    let length = plan.length.or_else(|| flexible_size(&plan));
    let length = length.map_or(-1, |length| length as isize);
    let make = match clear || plan.initialise {
        true => cdata::owner,
        false => cdata::uncleared_owner,
    };
    let made = make(py, ctype, plan.size as usize, plan.align as usize, length)?;
    let made = crate::slot::owned(py, made);
    if plan.initialise
        && let Some(init) = init
    {
        let object = made.as_ptr();
        // SAFETY: the object was just made, with so much memory.
        unsafe {
            let to = (*object.cast::<CData>()).data;
            farcall::convert::store(&host, &plan.stored, to, plan.size, init)?;
        }
    }
    Ok(made.into_ptr())
}

/// The bytes of a record that ends in an array without a length, which its type does not say.
pub(super) fn flexible_size(plan: &farcall::convert::New) -> Option<u64> {
    plan.flexible.then_some(plan.size)
}

/// `ffi.cast`.
pub(crate) fn cast<'py>(
    py: Python<'py>,
    ctype: &Bound<'py, CType>,
    source: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let object = source.as_ptr();
    // From pointer to pointer, as callbacks do it all the time.
    if let Form::Pointer(_) = ctype.get().shape.form
        && let Some(cdata) = CData::of(py, &object)
        && (cdata.ctype().is_pointer() || cdata.ctype().is_array())
    {
        return Ok(crate::slot::owned(
            py,
            cdata::reference(py, ctype, cdata.data, -1)?,
        ));
    }
    Ok(farcall::convert::cast(
        &host(py),
        &ctype.get().shape,
        source.as_borrowed(),
    )?)
}

/// `ffi.string`.
pub(super) fn string<'py>(cdata: &Bound<'py, PyAny>, max: i64) -> PyResult<Bound<'py, PyAny>> {
    let py = cdata.py();
    let object = object_of(cdata, &not_a("CData", "string", cdata))?;
    // SAFETY: Python code answers for what pointers point to, as in C.
    Ok(unsafe { object::string(&host(py), &object, u64::try_from(max).ok()) }?)
}

/// `ffi.unpack`.
pub(super) fn unpack<'py>(cdata: &Bound<'py, PyAny>, length: i64) -> PyResult<Bound<'py, PyAny>> {
    let py = cdata.py();
    let object = object_of(cdata, &not_a("CData", "unpack", cdata))?;
    // SAFETY: Python code answers for what pointers point to, as in C.
    Ok(unsafe { object::unpack(&host(py), &object, length, ()) }?)
}

/// `ffi.from_buffer`.
pub(super) fn from_buffer(
    ffi: &Ffi,
    cdecl: &Bound<'_, PyAny>,
    buffer: Option<&Bound<'_, PyAny>>,
    writable: bool,
) -> PyResult<Py<PyAny>> {
    let py = cdecl.py();
    let (ctype, buffer) = match buffer {
        Some(buffer) => (ffi.ctype(cdecl, Role::Argument(""))?, buffer),
        None => {
            let char = types().primitive(farcall::ctype::Primitive::Char);
            (ctype::of(py, types().array(char, None))?, cdecl)
        }
    };
    if !ctype.get().is_array() && !matches!(ctype.get().shape.form, Form::Pointer(_)) {
        let text = format!(
            "expected a pointer or array ctype, got '{}'",
            ctype.get().name()
        );
        return Err(PyTypeError::new_err(text));
    }
    if buffer.is_instance_of::<PyString>() {
        let text = "from_buffer() cannot return the address of a unicode object";
        return Err(PyTypeError::new_err(text));
    }
    let view = View::of(buffer, writable)?;
    let bytes = view.bytes().len;
    let length = match ctype.get().shape.form {
        Form::Array { length: None, .. } => items(&ctype, py, bytes)? as isize,
        _ => {
            // A pointer points to the buffer's start, whatever its length is, as in cffi.
            if ctype.get().is_array()
                && let Some(size) = ctype.get().size()
                && bytes < size
            {
                let ty = ctype.get().name();
                let text = format!("buffer is too small ({bytes} bytes) for '{ty}' ({size} bytes)");
                return Err(PyValueError::new_err(text));
            }
            -1
        }
    };
    let start = view.0.buf.cast();
    Ok(owned(
        py,
        cdata::keep(py, &ctype, start, length, Keeping::Buffer(view.keep()))?,
    ))
}

/// Items in so many bytes.
fn items(array: &Bound<'_, CType>, py: Python<'_>, bytes: usize) -> PyResult<usize> {
    let item = array.get().item(py).and_then(|item| item.get().size());
    match item {
        Some(1) => Ok(bytes),
        Some(0) | None => Err(pyo3::exceptions::PyZeroDivisionError::new_err(format!(
            "from_buffer('{}', ..): the actual length of the array cannot be computed",
            array.get().name()
        ))),
        Some(size) => Ok(bytes / size),
    }
}

/// `ffi.memmove`.
pub(super) fn memmove(to: &Bound<'_, PyAny>, from: &Bound<'_, PyAny>, n: isize) -> PyResult<()> {
    let Ok(count) = usize::try_from(n) else {
        return Err(PyValueError::new_err("negative size"));
    };
    let (to, from) = (Side::of(to, true)?, Side::of(from, false)?);
    for side in [&to, &from] {
        if side.size.is_some_and(|size| size < count) {
            let size = side.size.unwrap_or(0);
            let text = format!("right operand length must match slice length ({size} < {count})");
            return Err(PyValueError::new_err(text));
        }
    }
    // SAFETY: both places have as many bytes, or Python code answers for what pointers point to.
    unsafe { std::ptr::copy(from.start.cast_const(), to.start, count) };
    Ok(())
}

/// What memory is copied from or to.
struct Side {
    start: *mut u8,
    /// None where nobody knows.
    size: Option<usize>,
    _view: Option<View>,
}

impl Side {
    fn of(value: &Bound<'_, PyAny>, writable: bool) -> PyResult<Side> {
        let object = value.as_ptr();
        if let Some(cdata) = CData::of(value.py(), &object) {
            let start = cdata
                .object(value.py())
                .moved(types())
                .map_err(crate::errors::of)?;
            return Ok(Side {
                start,
                size: None,
                _view: None,
            });
        }
        let view = View::of(value, writable)?;
        let (start, size) = (view.0.buf.cast(), Some(view.0.len as usize));
        Ok(Side {
            start,
            size,
            _view: Some(view),
        })
    }
}

/// `ffi.gc`.
pub(super) fn gc(cdata: &Bound<'_, PyAny>, destructor: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = cdata.py();
    let object = cdata.as_ptr();
    let memory =
        CData::of(py, &object).ok_or_else(|| PyTypeError::new_err(not_a("CData", "gc", cdata)))?;
    if destructor.is_none() {
        return match cdata::disarm(py, memory) {
            true => Ok(py.None()),
            false => Err(PyTypeError::new_err(
                "Can remove destructor only on a object previously returned by ffi.gc()",
            )),
        };
    }
    let keeping = Keeping::Destructor {
        origin: cdata.clone().into_ptr(),
        destructor: destructor.clone().into_ptr(),
        allocated: false,
    };
    let made = cdata::keep(
        py,
        memory.ctype_object(),
        memory.data,
        memory.length,
        keeping,
    )?;
    Ok(owned(py, made))
}

/// `ffi.from_handle`.
pub(super) fn from_handle(handle: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = handle.py();
    let object = handle.as_ptr();
    let cdata =
        CData::of(py, &object).ok_or_else(|| PyTypeError::new_err("expected a 'cdata' object"))?;
    let target = cdata.ctype().item(py).map(|item| item.get().shape.form);
    if !cdata.ctype().is_pointer() || !matches!(target, Some(Form::Void | Form::Char)) {
        let text = format!(
            "expected a 'cdata' object with a 'void *' out of new_handle(), got '{}'",
            cdata.ctype().name()
        );
        return Err(PyTypeError::new_err(text));
    }
    if cdata.data.is_null() {
        return Err(PyRuntimeError::new_err(
            "cannot use from_handle() on NULL pointer",
        ));
    }
    match cdata::handle_at(py, cdata.data) {
        Some(&object) => Ok(crate::slot::borrowed(py, &object).clone().unbind()),
        None => Err(PyRuntimeError::new_err(
            "ffi.from_handle(): dead or bogus handle (are you sure you kept the handle alive?)",
        )),
    }
}
