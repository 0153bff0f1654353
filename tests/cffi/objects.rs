//! Operations as a Rust program does them: with the crate's own cdata, in checked memory. Values that the strict host
//! refuses are not given to it, for it takes some of them.

use std::rc::Rc;

use farcall::convert::{cast, store, store_member};
use farcall::host::CDataRef;
use farcall::object::{Object, Slice, Step};
use farcall::shape::{Form, Shape};
use farcall::{CData, Error, ErrorClass, Value};

use crate::engine::compare;
use crate::host::{Cd, Memory, Strict, Val, refused};
use crate::operation::{Operation, PathStep};
use crate::session::{Outcome, Session};
use crate::wild::{Wild, has_padding};

impl Session<'_> {
    pub(crate) fn by_objects(&self, host: Strict<'_>, operation: &Operation) -> Outcome {
        match self.by_own(host, operation)? {
            // What cffi would do there, nobody knows.
            Err(
                Error::Bounds { .. }
                | Error::Foreign { .. }
                | Error::Null { .. }
                | Error::Operation { .. },
            ) => Err(Wild),
            Err(error) if error.message().contains("has no items before its first") => Err(Wild),
            // Rust has no text of such characters.
            Err(error) if error.message().contains("is no character") => Err(Wild),
            outcome => Ok(outcome),
        }
    }

    fn by_own(&self, host: Strict<'_>, operation: &Operation) -> Outcome {
        let types = host.types;
        let shape = |text: &str| Shape::of(types, self.ffi.type_of(text).unwrap());
        let int = |value: u64| Val::Int(value.into());
        let done = |result: Result<(), Error>| Ok(result.map(|()| Val::None));
        let near = |v: &Rc<Cd>, result: Result<CData, Error>| {
            let memory = v.memory.clone();
            result.map(|cdata| self.own(cdata, memory))
        };
        Ok(match operation {
            Operation::New(ty, init) => {
                let Ok(Val::CData(strict)) = self.new_memory(host, &shape(ty), init) else {
                    return Err(Wild);
                };
                let memory = self.ffi.alloc(ty, value(init)?);
                memory.map(|memory| self.own(memory, strict.memory.clone()))
            }
            Operation::Cast(ty, source) => {
                let is_real = match source {
                    Val::Float(_) => true,
                    Val::CData(v) => v.object.shape.is_real(),
                    _ => false,
                };
                // C has no such cast.
                if is_real && !shape(ty).is_number() || cast(&host, &shape(ty), source).is_err() {
                    return Err(Wild);
                }
                let memory = match source {
                    Val::CData(v) => v.memory.clone(),
                    _ => None,
                };
                let made = self.ffi.cast(ty, value(source)?);
                made.map(|cdata| self.own(cdata, memory))
            }
            Operation::Item(v, index) => own(v).item(*index).and_then(|item| self.read(v, item)),
            Operation::SetItem(v, index, new) => {
                if let Ok((item, _)) = v.object.item(types, *index) {
                    let size = item.size(types).ok_or(Wild)?;
                    let scratch = Memory::new(size, false);
                    // SAFETY: as much memory as the item's.
                    unsafe { store(&host, &item, scratch.start(), size, new) }.map_err(|_| Wild)?;
                }
                return done(own(v).set_item(*index, value(new)?));
            }
            Operation::Field(v, name) => {
                if let Ok(slot) = v.object.field(types, name, false)
                    && slot.is_flexible()
                    && v.object.owned.is_none()
                {
                    // Where it ends is known here, and not there.
                    return Err(Wild);
                }
                own(v).field(name).and_then(|member| self.read(v, member))
            }
            Operation::SetField(v, name, new) => {
                if let Ok(slot) = v.object.field(types, name, true) {
                    let end = slot.shape.size(types).ok_or(Wild)? + slot.member.offset;
                    let scratch = Memory::new(end, false);
                    let to = scratch.start();
                    // SAFETY: as much memory as the record's up to the member's end.
                    unsafe { store_member(&host, slot, to, end, new) }.map_err(|_| Wild)?;
                }
                return done(own(v).set_field(name, value(new)?));
            }
            Operation::Slice(v, Some(start), Some(stop)) => near(v, own(v).slice(*start, *stop)),
            Operation::SetSlice(v, start, stop, new) => {
                if let Ok(slice) = v.object.slice(types, Some(*start), Some(*stop), false) {
                    let size = slice.item.size(types).ok_or(Wild)? * slice.length;
                    let scratch = Memory::new(size, false);
                    let address = scratch.start();
                    // SAFETY: as much memory as the slice's.
                    unsafe { Slice { address, ..slice }.assign(&host, new) }.map_err(|_| Wild)?;
                    // What else Python iterates over.
                    match new {
                        Val::List(_) | Val::CData(_) => {}
                        Val::Bytes(_) if slice.item.form == Form::Char => {}
                        _ => return Err(Wild),
                    }
                }
                return done(own(v).set_slice(*start, *stop, value(new)?));
            }
            Operation::Add(v, by) => near(v, own(v).offset(*by)),
            Operation::Subtract(v, w) => own(v).distance(own(w)).map(|n| Val::Int(n.into())),
            Operation::Compare(v, w, operator) => {
                let cdata = [v, w];
                let is_ordered = matches!(*operator, "<" | ">=");
                let is_number = |v: &&Rc<Cd>| v.object.shape.is_number();
                let stays = |v: &&Rc<Cd>| v.object.shape.stays_cdata();
                if cdata.iter().any(stays) || is_ordered && cdata.iter().any(is_number) {
                    return Err(Wild);
                }
                Ok(Val::Bool(compare(own(v), own(w), operator)))
            }
            Operation::Length(v) if v.object.array_length().is_some() => own(v).len().map(int),
            Operation::Iterate(v) => own(v).iter().and_then(|items| {
                let items = items.map(|item| self.read(v, item?));
                items.collect::<Result<_, Error>>().map(Val::List)
            }),
            Operation::Truth(v) => Ok(Val::Bool(own(v).is_true())),
            Operation::Text(v, max) => {
                let text = own(v).text(*max);
                if let Ok(text) = &text
                    && !ends(v, text, *max)
                {
                    return Err(Wild);
                }
                text.and_then(|text| self.read(v, text))
            }
            Operation::Unpack(v, length) => {
                own(v).unpack(*length).and_then(|items| self.read(v, items))
            }
            Operation::Bytes(v, _) if has_padding(types, &v.object) => return Err(Wild),
            Operation::Bytes(v, size) => own(v).read_bytes(*size).map(Val::Bytes),
            Operation::Size(v) => own(v).size().map(int),
            Operation::Dir(v) => {
                let mut names = own(v).fields();
                names.sort_unstable();
                Ok(Val::List(names.into_iter().map(text).collect()))
            }
            Operation::AddressOf(v, path) => {
                let path: Vec<Step<'_>> = path.iter().map(PathStep::step).collect();
                near(v, own(v).address_of(&path))
            }
            Operation::OffsetOf(ty, path) => {
                let path: Vec<Step<'_>> = path.iter().map(PathStep::step).collect();
                self.ffi
                    .offset_of(ty, &path)
                    .map(|offset| Val::Int(offset.into()))
            }
            Operation::Kind(ty) => {
                let ty = self.ffi.ctype(ty);
                ty.map(|ty| text(ty.kind().name()))
            }
            // What has no counterpart, or one with words of its own.
            Operation::Slice(..)
            | Operation::Length(_)
            | Operation::Int(_)
            | Operation::Float(_)
            | Operation::Complex(_)
            | Operation::SizeOf(_)
            | Operation::AlignOf(_) => return Err(Wild),
        })
    }

    /// What was read out of `v`.
    fn read(&self, v: &Cd, value: Value) -> Result<Val, Error> {
        Ok(match &value {
            Value::None => Val::None,
            Value::Bool(value) => Val::Bool(*value),
            // Perhaps half of a character, which is a number here.
            Value::Int(0xd800..=0xdfff) => {
                return Err(refused(ErrorClass::Value, "is no character"));
            }
            Value::Int(value) => Val::Int(*value),
            Value::Float(value) => Val::Float(*value),
            Value::Complex(real, imaginary) => Val::Complex(*real, *imaginary),
            Value::Bytes(bytes) => Val::Bytes(bytes.clone()),
            Value::Text(value) => text(value),
            Value::List(items) => {
                let items = items.iter().map(|item| self.read(v, item.clone()));
                Val::List(items.collect::<Result<_, Error>>()?)
            }
            Value::CData(cdata) => {
                // A pointer that was read points to no memory that is known.
                let is_part = !matches!(shape_of(cdata).form, Form::Pointer(_));
                let memory = v.memory.clone().filter(|_| is_part);
                self.own(cdata.clone(), memory)
            }
            other => unreachable!("{other} has no type of the test's"),
        })
    }

    fn own(&self, cdata: CData, memory: Option<Rc<Memory>>) -> Val {
        let shape = shape_of(&cdata);
        let mut reference = CDataRef {
            ty: cdata.type_id(),
            address: cdata.address().unwrap_or_default().cast(),
            length: match shape.form {
                Form::Array { length: None, .. } => cdata.len().unwrap_or(0),
                _ => 0,
            },
        };
        let mut memory = memory;
        if shape.is_number() {
            // The strict host looks for it at its address.
            let copy = self
                .ffi
                .alloc_type(self.ffi.types().pointer(shape.ty), &cdata);
            let bytes = copy.and_then(|copy| copy.read_bytes(None)).unwrap();
            let number = Memory::new(bytes.len() as u64, false);
            reference.address = number.start();
            // SAFETY: there is room for as many bytes.
            unsafe { reference.address.copy_from(bytes.as_ptr(), bytes.len()) };
            memory = Some(number);
        }
        let mut object = Object::new(self.ffi.types(), reference);
        object.owned = cdata.repr().contains(" owning ").then_some(0);
        Val::CData(Rc::new(Cd {
            object,
            memory,
            name: String::new(),
            own: Some(cdata),
        }))
    }
}

