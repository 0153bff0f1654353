//! `repr(cdata)`.

#![allow(unsafe_code)] // Slots, and C memory behind cdata.

use farcall::shape::Form;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::{CData, Kept, Keeping};
use crate::convert;
use crate::slot::{Object, slot};
use crate::state::types;

pub(super) unsafe extern "C" fn plain_repr(object: Object) -> Object {
    // SAFETY: a slot of cdata.
    unsafe { slot(|py| Ok(text(py, plain(py, &*object.cast::<CData>())?))) }
}

pub(super) unsafe extern "C" fn owner_repr(object: Object) -> Object {
    // SAFETY: a slot of cdata.
    unsafe { slot(|py| Ok(text(py, owning(py, &*object.cast::<CData>())))) }
}

pub(super) unsafe extern "C" fn kept_repr(object: Object) -> Object {
    // SAFETY: a slot of cdata that keeps something.
    unsafe {
        slot(|py| {
            let kept = &*object.cast::<Kept>();
            Ok(text(py, kept_text(py, kept)?))
        })
    }
}

/// As Python's `repr` shows it.
pub(crate) fn repr(py: Python<'_>, cdata: &CData) -> PyResult<String> {
    let object = cdata.as_object();
    Ok(crate::slot::borrowed(py, &object).repr()?.to_string_lossy().into_owned())
}

fn text(py: Python<'_>, text: String) -> Object {
    PyString::new(py, &text).into_ptr()
}

fn plain(py: Python<'_>, cdata: &CData) -> PyResult<String> {
    let ctype = cdata.ctype();
    let value = match ctype.shape.form {
        _ if ctype.shape.enumeration(types()).is_some() => enumerator(py, cdata, true)?,
        _ if ctype.shape.is_number() => number(py, cdata)?,
        Form::Array { length: None, .. } => format!("sliced length {}", cdata.array_length()),
        _ if cdata.data.is_null() => "NULL".into(),
        _ => format!("{:p}", cdata.data),
    };
    let reference = if ctype.is_record() { " &" } else { "" };
    Ok(format!("<cdata '{}{reference}' {value}>", ctype.name()))
}

fn number(py: Python<'_>, cdata: &CData) -> PyResult<String> {
    if cdata.ctype().shape.stays_cdata() {
        return Ok(super::number::show_wide(py, cdata));
    }
    // SAFETY: cdata of a number has its bytes.
    let value = unsafe { Bound::from_owned_ptr(py, convert::load(py, cdata.ctype_object(), cdata.data)?) };
    Ok(value.repr()?.to_string_lossy().into_owned())
}

/// The constant of an enumeration by its name, or by its number where it has none.
pub(crate) fn enumerator(py: Python<'_>, cdata: &CData, with_number: bool) -> PyResult<String> {
    // SAFETY: cdata of a number has its bytes.
    let value = unsafe { Bound::from_owned_ptr(py, convert::load(py, cdata.ctype_object(), cdata.data)?) };
    let number: i128 = value.extract()?;
    let body = cdata.ctype().shape.enumeration(types());
    let body = body.and_then(|id| types().enumeration(id).body());
    Ok(match body.and_then(|body| body.name_of(number)) {
        Some(name) if with_number => format!("{number}: {name}"),
        Some(name) => name.to_owned(),
        None => number.to_string(),
    })
}

fn owning(py: Python<'_>, cdata: &CData) -> String {
    let ctype = cdata.ctype();
    let bytes = super::kept::owned_size(py, cdata).or_else(|| match ctype.shape.form {
        Form::Pointer(_) => ctype.item(py)?.get().size(),
        Form::Array { .. } => {
            let item = ctype.item(py)?.get().size()?;
            Some(item * cdata.array_length() as usize)
        }
        _ => ctype.size(),
    });
    format!("<cdata '{}' owning {} bytes>", ctype.name(), bytes.unwrap_or(0))
}

fn kept_text(py: Python<'_>, kept: &Kept) -> PyResult<String> {
    let ctype = kept.cdata().ctype();
    let name = ctype.name();
    let show = |object: &Object| -> PyResult<String> {
        Ok(crate::slot::borrowed(py, object).repr()?.to_string_lossy().into_owned())
    };
    match kept.keeping() {
        Some(Keeping::Handle(object)) => Ok(format!("<cdata '{name}' handle to {}>", show(object)?)),
        Some(Keeping::Callback(callback)) => {
            let function = callback.function();
            Ok(format!("<cdata '{name}' calling {}>", show(&function)?))
        }
        Some(Keeping::Owner(_)) => Ok(owning(py, kept.cdata())),
        Some(Keeping::Buffer(view)) => {
            if view.obj.is_null() {
                return Ok(format!("<cdata '{name}' buffer RELEASED>"));
            }
            let from = crate::host::type_name(crate::slot::borrowed(py, &view.obj));
            let length = match ctype.is_array() {
                true => format!(" len {}", kept.cdata().array_length()),
                false => String::new(),
            };
            Ok(format!("<cdata '{name}' buffer{length} from '{from}' object>"))
        }
        Some(Keeping::Destructor { .. }) | None => plain(py, kept.cdata()),
    }
}
