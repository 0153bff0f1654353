//! What Python sees of a C type.

use farcall::ctype::{CType as Node, RecordKind};
use farcall::shape::Form;
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::CType;
use crate::state::types;

/// A member of a structure or union.
#[pyclass(frozen, module = "farcall", get_all)]
pub(crate) struct CField {
    /// Its type.
    r#type: Py<CType>,
    /// Offset in bytes.
    offset: u64,
    /// The lowest bit of a bit-field, else -1.
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

fn missing<T>(name: &'static str) -> PyResult<T> {
    Err(PyAttributeError::new_err(name))
}

#[pymethods]
impl CType {
    /// What kind of type it is: "primitive", "enum", "pointer", "array", "void", "struct", "union" or "function".
    #[getter]
    fn kind(&self) -> &'static str {
        match self.shape.form {
            Form::Void => "void",
            Form::Pointer(_) => "pointer",
            Form::FunctionPointer(_) | Form::Function(_) => "function",
            Form::Array { .. } => "array",
            Form::Record(id) => match types().record(id).kind {
                RecordKind::Struct => "struct",
                RecordKind::Union => "union",
            },
            Form::OpaqueEnum(_) => "enum",
            Form::Vector { .. } => "vector",
            _ if self.shape.enumeration(types()).is_some() => "enum",
            _ => "primitive",
        }
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
            None => missing("item"),
        }
    }

    /// The number of items of an array, or None.
    #[getter]
    fn length(&self) -> PyResult<Option<u64>> {
        match self.shape.form {
            Form::Array { length, .. } => Ok(length),
            _ => missing("length"),
        }
    }

    /// The members of a structure or union: names and descriptions; None if they are not known.
    #[getter(fields)]
    fn fields_attribute<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        let Form::Record(id) = self.shape.form else {
            return missing("fields");
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
                bitshift: bits.map_or(-1, |bits| bits.shift.into()),
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
            return missing("args");
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
            _ => missing("result"),
        }
    }

    /// Whether a function takes variable arguments.
    #[getter]
    fn ellipsis(&self) -> PyResult<bool> {
        match self.shape.form {
            Form::FunctionPointer(id) => Ok(types().function(id).variadic),
            _ => missing("ellipsis"),
        }
    }

    /// The calling convention of a function, as a number: 2 is the default.
    #[getter]
    fn abi(&self) -> PyResult<i32> {
        use farcall::ctype::Convention;
        match self.shape.form {
            Form::FunctionPointer(id) => Ok(match types().function(id).convention {
                Convention::Default => 2,
                Convention::Stdcall => 3,
                Convention::Thiscall => 4,
                Convention::Fastcall => 5,
                _ => 1,
            }),
            _ => missing("abi"),
        }
    }

    /// The constants of an enumeration: names by value.
    #[getter]
    fn elements<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let elements = PyDict::new(py);
        for (name, value) in self.enumerators("elements")? {
            if !elements.contains(value)? {
                elements.set_item(value, name)?;
            }
        }
        Ok(elements)
    }

    /// The constants of an enumeration: values by name.
    #[getter]
    fn relements<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let elements = PyDict::new(py);
        for (name, value) in self.enumerators("relements")? {
            elements.set_item(name, value)?;
        }
        Ok(elements)
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

impl CType {
    fn enumerators(&self, attribute: &'static str) -> PyResult<Vec<(&'static str, i128)>> {
        let types = types();
        let Node::Enum(id) = types.get(self.id) else {
            return missing(attribute);
        };
        let body = types.enumeration(id).body();
        let constants = body.iter().flat_map(|body| body.enumerators.iter());
        Ok(constants
            .map(|constant| (&*constant.name, constant.value))
            .collect())
    }
}
