//! Sizes, offsets and addresses.

use farcall::object::{self, Step};
use pyo3::exceptions::{PyAttributeError, PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::{Ffi, Role, object_of, owned};
use crate::cdata::{self, CData};
use crate::ctype;
use crate::errors::{FFIError, of as error};
use crate::library;
use crate::state::types;

/// `ffi.sizeof`.
pub(super) fn size_of(ffi: &Ffi, cdecl: &Bound<'_, PyAny>) -> PyResult<u64> {
    let py = cdecl.py();
    let cdata = cdecl.as_ptr();
    if let Some(cdata) = CData::of(py, &cdata) {
        return cdata.object(py).size_of(types()).map_err(error);
    }
    let ctype = ffi.ctype(cdecl, Role::Size)?;
    match ctype.get().size() {
        Some(size) => Ok(size as u64),
        None => {
            let text = format!("ctype '{}' is of unknown size", ctype.get().name());
            Err(match ffi.inline {
                true => PyValueError::new_err(text),
                false => FFIError::new_err(text),
            })
        }
    }
}

/// `ffi.alignof`.
pub(super) fn align_of(ffi: &Ffi, cdecl: &Bound<'_, PyAny>) -> PyResult<u64> {
    let ctype = match ffi.inline {
        true => ffi.ctype(cdecl, Role::Alignment)?,
        false => ffi.ctype_or_cdata(cdecl)?,
    };
    ctype.get().shape.align(types()).map_err(error)
}

/// A way inwards, from Python's names and numbers.
enum Hop<'py> {
    Member(Bound<'py, PyString>),
    Item(i64),
}

fn hops<'py>(path: impl Iterator<Item = Bound<'py, PyAny>>) -> PyResult<Vec<Hop<'py>>> {
    path.map(|step| match step.cast_into::<PyString>() {
        Ok(name) => Ok(Hop::Member(name)),
        Err(other) => match cdata::exact_index(other.into_inner().as_borrowed()) {
            Ok(index) => Ok(Hop::Item(index as i64)),
            Err(_) => Err(PyTypeError::new_err("field name or array index expected")),
        },
    })
    .collect()
}

fn steps<'a>(hops: &'a [Hop<'_>]) -> PyResult<Vec<Step<'a>>> {
    hops.iter()
        .map(|hop| match hop {
            Hop::Member(name) => match name.to_str() {
                Ok(name) => Ok(Step::Member(name)),
                Err(_) => Err(PyKeyError::new_err(name.clone().unbind())),
            },
            Hop::Item(index) => Ok(Step::Item(*index)),
        })
        .collect()
}

/// `ffi.offsetof`.
pub(super) fn offset_of(
    ffi: &Ffi,
    cdecl: &Bound<'_, PyAny>,
    first: &Bound<'_, PyAny>,
    rest: &Bound<'_, PyTuple>,
) -> PyResult<i64> {
    let ctype = ffi.ctype(cdecl, Role::Argument("typeoffsetof"))?;
    let hops = hops(std::iter::once(first.clone()).chain(rest.iter()))?;
    let (_, offset) = object::offset_of(types(), ctype.get().id, &steps(&hops)?).map_err(error)?;
    Ok(offset)
}

/// `ffi.addressof`.
pub(super) fn address_of(of: &Bound<'_, PyAny>, path: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
    let py = of.py();
    if let Some(library) = library::of(py, of) {
        if path.len() != 1 {
            let text = "addressof(lib, name) takes the name of a function or a variable";
            return Err(PyTypeError::new_err(text));
        }
        let name = path.get_item(0)?.str()?;
        let Ok(text) = name.to_str() else {
            return Err(PyAttributeError::new_err(name.unbind()));
        };
        return Ok(owned(py, library.address_of(py, text)?));
    }
    let object = object_of(of, "expected a 'cdata' object")?;
    let hops = hops(path.iter())?;
    let (pointer, address) = object::address_of(types(), &object, &steps(&hops)?).map_err(error)?;
    Ok(owned(
        py,
        cdata::reference(py, &ctype::of(py, pointer.ty)?, address, -1)?,
    ))
}
