//! Operations, as this side does them and as the other side is asked for them.

use std::rc::Rc;

use farcall::convert::{
    cast, complex_of_cdata, float_of_cdata, integer_of_cdata, load, load_member, plan_new, store,
    store_member,
};
use farcall::ctype::TypeTable;
use farcall::host::{CDataRef, Integer};
use farcall::object::{Kind, Object, Step, address_of, offset_of, string, unpack};
use farcall::shape::{Form, Shape};
use farcall::{Error, ErrorClass, Ffi};

use crate::host::{Cd, Memory, Strict, Val, ascii};
use crate::source::source;

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
    fn value(&self) -> Option<&Val> {
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
    fn step(&self) -> Step<'_> {
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

/// What was done so far, and what is there.
pub(crate) struct Session<'f> {
    ffi: &'f Ffi,
    pub(crate) lines: Vec<String>,
    pub(crate) answers: Vec<String>,
    pub(crate) cdata: Vec<Rc<Cd>>,
    /// All memory stays, so that addresses of the one are never those of another.
    memory: Vec<Rc<Memory>>,
    names: usize,
}

/// Why an operation is not made: it would read or write what is no memory.
struct Wild;

type Outcome = Result<Result<Val, Error>, Wild>;

impl<'f> Session<'f> {
    pub(crate) fn new(ffi: &'f Ffi) -> Session<'f> {
        Session {
            ffi,
            lines: Vec::new(),
            answers: Vec::new(),
            cdata: Vec::new(),
            memory: Vec::new(),
            names: 0,
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
        if operation
            .value()
            .is_some_and(|value| !is_readable(types, value))
        {
            return;
        }
        let Ok(outcome) = self.outcome(host, operation) else {
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

    fn outcome(&self, host: Strict<'_>, operation: &Operation) -> Outcome {
        let types = host.types;
        let shape = |text: &str| Shape::of(types, self.ffi.type_of(text).unwrap());
        let int = |value: u64| Val::Int(value.into());
        Ok(match operation {
            // cffi has items of -1 bytes there.
            Operation::Item(v, ..)
            | Operation::SetItem(v, ..)
            | Operation::Unpack(v, ..)
            | Operation::Slice(v, ..)
            | Operation::SetSlice(v, ..)
                if has_unsized_items(types, v) =>
            {
                return Err(Wild);
            }
            Operation::New(ty, init) => self.new_memory(host, &shape(ty), init),
            // Behind wide text in memory that is not new, cffi writes no zero, though its documentation says so.
            Operation::SetItem(.., value) | Operation::SetField(.., value)
                if has_wide_text(value) =>
            {
                return Err(Wild);
            }
            // Addresses are others on each side, also as bytes.
            Operation::Cast(ty, Val::CData(v))
                if v.memory.as_ref().is_some_and(|memory| memory.pointers)
                    && !shape(ty).is_number() =>
            {
                return Err(Wild);
            }
            Operation::Cast(ty, Val::CData(v))
                if !v.object.shape.is_number()
                    && shape(ty).is_number()
                    && !v.object.address.is_null() =>
            {
                return Err(Wild);
            }
            Operation::Cast(ty, value) => cast(&host, &shape(ty), value),
            Operation::Item(v, index) => return item(host, v, *index),
            Operation::SetItem(v, index, value) => {
                match v.object.item(types, *index) {
                    Err(error) => Err(error),
                    Ok((item, address)) => {
                        let size = item.size(types).ok_or(Wild)?;
                        inside(v, address, size)?;
                        // SAFETY: inside of memory that is alive.
                        unsafe { store(&host, &item, address, size, value) }.map(|()| Val::None)
                    }
                }
            }
            Operation::Field(v, name) => match v.object.field(types, name, false) {
                Err(error) => Err(error),
                Ok(slot) => {
                    let size = slot.shape.size(types).unwrap_or(0);
                    inside(v, v.object.address, slot.member.offset + size)?;
                    let room = v.object.room(types);
                    // SAFETY: inside of memory that is alive.
                    unsafe { load_member(&host, slot, v.object.address, room, v.memory.as_ref()) }
                        .map(|value| in_memory_of(v, value))
                }
            },
            Operation::SetField(v, name, value) => match v.object.field(types, name, true) {
                Err(error) => Err(error),
                Ok(slot) => {
                    let size = slot.shape.size(types).ok_or(Wild)?;
                    let end = slot.member.offset + size;
                    inside(v, v.object.address, end)?;
                    // SAFETY: inside of memory that is alive.
                    unsafe { store_member(&host, slot, v.object.address, end, value) }
                        .map(|()| Val::None)
                }
            },
            Operation::Slice(v, start, stop) => v
                .object
                .slice(types, *start, *stop, false)
                .map(|slice| cdata(types, v, slice.ty(types), slice.address, slice.length)),
            Operation::SetSlice(v, start, stop, value) => {
                match v.object.slice(types, Some(*start), Some(*stop), false) {
                    Err(error) => Err(error),
                    Ok(slice) => {
                        let size = slice.item.size(types).ok_or(Wild)? * slice.length;
                        inside(v, slice.address, size)?;
                        // SAFETY: inside of memory that is alive.
                        unsafe { slice.assign(&host, value) }.map(|()| Val::None)
                    }
                }
            }
            Operation::Add(v, by) => v
                .object
                .add(types, *by)
                .map(|(shape, address)| cdata(types, v, shape.ty, address, 0)),
            Operation::Subtract(v, w) => {
                // The two sides have different addresses: only what lies in one memory has a distance.
                let same = match (&v.memory, &w.memory) {
                    (Some(a), Some(b)) => Rc::ptr_eq(a, b),
                    _ => false,
                };
                match v.object.distance(types, &w.object) {
                    Ok(distance) if same => Ok(Val::Int(distance.into())),
                    Err(error) if error.class() == ErrorClass::Type => Err(error),
                    _ => return Err(Wild),
                }
            }
            Operation::Compare(v, w, operator) => {
                let same = match (&v.memory, &w.memory) {
                    (Some(a), Some(b)) => Rc::ptr_eq(a, b),
                    _ => false,
                };
                let by_address = v.object.compares_by_address() && w.object.compares_by_address();
                if !by_address || !same {
                    return Err(Wild);
                }
                let (a, b) = (v.object.address, w.object.address);
                Ok(Val::Bool(match *operator {
                    "==" => a == b,
                    "!=" => a != b,
                    "<" => a < b,
                    _ => a >= b,
                }))
            }
            Operation::Length(v) => v.object.len(types).map(int),
            Operation::Iterate(v) => match v.object.iterated(types) {
                Err(error) => Err(error),
                Ok(length) => {
                    let mut items = Vec::new();
                    for index in 0..length {
                        match item(host, v, index as i64)? {
                            Ok(value) => items.push(value),
                            Err(error) => return Ok(Err(error)),
                        }
                    }
                    Ok(Val::List(items))
                }
            },
            // SAFETY: numbers lie in memory that is alive.
            Operation::Truth(v) => Ok(Val::Bool(unsafe { v.object.truth(types) })),
            Operation::Int(v) if number(types, v, float_of_cdata).is_ok_and(|f| f.abs() > 1e30) => {
                return Err(Wild);
            }
            Operation::Int(v) => {
                number(types, v, integer_of_cdata).and_then(|int| match int {
                    Integer::Small(value) => Ok(Val::Int(value.into())),
                    Integer::Wide(value) => Ok(Val::Int(value)),
                    // Larger than the test's numbers.
                    _ => Err(Error::not_an_integer()),
                })
            }
            Operation::Float(v) => number(types, v, float_of_cdata).map(Val::Float),
            Operation::Complex(v) => number(types, v, complex_of_cdata)
                .map(|(real, imaginary)| Val::Complex(real, imaginary)),
            Operation::Text(v, max) => {
                if let Some(item) = v.object.shape.item() {
                    self.check_text(v, &Shape::of(types, item), *max)?;
                }
                // SAFETY: the text ends inside of memory that is alive.
                unsafe { string(&host, &v.object, *max) }
            }
            Operation::Unpack(v, length) => {
                if let (Some(ty), Ok(count)) = (v.object.shape.item(), u64::try_from(*length)) {
                    let size = Shape::of(types, ty).size(types).unwrap_or(0);
                    inside(v, v.object.address, size * count)?;
                }
                // SAFETY: inside of memory that is alive.
                unsafe { unpack(&host, &v.object, *length, v.memory.as_ref()) }
            }
            Operation::Bytes(v, size) => match v.object.buffer(types, *size) {
                Err(error) => Err(error),
                Ok((address, size)) => {
                    inside(v, address, size)?;
                    if has_padding(types, &v.object) {
                        return Err(Wild);
                    }
                    // SAFETY: inside of memory that is alive.
                    let bytes = unsafe { std::slice::from_raw_parts(address, size as usize) };
                    Ok(Val::Bytes(bytes.into()))
                }
            },
            Operation::Size(v) => v.object.size_of(types).map(int),
            Operation::Dir(v) => {
                let slots = types.slots_of(&v.object.shape);
                let mut names: Vec<&str> = slots.map_or_else(Vec::new, |slots| {
                    slots.iter().map(|slot| &*slot.name).collect()
                });
                names.sort_unstable();
                let text = |name: &&str| Val::Text(name.chars().map(u32::from).collect());
                Ok(Val::List(names.iter().map(text).collect()))
            }
            Operation::AddressOf(v, _)
                if v.memory.as_ref().is_some_and(|memory| memory.pointers) =>
            {
                return Err(Wild);
            }
            Operation::AddressOf(v, path) => {
                let path: Vec<Step<'_>> = path.iter().map(PathStep::step).collect();
                address_of(types, &v.object, &path)
                    .map(|(shape, address)| cdata(types, v, shape.ty, address, 0))
            }
            Operation::SizeOf(ty) => shape(ty).known_size(types).map(int),
            Operation::AlignOf(ty) => shape(ty).align(types).map(int),
            Operation::OffsetOf(ty, path) => {
                let path: Vec<Step<'_>> = path.iter().map(PathStep::step).collect();
                offset_of(types, shape(ty).ty, &path).map(|(_, offset)| Val::Int(offset.into()))
            }
            Operation::Kind(ty) => {
                let kind = Kind::of(types, &shape(ty)).name();
                Ok(Val::Text(kind.chars().map(u32::from).collect()))
            }
        })
    }

    fn new_memory(&self, host: Strict<'_>, shape: &Shape, init: &Val) -> Result<Val, Error> {
        let plan = plan_new(&host, shape, Some(init))?;
        let has_pointers = |text: &str| text.contains("nested") || text.contains("pointers");
        let text = host.types.spelling(plan.stored.ty);
        let memory = Memory::new(plan.size, has_pointers(&text) || text.contains('*'));
        if plan.initialise {
            // SAFETY: as many bytes as planned.
            unsafe { store(&host, &plan.stored, memory.start(), plan.size, init) }?;
        }
        let reference = CDataRef {
            ty: shape.ty,
            address: memory.start(),
            length: plan.length.unwrap_or(0),
        };
        let mut object = Object::new(host.types, reference);
        object.owned = Some(plan.size);
        Ok(Val::CData(Rc::new(Cd {
            object,
            memory: Some(memory),
            name: String::new(),
        })))
    }

    /// Whether a text ends where memory does, or before.
    fn check_text(&self, v: &Cd, item: &Shape, max: Option<u64>) -> Result<(), Wild> {
        let types = self.ffi.types();
        let size = item.size(types).unwrap_or(1).max(1);
        if v.object.address.is_null() {
            return Ok(());
        }
        let length = max.or(v.object.array_length());
        for index in 0.. {
            if length == Some(index) {
                return Ok(());
            }
            let at = v.object.address.wrapping_add((index * size) as usize);
            inside(v, at, size)?;
            // SAFETY: inside of memory that is alive.
            let unit = unsafe { std::slice::from_raw_parts(at, size as usize) };
            if unit.iter().all(|&byte| byte == 0) {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn item(host: Strict<'_>, v: &Rc<Cd>, index: i64) -> Outcome {
    let types = host.types;
    let (item, address) = match v.object.item(types, index) {
        Err(error) => return Ok(Err(error)),
        Ok(found) => found,
    };
    inside(v, address, item.size(types).unwrap_or(0))?;
    // SAFETY: inside of memory that is alive.
    let value = unsafe { load(&host, &item, address, v.memory.as_ref()) };
    Ok(value.map(|value| match (value, v.object.shape.form) {
        // The record co-owns the memory.
        (Val::CData(record), Form::Pointer(_))
            if matches!(item.form, Form::Record(_)) && v.object.owned.is_some() =>
        {
            let object = Object {
                owned: v.object.owned,
                ..record.object
            };
            Val::CData(Rc::new(Cd {
                object,
                ..(*record).clone()
            }))
        }
        (value, _) => in_memory_of(v, value),
    }))
}

/// A pointer that was read points to no memory that is known, unless it is into the same one.
fn in_memory_of(v: &Cd, value: Val) -> Val {
    match value {
        Val::CData(cdata) => {
            let memory = cdata.memory.clone().or_else(|| {
                let same = v.memory.clone();
                same.filter(|memory| memory.holds(cdata.object.address, 0))
            });
            Val::CData(Rc::new(Cd {
                memory,
                ..(*cdata).clone()
            }))
        }
        value => value,
    }
}

fn cdata(
    types: &TypeTable,
    v: &Cd,
    ty: farcall::ctype::TypeId,
    address: *mut u8,
    length: u64,
) -> Val {
    let reference = CDataRef {
        ty,
        address,
        length,
    };
    Val::CData(Rc::new(Cd {
        object: Object::new(types, reference),
        memory: v.memory.clone(),
        name: String::new(),
    }))
}

fn inside(v: &Cd, address: *const u8, size: u64) -> Result<(), Wild> {
    match &v.memory {
        Some(memory) if memory.holds(address, size) => Ok(()),
        _ => Err(Wild),
    }
}

/// `long double` has bytes that nobody writes.
fn has_padding(types: &TypeTable, object: &Object) -> bool {
    let text = types.spelling(object.shape.ty);
    text.contains("long double")
        || text.contains("struct")
        || text.contains("alias")
        || text.contains('*')
}

/// Whether arrays and records in a value, which may be copied, are memory.
fn is_readable(types: &TypeTable, value: &Val) -> bool {
    match value {
        Val::List(items) => items.iter().all(|item| is_readable(types, item)),
        Val::Dict(members) => members.iter().all(|(_, value)| is_readable(types, value)),
        Val::CData(v) => match v.object.shape.form {
            Form::Array { .. } | Form::Record(_) => {
                let size = v.object.size_of(types);
                size.is_ok_and(|size| inside(v, v.object.address, size).is_ok())
            }
            _ => true,
        },
        _ => true,
    }
}

fn has_wide_text(value: &Val) -> bool {
    match value {
        Val::Text(codes) => codes.len() != 1,
        Val::List(items) => items.iter().any(has_wide_text),
        Val::Dict(members) => members.iter().any(|(_, value)| has_wide_text(value)),
        _ => false,
    }
}

fn has_unsized_items(types: &TypeTable, v: &Cd) -> bool {
    let item = v.object.shape.item();
    item.is_some_and(|item| Shape::of(types, item).size(types).is_none())
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

/// What the engine makes of a number.
fn number<T>(
    types: &TypeTable,
    v: &Cd,
    read: unsafe fn(&TypeTable, &CDataRef) -> Result<T, Error>,
) -> Result<T, Error> {
    // SAFETY: numbers lie in memory that is alive.
    unsafe { read(types, &v.object.cdata()) }
}
