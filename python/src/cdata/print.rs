//! `repr(cdata)`.

#![allow(unsafe_code)] // Slots, and C memory behind cdata.

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::{CData, Keeping, Kept};
use crate::host::PyHost;
use crate::slot::{Object, slot};

pub(super) unsafe extern "C" fn plain_repr(object: Object) -> Object {
    // SAFETY: a slot of cdata.
    unsafe { slot(|py| Ok(text(py, plain(py, &*object.cast::<CData>())?))) }
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

fn text(py: Python<'_>, text: String) -> Object {
    PyString::new(py, &text).into_ptr()
}

fn plain(py: Python<'_>, cdata: &CData) -> PyResult<String> {
    // SAFETY: cdata of a number has its bytes.
    Ok(unsafe { farcall::object::repr(&PyHost { py }, &cdata.object(py)) }?)
}

fn kept_text(py: Python<'_>, kept: &Kept) -> PyResult<String> {
    let ctype = kept.cdata().ctype();
    let name = ctype.name();
    let show = |object: &Object| -> PyResult<String> {
        Ok(crate::slot::borrowed(py, object)
            .repr()?
            .to_string_lossy()
            .into_owned())
    };
    match kept.keeping() {
        Some(Keeping::Handle(object)) => {
            Ok(format!("<cdata '{name}' handle to {}>", show(object)?))
        }
        Some(Keeping::Callback(callback)) => {
            let function = callback.function();
            Ok(format!("<cdata '{name}' calling {}>", show(&function)?))
        }
        Some(Keeping::Buffer(view)) => {
            if view.obj.is_null() {
                return Ok(format!("<cdata '{name}' buffer RELEASED>"));
            }
            let from = crate::host::type_name(crate::slot::borrowed(py, &view.obj));
            let length = match ctype.is_array() {
                true => format!(" len {}", kept.cdata().array_length()),
                false => String::new(),
            };
            Ok(format!(
                "<cdata '{name}' buffer{length} from '{from}' object>"
            ))
        }
        Some(Keeping::Owner(_) | Keeping::Holder(_) | Keeping::Destructor { .. }) | None => {
            plain(py, kept.cdata())
        }
    }
}
