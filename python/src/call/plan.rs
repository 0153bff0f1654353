//! What all functions of a type share.

#![allow(unsafe_code)] // Type names of objects are the interpreter's.

use std::sync::Arc;

use farcall::ctype::{FunctionId, FunctionType, Primitive, TypeId};
use farcall::jit::CallStub;
use farcall::shape::{Form, Width};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::not_callable;
use crate::cdata::CData;
use crate::ctype::{self, CType};
use crate::slot::{Object, borrowed};
use crate::state::{root, types};

/// How functions of a type are called: the same for all of them.
pub(crate) struct Plan {
    function: FunctionId,
    params: Box<[Py<CType>]>,
    result: Py<CType>,
    /// None for a variadic function: each call of one may have a signature of its own.
    stub: Option<Arc<CallStub>>,
}

impl Plan {
    /// `ty` is a pointer to a function.
    pub(crate) fn of(py: Python<'_>, ctype: &CType) -> PyResult<Plan> {
        let Form::FunctionPointer(function) = ctype.shape.form else {
            let text = format!("expected a function ctype, got '{}'", ctype.name());
            return Err(PyTypeError::new_err(text));
        };
        let declared = types().function(function);
        let params = declared.params.iter();
        let params = params.map(|&param| Ok(ctype::of(py, param)?.unbind()));
        let mut plan = Plan {
            function,
            params: params.collect::<PyResult<_>>()?,
            result: ctype::of(py, declared.result)?.unbind(),
            stub: None,
        };
        if !declared.variadic {
            plan.stub = Some(plan.stub_for(ctype, &[])?);
        }
        Ok(plan)
    }

    pub(crate) fn params(&self) -> &[Py<CType>] {
        &self.params
    }

    pub(crate) fn result(&self) -> &Py<CType> {
        &self.result
    }

    /// The stub; none for a variadic function.
    pub(crate) fn stub(&self) -> Option<&CallStub> {
        self.stub.as_deref()
    }

    fn function_type(&self) -> &'static FunctionType {
        types().function(self.function)
    }

    fn stub_for(&self, ctype: &CType, variable: &[TypeId]) -> PyResult<Arc<CallStub>> {
        let name = ctype.name();
        let signature = root().lowering().signature(&name, self.function_type(), variable);
        let signature = signature.map_err(not_callable)?;
        let stub = root().engine().call_stub(&signature);
        let wrapped = |error| farcall::Error::Engine { function: name, error };
        stub.map_err(|error| not_callable(wrapped(error)))
    }

    /// The stub for a call with variable arguments of these types.
    pub(super) fn variadic_stub(
        &self,
        ctype: &CType,
        variable: &[Bound<'_, CType>],
    ) -> PyResult<Arc<CallStub>> {
        let variable: Vec<TypeId> = variable.iter().map(|ctype| ctype.get().id).collect();
        self.stub_for(ctype, &variable)
    }

    /// The types of variable arguments, after the default promotions.
    pub(super) fn variable<'py>(
        &self,
        py: Python<'py>,
        ctype: &CType,
        arguments: &[Object],
    ) -> PyResult<Vec<Bound<'py, CType>>> {
        let fixed = self.params.len();
        if arguments.len() < fixed {
            return Err(self.wrong_count(ctype, arguments.len()));
        }
        let typed = arguments[fixed..].iter().enumerate().map(|(index, argument)| {
            let Some(cdata) = CData::of(py, argument) else {
                let index = fixed + index + 1;
                let found = crate::host::type_name(borrowed(py, argument));
                return Err(PyTypeError::new_err(format!(
                    "argument {index} passed in the variadic part needs to be a cdata object (got {found})"
                )));
            };
            ctype::of(py, promoted(cdata.ctype()))
        });
        typed.collect()
    }

    pub(super) fn wrong_count(&self, ctype: &CType, found: usize) -> PyErr {
        let least = if self.function_type().variadic { "at least " } else { "" };
        let (name, expected) = (ctype.name(), self.params.len());
        PyTypeError::new_err(format!("'{name}' expects {least}{expected} arguments, got {found}"))
    }
}

/// The type that C gives an argument of `...` (C11 6.5.2.2 §6).
fn promoted(ctype: &CType) -> TypeId {
    let types = types();
    match ctype.shape.form {
        Form::Bool
        | Form::Char
        | Form::Char16
        | Form::Integer(Width::I8 | Width::U8 | Width::I16 | Width::U16) => {
            types.primitive(Primitive::Int)
        }
        Form::Float => types.primitive(Primitive::Double),
        Form::Array { item, .. } => types.pointer(item),
        _ => ctype.id,
    }
}
