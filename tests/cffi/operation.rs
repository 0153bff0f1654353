//! Operations on C data.

use std::rc::Rc;

use farcall::object::Step;

use crate::host::{Cd, Val};

/// An operation on cdata, or on the name of a type.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    New(String, Val),
    Cast(String, Val),
    Item(Rc<Cd>, i64),
    SetItem(Rc<Cd>, i64, Val),
    Field(Rc<Cd>, String),
    SetField(Rc<Cd>, String, Val),
    Slice(Rc<Cd>, Option<i64>, Option<i64>),
    SetSlice(Rc<Cd>, i64, i64, Val),
    Add(Rc<Cd>, i64),
    Subtract(Rc<Cd>, Rc<Cd>),
    Compare(Rc<Cd>, Rc<Cd>, &'static str),
    Length(Rc<Cd>),
    Iterate(Rc<Cd>),
    Truth(Rc<Cd>),
    Int(Rc<Cd>),
    Float(Rc<Cd>),
    Complex(Rc<Cd>),
    Text(Rc<Cd>, Option<u64>),
    Unpack(Rc<Cd>, i64),
    Bytes(Rc<Cd>, Option<u64>),
    Size(Rc<Cd>),
    Dir(Rc<Cd>),
    AddressOf(Rc<Cd>, Vec<PathStep>),
    SizeOf(String),
    AlignOf(String),
    OffsetOf(String, Vec<PathStep>),
    Kind(String),
}

impl Operation {
    /// The value that is converted.
    pub(crate) fn value(&self) -> Option<&Val> {
        match self {
            Operation::New(_, value)
            | Operation::Cast(_, value)
            | Operation::SetItem(.., value)
            | Operation::SetField(.., value)
            | Operation::SetSlice(.., value) => Some(value),
            _ => None,
        }
    }
}

/// A step that owns its name.
#[derive(Clone, Debug)]
pub(crate) enum PathStep {
    Member(String),
    Item(i64),
}

impl PathStep {
    pub(crate) fn step(&self) -> Step<'_> {
        match self {
            PathStep::Member(name) => Step::Member(name),
            PathStep::Item(index) => Step::Item(*index),
        }
    }

    pub(crate) fn source(&self) -> String {
        match self {
            PathStep::Member(name) => format!("'{name}'"),
            PathStep::Item(index) => index.to_string(),
        }
    }
}
