//! Variadic functions: each list of argument types has a stub of its own. A function is entered by the stub of the list that
//! it was called with several times in a row.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use farcall::ctype::TypeId;
use farcall::jit::{Float, Int, Reader};
use farcall::shape::{Form, Width};
use pyo3::prelude::*;
use smallvec::SmallVec;

use super::recipe::{self, Style};
use super::{Fused, PATIENCE};
use crate::call::Plan;
use crate::cdata::{CData, kinds};
use crate::ctype::{self, CType};
use crate::slot::Object;

/// Lists that stubs are compiled for, of one function type.
const MOST: usize = 64;

/// Types of the arguments where `...` stands.
type Types = SmallVec<[TypeId; 8]>;

/// What a variadic function type knows of its stubs.
#[derive(Default)]
pub(super) struct Variadic {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: (Types, Option<Style>),
    /// How often it came in a row.
    count: u32,
    known: HashMap<(Types, Style), Option<Box<Fused>>>,
}

impl Variadic {
    /// The stub for calls with such arguments, if it is time to use it. `use_stub` is told of it.
    pub(super) fn count(
        &self,
        py: Python<'_>,
        function: &CData,
        plan: &Plan,
        arguments: &[Object],
        style: Style,
        use_stub: impl FnOnce(&Fused),
    ) {
        let Some(types) = variable_types(py, plan, arguments) else {
            return;
        };
        let mut state = self.state();
        if (&state.last.0, state.last.1) != (&types, Some(style)) {
            state.last = (types, Some(style));
            state.count = 0;
            return;
        }
        state.count += 1;
        if state.count < PATIENCE {
            return;
        }
        state.count = 0;
        let (key, is_full) = ((types, style), state.known.len() >= MOST);
        if !state.known.contains_key(&key) {
            drop(state);
            if is_full {
                return;
            }
            // Objects are made for it, so that other threads may run, who wait for the lock of the state with the interpreter's.
            let made = compile(py, function.ctype(), plan, &key.0, style).map(Box::new);
            state = self.state();
            // What another thread has put there meanwhile may be in use, and stays.
            state.known.entry(key.clone()).or_insert(made);
        }
        if let Some(Some(fused)) = state.known.get(&key) {
            use_stub(fused);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The types of what stands for `...`, if all of it is cdata itself.
fn variable_types(py: Python<'_>, plan: &Plan, arguments: &[Object]) -> Option<Types> {
    let kinds = kinds(py);
    let variable = arguments.get(plan.params().len()..)?.iter();
    let types = variable.map(|argument| {
        let cdata = CData::of(py, argument)?;
        kinds
            .is_cdata(cdata.head_type())
            .then_some(cdata.ctype().id)
    });
    types.collect()
}

fn compile(
    py: Python<'_>,
    function: &CType,
    plan: &Plan,
    variable: &[TypeId],
    style: Style,
) -> Option<Fused> {
    let variable: Option<Vec<Bound<'_, CType>>> =
        variable.iter().map(|&ty| ctype::of(py, ty).ok()).collect();
    let variable: Vec<&CType> = variable.as_ref()?.iter().map(Bound::get).collect();
    recipe::compile_variadic(py, function, plan, &variable, style)
}

/// How an argument of a type is read where `...` stands.
pub(super) fn reader(argument: &CType) -> Option<Reader> {
    Some(match argument.shape.form {
        Form::Bool => Reader::StoredInt(Int::U8),
        Form::Integer(width) => Reader::StoredInt(int(width)?),
        Form::Float => Reader::StoredFloat(Float::F32),
        Form::Double => Reader::StoredFloat(Float::F64),
        Form::Pointer(_) | Form::FunctionPointer(_) | Form::Array { .. } => Reader::Pointer {
            bytes: false,
            any: false,
        },
        Form::Record(_) => Reader::Record,
        _ => return None,
    })
}

fn int(width: Width) -> Option<Int> {
    Some(match width {
        Width::I8 => Int::I8,
        Width::U8 => Int::U8,
        Width::I16 => Int::I16,
        Width::U16 => Int::U16,
        Width::I32 => Int::I32,
        Width::U32 => Int::U32,
        Width::I64 => Int::I64,
        Width::U64 => Int::U64,
        Width::I128 | Width::U128 => return None,
    })
}
