//! Declarations for tests: parsed, refused, and what they come to.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::sync::Arc;

use farcall::cdef::{CdefErrorKind, CdefOptions, Constant, Declaration, Declarations, Value};
use farcall::ctype::TypeTable;
use farcall::layout::{DataModel, layout_of};

pub(crate) fn on(model: DataModel) -> Declarations {
    Declarations::new(Arc::new(TypeTable::new(model)))
}

pub(crate) fn parsed(text: &str) -> Declarations {
    parsed_on(DataModel::X86_64_LINUX, text)
}

pub(crate) fn parsed_on(model: DataModel, text: &str) -> Declarations {
    let mut declarations = on(model);
    declarations
        .parse(text, &CdefOptions::default())
        .unwrap_or_else(|errors| panic!("{text}\n{errors}"));
    declarations
}

pub(crate) fn failed(text: &str) -> Vec<(u32, u32, CdefErrorKind)> {
    let mut declarations = on(DataModel::X86_64_LINUX);
    let errors = declarations
        .parse(text, &CdefOptions::default())
        .expect_err(text);
    assert_eq!(
        (declarations.iter().count(), declarations.tags().count()),
        (0, 0),
        "{text}"
    );
    errors
        .errors()
        .iter()
        .map(|error| (error.line, error.column, error.kind.clone()))
        .collect()
}

pub(crate) fn spelled(declarations: &Declarations, name: &str) -> String {
    let types = declarations.types();
    match declarations
        .get(name)
        .unwrap_or_else(|| panic!("{name} is declared"))
    {
        Declaration::Function(function) => types.spelling_with(function.ty, name),
        Declaration::Variable(variable) => types.spelling_with(variable.ty, name),
        Declaration::Typedef(typedef) => types.spelling(typedef.ty),
        other => format!("{other:?}"),
    }
}

pub(crate) fn integer(declarations: &Declarations, name: &str) -> i128 {
    match declarations.constant(name) {
        Some(Constant {
            value: Value::Integer(value),
            ..
        }) => *value,
        other => panic!("{name}: {other:?}"),
    }
}

/// What `sizeof` of a declared name's type gives.
pub(crate) fn size(declarations: &Declarations, name: &str) -> u64 {
    let ty = match declarations.get(name) {
        Some(Declaration::Variable(variable)) => variable.ty,
        Some(Declaration::Typedef(typedef)) => typedef.ty,
        other => panic!("{name}: {other:?}"),
    };
    layout_of(&**declarations.types(), ty).unwrap().size
}

/// Whether a text is right on a target.
pub(crate) fn takes(model: DataModel, text: &str) -> bool {
    on(model).parse(text, &CdefOptions::default()).is_ok()
}

/// The value of a C constant expression.
pub(crate) fn evaluated(expression: &str) -> i128 {
    integer(&parsed(&format!("enum {{ X = {expression} }};")), "X")
}
