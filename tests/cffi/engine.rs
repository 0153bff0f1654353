//! Operations as a host does them: with the engine's, which trust it.

use std::rc::Rc;

use farcall::Error;
use farcall::convert::{
    cast, complex_of_cdata, float_of_cdata, integer_of_cdata, load, load_member, plan_new, store,
    store_member,
};
use farcall::ctype::TypeTable;
use farcall::host::{CDataRef, Integer};
use farcall::object::{Kind, Object, Step, address_of, offset_of, string, unpack};
use farcall::shape::{Form, Shape};

use crate::host::{Cd, Memory, Strict, Val};
use crate::operation::{Operation, PathStep};
use crate::session::{Outcome, Session};
use crate::wild::{Wild, has_padding, inside};

impl Session<'_> {
    pub(crate) fn by_engine(&self, host: Strict<'_>, operation: &Operation) -> Outcome {
        let types = host.types;
        let shape = |text: &str| Shape::of(types, self.ffi.type_of(text).unwrap());
        let int = |value: u64| Val::Int(value.into());
        Ok(match operation {
            Operation::New(ty, init) => self.new_memory(host, &shape(ty), init),
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
            Operation::Subtract(v, w) => v
                .object
                .distance(types, &w.object)
                .map(|distance| Val::Int(distance.into())),
            Operation::Compare(v, w, operator) => {
                let (a, b) = (&v.object, &w.object);
                if !a.compares_by_address() || !b.compares_by_address() {
                    return Err(Wild);
                }
                Ok(Val::Bool(compare(&a.address, &b.address, operator)))
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

    pub(crate) fn new_memory(
        &self,
        host: Strict<'_>,
        shape: &Shape,
        init: &Val,
    ) -> Result<Val, Error> {
        let plan = plan_new(&host, shape, Some(init))?;
        let has_pointers = |text: &str| {
            ["nested", "pointers", "long double"]
                .iter()
                .any(|part| text.contains(part))
        };
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
            own: None,
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

/// What Python's operator says.
pub(crate) fn compare<T: PartialOrd>(a: &T, b: &T, operator: &str) -> bool {
    match operator {
        "==" => a == b,
        "!=" => a != b,
        "<" => a < b,
        _ => a >= b,
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
        own: None,
    }))
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
