//! What the fused stub of a function type does.

use farcall::convert;
use farcall::jit::{HostEntry, Maker, Reader, Recipe, Signature};
use farcall::shape::{Form, Shape, Width};
use pyo3::prelude::*;

use super::{Fused, builtin, host, variadic};
use crate::call::{self, Plan};
use crate::ctype::CType;
use crate::state::{root, types};

/// As what functions are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Style {
    /// As cdata: the lock is released.
    Cdata,
    /// As a builtin, which keeps the lock.
    Builtin,
}

/// The stub for functions of a type, if there can be one.
pub(super) fn compile(py: Python<'_>, plan: &Plan, style: Style) -> Option<Fused> {
    let signature = plan.caller().stub()?.signature();
    let params: Vec<&CType> = plan
        .params()
        .iter()
        .map(|param| param.bind(py).get())
        .collect();
    let readers: Option<Box<[Reader]>> = params.iter().copied().map(reader).collect();
    let entry = match (style, params.len()) {
        (Style::Cdata, _) => HostEntry::ArrayAndNames,
        (Style::Builtin, 1) => HostEntry::Single,
        (Style::Builtin, _) => HostEntry::Array,
    };
    fuse(py, signature, plan, readers?, &params, (style, entry))
}

/// The stub for calls of functions of a variadic type with such arguments where `...` stands.
pub(super) fn compile_variadic(
    py: Python<'_>,
    function: &CType,
    plan: &Plan,
    variable: &[&CType],
    style: Style,
) -> Option<Fused> {
    let Form::FunctionPointer(id) = function.shape.form else {
        return None;
    };
    let promoted: Vec<_> = variable
        .iter()
        .map(|ctype| convert::promoted(types(), ctype.id))
        .collect();
    let lowering = root().lowering();
    let signature = lowering
        .signature("", types().function(id), &promoted)
        .ok()?;
    let declared = plan.params().iter().map(|param| param.bind(py).get());
    let params: Vec<&CType> = declared.clone().chain(variable.iter().copied()).collect();
    let variable = variable.iter().copied().map(variadic::reader);
    let readers: Option<Box<[Reader]>> = declared.map(reader).chain(variable).collect();
    let entry = match style {
        Style::Cdata => HostEntry::ArrayAndNames,
        Style::Builtin => HostEntry::Array,
    };
    fuse(py, &signature, plan, readers?, &params, (style, entry))
}

fn fuse(
    py: Python<'_>,
    signature: &Signature,
    plan: &Plan,
    readers: Box<[Reader]>,
    params: &[&CType],
    (style, entry): (Style, HostEntry),
) -> Option<Fused> {
    // A table of more types than there are classes for.
    if params.iter().any(|param| param.class == 0) {
        return None;
    }
    let slow = match entry {
        HostEntry::ArrayAndNames => call::entry as *const (),
        HostEntry::Array => builtin::slow_array as *const (),
        HostEntry::Single => builtin::slow_single as *const (),
    };
    let recipe = Recipe {
        host: host::host(py, style)?,
        entry,
        slow: slow as usize,
        releases_lock: style == Style::Cdata,
        readers,
        maker: maker(&plan.result().bind(py).get().shape),
    };
    let stub = root().engine().fused_stub(signature, &recipe).ok()?;
    let classes = params.iter().map(|param| param.class).collect();
    Some(Fused { stub, classes })
}

/// How arguments of a type are read, if they are read in place.
fn reader(param: &CType) -> Option<Reader> {
    Some(match param.shape.form {
        Form::Bool => Reader::Bool,
        Form::Integer(width) if !matches!(width, Width::I128 | Width::U128) => Reader::Number,
        Form::Float | Form::Double => Reader::Number,
        Form::Char => Reader::Char,
        Form::Pointer(target) => {
            let target = Shape::of(types(), target).form;
            let any = target == Form::Void;
            let byte = matches!(target, Form::Char | Form::Integer(Width::I8 | Width::U8));
            Reader::Pointer {
                bytes: any || byte,
                any,
            }
        }
        Form::FunctionPointer(_) => Reader::Pointer {
            bytes: false,
            any: false,
        },
        Form::Record(_) => Reader::Record,
        _ => return None,
    })
}

fn maker(result: &Shape) -> Maker {
    match result.form {
        Form::Void => Maker::Nothing,
        Form::Bool => Maker::Bool,
        Form::Integer(width) if !matches!(width, Width::I128 | Width::U128) => Maker::Number,
        Form::Float | Form::Double => Maker::Number,
        Form::Char => Maker::Char,
        Form::Pointer(_) | Form::FunctionPointer(_) => Maker::Pointer,
        _ => Maker::Memory,
    }
}
