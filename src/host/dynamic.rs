//! The crate's own values as a host.

#![allow(unsafe_code)]

use std::sync::Arc;

use super::quoted::{quoted, quoted_bytes};
use super::{CDataRef, Host, Integer, View};
use crate::cdata::{CData, Scalar};
use crate::convert::{load, low_bits};
use crate::ctype::{TypeId, TypeTable};
use crate::error::ErrorClass;
use crate::memory::Extent;
use crate::object::{complex_repr, float_repr};
use crate::shape::Shape;
use crate::{Error, Ffi, Value};

/// [`Value`]s that meet the types of one table.
#[derive(Clone, Copy, Debug)]
pub struct Dynamic<'t> {
    types: &'t Arc<TypeTable>,
    checked: bool,
}

impl<'t> Dynamic<'t> {
    /// The host for conversions of types of this table.
    pub fn new(types: &'t Arc<TypeTable>) -> Dynamic<'t> {
        Dynamic {
            types,
            checked: false,
        }
    }

    /// The host of an [`Ffi`], which makes memory as it does.
    pub(crate) fn of(ffi: &'t Ffi) -> Dynamic<'t> {
        Dynamic {
            types: ffi.types(),
            checked: ffi.is_checked(),
        }
    }

    /// The table.
    pub fn table(&self) -> &'t Arc<TypeTable> {
        self.types
    }
}

// SAFETY: a number lies in its cdata, and what may be read of all else is checked against what is known of its memory.
unsafe impl Host for Dynamic<'_> {
    type Ref<'v> = &'v Value;
    type Value = Value;
    type Error = Error;
    type Origin<'a> = Option<&'a Extent>;

    const LENIENT: bool = true;
    const BYTES_END_WITH_NUL: bool = false;

    fn types(&self) -> &TypeTable {
        self.types
    }

    fn nowhere<'a>(&self) -> Option<&'a Extent> {
        None
    }

