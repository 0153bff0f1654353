//! What the fused stub of a function type does.

use farcall::jit::{HostEntry, Int, Maker, Reader, Recipe};
use farcall::shape::{Form, Shape, Width};
use pyo3::prelude::*;

use super::{Fused, builtin, host};
use crate::call::{self, Plan};
use crate::ctype::CType;
use crate::state::{root, types};

/// As what functions are called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As cdata: the lock is released.
    Cdata,
    /// As a builtin, which keeps the lock.
    Builtin,
}

/// The stub for functions of a type, if there can be one.
pub(super) fn compile(py: Python<'_>, plan: &Plan, style: Style) -> Option<Fused> {
    let signature = plan.caller().stub()?.signature();
    let params = plan.params().iter().map(|param| param.bind(py).get());
    let readers: Option<Box<[Reader]>> = params.clone().map(reader).collect();
    let (entry, slow) = match (style, plan.params().len()) {
        (Style::Cdata, _) => (HostEntry::ArrayAndNames, call::entry as *const () as usize),
        (Style::Builtin, 0) => (HostEntry::Empty, builtin::slow_empty as *const () as usize),
        (Style::Builtin, 1) => (
            HostEntry::Single,
            builtin::slow_single as *const () as usize,
        ),
        (Style::Builtin, _) => (HostEntry::Array, builtin::slow_array as *const () as usize),
    };
    let recipe = Recipe {
        host: host::host(py)?,
        entry,
        slow,
        releases_lock: style == Style::Cdata,
        readers: readers?,
        maker: maker(&plan.result().bind(py).get().shape),
    };
    let stub = root().engine().fused_stub(signature, &recipe).ok()?;
    let classes = params.map(|param| param.class).collect();
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

const _: () = assert!(Int::POINTER.size() == size_of::<usize>() as u64);
