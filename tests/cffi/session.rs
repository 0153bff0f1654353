//! What is done on this side, and what the other side is asked for.

use std::rc::Rc;

use farcall::{Error, ErrorClass, Ffi};

use crate::host::{Cd, Memory, Strict, Val};
use crate::operation::Operation;
use crate::shown::ascii;
use crate::source::source;
use crate::wild::{Wild, is_beyond_comparison, is_readable};

/// Who does the operations on this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The engine, as a host calls it.
    Engine,
    /// The crate's own cdata, which is checked.
    Objects,
}

/// What was done so far, and what is there.
pub(crate) struct Session<'f> {
    pub(crate) ffi: &'f Ffi,
    side: Side,
    pub(crate) lines: Vec<String>,
    pub(crate) answers: Vec<String>,
    pub(crate) cdata: Vec<Rc<Cd>>,
    /// All memory stays, so that addresses of the one are never those of another.
    memory: Vec<Rc<Memory>>,
    names: usize,
    /// Operations that were not made.
    pub(crate) wild: usize,
}

pub(crate) type Outcome = Result<Result<Val, Error>, Wild>;

impl<'f> Session<'f> {
    pub(crate) fn new(ffi: &'f Ffi, side: Side) -> Session<'f> {
        Session {
            ffi,
            side,
            lines: Vec::new(),
            answers: Vec::new(),
            cdata: Vec::new(),
            memory: Vec::new(),
            names: 0,
            wild: 0,
        }
    }

    /// Goes on with the last few values.
    pub(crate) fn forget_old(&mut self) {
        if self.cdata.len() > 60 {
            self.cdata.drain(..20);
        }
    }

    /// Does the operation here, and notes what the other side has to do; or does not, where C would crash.
    pub(crate) fn run(&mut self, operation: &Operation) {
        let types = &**self.ffi.types();
        let host = Strict { types };
        let value = operation.value();
        if value.is_some_and(|value| !is_readable(types, value))
            || is_beyond_comparison(self.ffi, operation)
        {
            self.wild += 1;
            return;
        }
        let outcome = match self.side {
            Side::Engine => self.by_engine(host, operation),
            Side::Objects => self.by_objects(host, operation),
        };
        let Ok(outcome) = outcome else {
            self.wild += 1;
            return;
        };
        let (kind, source) = source(operation);
        let name = format!("v{}", self.names);
        self.names += 1;
        self.lines.push(format!("{kind}\t{name}\t{source}"));
        let answer = match outcome {
            Ok(value) => {
                let answer = match kind {
                    "E" => without_addresses(&ascii(&host, &value)),
                    _ => "done".into(),
                };
                self.keep(value, name);
                answer
            }
            Err(error) => {
                let message = match error.key() {
                    Some(key) => format!("'{key}'"),
                    None => error.message().replace('\\', "\\\\"),
                };
                format!("{}: {}", class(&error), without_addresses(&message))
            }
        };
        self.answers.push(answer);
    }

    fn keep(&mut self, value: Val, name: String) {
        if let Val::CData(cdata) = value {
            self.memory.extend(cdata.memory.clone());
            self.cdata.push(Rc::new(Cd {
                name,
                ..(*cdata).clone()
            }));
        }
    }
}

fn class(error: &Error) -> &'static str {
    match error.class() {
        ErrorClass::Type => "TypeError",
        ErrorClass::Value => "ValueError",
        ErrorClass::Overflow => "OverflowError",
        ErrorClass::Index => "IndexError",
        ErrorClass::Key => "KeyError",
        ErrorClass::Attribute => "AttributeError",
        ErrorClass::Runtime => "RuntimeError",
        ErrorClass::NotImplemented => "NotImplementedError",
        ErrorClass::ZeroDivision => "ZeroDivisionError",
        _ => "Error",
    }
}

fn without_addresses(text: &str) -> String {
    let mut parts = text.split("0x");
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        plain += "0x";
        plain += part.trim_start_matches(|c: char| c.is_ascii_digit() || ('a'..='f').contains(&c));
    }
    plain
}
