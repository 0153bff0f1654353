//! What Python sees of a C type.

#![allow(unsafe_code)] // The collector takes members away.

use farcall::object::{Kind, elements};
use farcall::shape::Form;
use pyo3::exceptions::PyAttributeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::CType;
use crate::errors::of as error;
use crate::state::types;

/// A member of a structure or union.
#[pyclass(frozen, module = "farcall", get_all)]
pub(crate) struct CField {
    /// Its type.
    r#type: Py<CType>,
    /// Offset in bytes.
    offset: u64,
    /// The lowest bit of a bit-field; -2 for an array without a length, else -1.
    bitshift: i64,
    /// The number of bits of a bit-field, else -1.
    bitsize: i64,
    /// 1 for a member of an anonymous one, which initialisers by position leave out, else 0.
    flags: i64,
}

/// The attributes that a type may have, in order.
const ATTRIBUTES: [&str; 11] = [
    "kind",
    "cname",
    "item",
    "length",
    "fields",
    "args",
    "result",
    "ellipsis",
    "abi",
    "elements",
    "relements",
];

fn missing(name: &'static str) -> PyErr {
    PyAttributeError::new_err(name)
}

#[pymethods]
impl CType {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.visit(&visit)
    }

    /// Every cycle of types goes through a structure's members.
    fn __clear__(&self) {
        // SAFETY: the collector holds the interpreter's lock. The type may have been handed out again since it was found to
        // be garbage (see `intern`); it then finds its members out once more.
        unsafe { self.fields.clear() };
    }

    /// What kind of type it is: "primitive", "enum", "pointer", "array", "void", "struct", "union" or "function".
    #[getter]
    fn kind(&self) -> &'static str {
        Kind::of(types(), &self.shape).name()
    }

    /// The type's name in C.
    #[getter]
    fn cname(&self) -> String {
        match self.shape.form {
            // cffi's names for what older compilers have no keyword for.
            Form::FloatComplex => "_cffi_float_complex_t".into(),
            Form::DoubleComplex => "_cffi_double_complex_t".into(),
            _ => self.name(),
        }
    }

    /// What a pointer points to, or an array consists of.
    #[getter(item)]
    fn item_attribute(&self, py: Python<'_>) -> PyResult<Py<CType>> {
        match self.item(py) {
            Some(item) => Ok(item.clone().unbind()),
            None => Err(missing("item")),
        }
    }

    /// The number of items of an array, or None.
    #[getter]
    fn length(&self) -> PyResult<Option<u64>> {
        match self.shape.form {
            Form::Array { length, .. } => Ok(length),
            _ => Err(missing("length")),
        }
    }

    /// The members of a structure or union: names and descriptions; None if they are not known.
    #[getter(fields)]
    fn fields_attribute<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        let Form::Record(id) = self.shape.form else {
            return Err(missing("fields"));
        };
        let Some(slots) = types().slots(id) else {
            return Ok(None);
        };
        let list = PyList::empty(py);
        for slot in slots.iter() {
            let bits = slot.member.bits;
            let description = CField {
                r#type: super::of(py, slot.shape.ty)?.unbind(),
                offset: slot.member.offset,
                bitshift: match bits {
                    Some(bits) => bits.shift.into(),
                    // cffi's mark of an array without a length at the end.
                    None if slot.is_flexible() => -2,
                    None => -1,
                },
                bitsize: bits.map_or(-1, |bits| bits.width.into()),
                flags: (!slot.positional).into(),
            };
            list.append((&*slot.name, Bound::new(py, description)?))?;
        }
        Ok(Some(list))
    }

    /// The types of a function's parameters.
    #[getter]
    fn args<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let Form::FunctionPointer(id) = self.shape.form else {
            return Err(missing("args"));
        };
        let params = types().function(id).params.iter();
        let params = params.map(|&param| super::of(py, param));
        PyTuple::new(py, params.collect::<PyResult<Vec<_>>>()?)
    }

    /// The type of a function's result.
    #[getter]
    fn result(&self, py: Python<'_>) -> PyResult<Py<CType>> {
        match self.shape.form {
            Form::FunctionPointer(id) => Ok(super::of(py, types().function(id).result)?.unbind()),
            _ => Err(missing("result")),
        }
    }

    /// Whether a function takes variable arguments.
    #[getter]
    fn ellipsis(&self) -> PyResult<bool> {
        match self.shape.form {
            Form::FunctionPointer(id) => Ok(types().function(id).variadic),
            _ => Err(missing("ellipsis")),
        }
    }

    /// The calling convention of a function, as cffi numbers them.
    #[getter]
    fn abi(&self) -> PyResult<u32> {
        self.shape.abi(types()).map_err(error)
    }

    /// The constants of an enumeration: names by value.
    #[getter(elements)]
    fn elements_attribute<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let names = PyDict::new(py);
        // In cffi's order; of several names the first counts.
        for constant in elements(types(), &self.shape).map_err(error)?.iter().rev() {
            names.set_item(constant.value, &*constant.name)?;
        }
        Ok(names)
    }

    /// The constants of an enumeration: values by name.
    #[getter]
    fn relements<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let values = PyDict::new(py);
        for constant in elements(types(), &self.shape)
            .map_err(|_| missing("relements"))?
            .iter()
            .rev()
        {
            values.set_item(&*constant.name, constant.value)?;
        }
        Ok(values)
    }

    fn __repr__(&self) -> String {
        format!("<ctype '{}'>", self.name())
    }

    fn __dir__(slf: &Bound<'_, Self>) -> PyResult<Vec<&'static str>> {
        let mut names = Vec::new();
        for name in ATTRIBUTES {
            if slf.hasattr(name)? {
                names.push(name);
            }
        }
        Ok(names)
    }
}