    fn view<'v>(&self, value: Self::Ref<'v>) -> View<'v> {
        match value {
            Value::None => View::None,
            Value::Bytes(bytes) => View::Bytes(bytes),
            Value::Text(_) => View::Text,
            Value::List(items) => View::Sequence(items.len()),
            Value::Map(_) => View::Mapping,
            _ => View::Other,
        }
    }

    fn cdata(&self, value: &Value) -> Result<Option<CDataRef>, Error> {
        Ok(match value {
            Value::CData(cdata) => Some(cdata.as_ref_in(self.types)),
            _ => None,
        })
    }

    fn check_readable(&self, value: &Value, size: u64) -> Result<(), Error> {
        match value {
            Value::CData(cdata) => cdata.bytes(size as usize).map(|_| ()),
            _ => Ok(()),
        }
    }

    fn small_integer(&self, value: &Value) -> Option<i64> {
        match value {
            Value::Int(int) => i64::try_from(*int).ok(),
            _ => None,
        }
    }

    fn exact_float(&self, value: &Value) -> Option<f64> {
        match value {
            Value::Float(float) => Some(*float),
            _ => None,
        }
    }

    fn integer(&self, value: &Value) -> Result<Integer, Error> {
        match value {
            Value::Int(int) => Ok(Integer::from(*int)),
            Value::Large(large) => Ok(Integer::from(*large)),
            Value::Bool(bool) => Ok(Integer::Small((*bool).into())),
            _ => Err(Error::not_an_integer()),
        }
    }

    fn index(&self, value: &Value) -> Result<Option<i64>, Error> {
        match value {
            Value::Int(int) => match i64::try_from(*int) {
                Ok(index) => Ok(Some(index)),
                Err(_) => Err(Error::Range {
                    value: int.to_string(),
                    ty: "ptrdiff_t".into(),
                    place: Default::default(),
                }),
            },
            Value::Bool(bool) => Ok(Some((*bool).into())),
            _ => Ok(None),
        }
    }

    fn wrapped(&self, value: &Value) -> Result<u128, Error> {
        match value {
            Value::Int(int) => Ok(*int as u128),
            Value::Large(large) => Ok(*large),
            Value::Bool(bool) => Ok((*bool).into()),
            Value::Float(float) => low_bits(*float),
            _ => Err(Error::not_an_integer()),
        }
    }

    fn truth(&self, value: &Value) -> Result<bool, Error> {
        match value {
            Value::Float(float) => Ok(*float != 0.0),
            Value::Bool(_) | Value::Int(_) | Value::Large(_) => {
                self.wrapped(value).map(|bits| bits != 0)
            }
            _ => Err(Error::refused(ErrorClass::Type, "integer/float expected")),
        }
    }

    fn float(&self, value: &Value) -> Result<f64, Error> {
        match value {
            Value::Float(float) => Ok(*float),
            Value::Int(int) => Ok(*int as f64),
            Value::Large(large) => Ok(*large as f64),
            Value::Bool(bool) => Ok(f64::from(u8::from(*bool))),
            _ => Err(Error::not_a_number(self.type_name(value))),
        }
    }

    fn complex(&self, value: &Value) -> Result<(f64, f64), Error> {
        match value {
            Value::Complex(real, imaginary) => Ok((*real, *imaginary)),
            _ => self.float(value).map(|real| (real, 0.0)),
        }
    }

    fn code_points<'v>(&self, text: Self::Ref<'v>) -> impl Iterator<Item = u32> + Clone {
        let text = match text {
            Value::Text(text) => text.as_str(),
            _ => "",
        };
        text.chars().map(u32::from)
    }

    fn items(
        &self,
        sequence: &Value,
        visit: impl FnMut(&Value) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match sequence {
            Value::List(items) => items.iter().try_for_each(visit),
            _ => Ok(()),
        }
    }

    fn members(
        &self,
        mapping: &Value,
        mut visit: impl FnMut(&str, &Value) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match mapping {
            Value::Map(members) => members
                .iter()
                .try_for_each(|(name, value)| visit(name, value)),
            _ => Ok(()),
        }
    }

    /// cdata that is an array is iterated over as well.
    fn iterate(
        &self,
        value: &Value,
        mut visit: impl FnMut(&Value) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match value {
            Value::CData(cdata) => {
                let length = i64::try_from(cdata.len()?).unwrap_or(i64::MAX);
                (0..length).try_for_each(|index| visit(&cdata.item(index)?))
            }
            Value::List(items) => items.iter().try_for_each(visit),
            _ => {
                let message = format!("'{}' object is not iterable", self.type_name(value));
                Err(Error::refused(ErrorClass::Type, message))
            }
        }
    }

    unsafe fn repr_at(&self, shape: &Shape, from: *const u8) -> Result<String, Error> {
        // SAFETY: the caller's promise.
        let value = unsafe { load(self, shape, from, None) }?;
        Ok(match value {
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Int(half @ 0xd800..=0xdfff) if shape.is_character() => format!("'\\u{half:x}'"),
            Value::Float(float) => float_repr(float),
            Value::Complex(real, imaginary) => complex_repr(real, imaginary),
            Value::Bytes(ref bytes) => quoted_bytes(bytes),
            Value::Text(ref text) => quoted(text),
            other => other.to_string(),
        })
    }

    fn within(error: Error, step: impl FnOnce() -> String) -> Error {
        error.within(step)
    }

    fn type_name(&self, value: &Value) -> String {
        let name = match value {
            Value::None => "None",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::Large(_) => "int",
            Value::Float(_) => "float",
            Value::Complex(..) => "complex",
            Value::Bytes(_) => "bytes",
            Value::Text(_) => "str",
            Value::List(_) => "list",
            Value::Map(_) => "dict",
            Value::CData(_) => "cdata",
        };
        name.into()
    }

    fn show(&self, value: &Value) -> String {
        value.to_string()
    }

    fn none(&self) -> Value {
        Value::None
    }

    fn make_bool(&self, value: bool) -> Value {
        Value::Bool(value)
    }

    fn make_int(&self, value: i64) -> Value {
        Value::Int(value.into())
    }

    fn make_uint(&self, value: u64) -> Value {
        Value::Int(value.into())
    }

    fn make_wide_int(&self, value: i128) -> Value {
        Value::Int(value)
    }

    fn make_wide_uint(&self, value: u128) -> Value {
        Value::from(value)
    }

    fn make_float(&self, value: f64) -> Value {
        Value::Float(value)
    }

    fn make_complex(&self, real: f64, imaginary: f64) -> Value {
        Value::Complex(real, imaginary)
    }

    fn make_bytes(&self, bytes: &[u8]) -> Result<Value, Error> {
        Ok(Value::Bytes(bytes.to_vec()))
    }

    /// A unit that is no character is an error, for Rust's text cannot hold it: its memory may be read as integers.
    fn make_text(
        &self,
        mut code_points: impl Iterator<Item = u32> + Clone,
    ) -> Result<Value, Error> {
        let character = |code| {
            char::from_u32(code).ok_or_else(|| {
                let message =
                    format!("{code:#x} in wide text is no character: read it as integers");
                Error::refused(ErrorClass::Value, message)
            })
        };
        let text: Result<String, Error> = code_points.by_ref().map(character).collect();
        text.map(Value::Text)
    }

    /// A unit that is no character is a number.
    fn make_character(&self, unit: u32) -> Result<Value, Error> {
        Ok(match char::from_u32(unit) {
            Some(character) => Value::Text(character.into()),
            None => Value::Int(unit.into()),
        })
    }

    fn make_list(
        &self,
        count: usize,
        item: impl FnMut(usize) -> Result<Value, Error>,
    ) -> Result<Value, Error> {
        (0..count)
            .map(item)
            .collect::<Result<_, _>>()
            .map(Value::List)
    }

    fn make_pointer(&self, ty: TypeId, address: *mut u8) -> Result<Value, Error> {
        Ok(Value::CData(CData::at(self.types, ty, address, None)))
    }

    fn make_reference(
        &self,
        ty: TypeId,
        address: *mut u8,
        length: Option<u64>,
        origin: Option<&Extent>,
    ) -> Result<Value, Error> {
        let cdata = CData::at(self.types, ty, address, origin.cloned());
        Ok(Value::CData(match length {
            Some(length) => cdata.with_length(length),
            None => cdata,
        }))
    }

    fn make_open_array(
        &self,
        ty: TypeId,
        item: TypeId,
        address: *mut u8,
        origin: Option<&Extent>,
    ) -> Result<Value, Error> {
        match origin {
            Some(_) => self.make_reference(ty, address, None, origin),
            None => self.make_pointer(self.types.pointer(item), address),
        }
    }

    /// Memory is as valid as another type, as long as the source keeps it so.
    fn make_cast(&self, ty: TypeId, address: *mut u8, source: &Value) -> Result<Value, Error> {
        match source {
            Value::CData(cdata) => Ok(Value::CData(cdata.reinterpreted(self.types, ty, address))),
            _ => self.make_pointer(ty, address),
        }
    }

    fn make_number(&self, ty: TypeId, bytes: &[u8]) -> Result<Value, Error> {
        let mut scalar = Scalar([0; 32]);
        scalar.0[..bytes.len()].copy_from_slice(bytes);
        Ok(Value::CData(CData::scalar(self.types, ty, scalar)))
    }

    fn make_record(
        &self,
        ty: TypeId,
        size: u64,
        align: u64,
        fill: impl FnOnce(*mut u8),
    ) -> Result<Value, Error> {
        let memory = CData::allocate(self.types, ty, size, align, self.checked)?;
        fill(memory.address().expect("memory has an address").cast());
        Ok(Value::CData(memory))
    }
}