fn own(v: &Cd) -> &CData {
    v.own.as_ref().expect("all cdata of the session is its own")
}

fn shape_of(cdata: &CData) -> Shape {
    Shape::of(cdata.types(), cdata.type_id())
}

fn text(text: &str) -> Val {
    Val::Text(text.chars().map(u32::from).collect())
}

/// Whether a text ends by a zero or by its length, and not by the end of the memory.
fn ends(v: &Cd, text: &Value, max: Option<u64>) -> bool {
    if v.object.shape.item().is_none() {
        return true;
    }
    let units = match text {
        Value::Bytes(bytes) => bytes.len(),
        Value::Text(text) => match v
            .object
            .shape
            .item()
            .map(|item| own(v).types().spelling(item))
        {
            Some(item) if item == "char16_t" => text.encode_utf16().count(),
            _ => text.chars().count(),
        },
        _ => return true,
    };
    let length = max.or(v.object.array_length());
    let zero = || own(v).offset(units as i64).and_then(|end| end.item(0));
    length == Some(units as u64) || zero().is_ok()
}

/// The value as the crate's own, if it can be one.
fn value(val: &Val) -> Result<Value, Wild> {
    Ok(match val {
        Val::None => Value::None,
        Val::Bool(value) => Value::Bool(*value),
        Val::Int(value) => Value::Int(*value),
        Val::Float(value) => Value::Float(*value),
        Val::Complex(real, imaginary) => Value::Complex(*real, *imaginary),
        Val::Bytes(bytes) => Value::Bytes(bytes.clone()),
        Val::Text(codes) => {
            let text: Option<String> = codes.iter().map(|&code| char::from_u32(code)).collect();
            Value::Text(text.ok_or(Wild)?)
        }
        Val::Growing(_) => return Err(Wild),
        Val::List(items) => Value::List(items.iter().map(value).collect::<Result<_, _>>()?),
        Val::Dict(members) => {
            let members = members
                .iter()
                .map(|(name, val)| Ok((name.clone(), value(val)?)));
            Value::Map(members.collect::<Result<_, Wild>>()?)
        }
        Val::CData(v) => Value::CData(own(v).clone()),
    })
}
