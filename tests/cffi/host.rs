//! A host as small as can be, as strict as Python: what an embedder of the engine writes.

use std::cell::Cell;
use std::rc::Rc;

use farcall::convert::{load, low_bits};
use farcall::ctype::{TypeId, TypeTable};
use farcall::host::{CDataRef, Host, Integer, View};
use farcall::object::Object;
use farcall::shape::Shape;
use farcall::{CData, Error, ErrorClass};

use crate::shown::ascii;

/// A value of the host.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Complex(f64, f64),
    Bytes(Vec<u8>),
    Text(Vec<u32>),
    /// Text that has one character more each time it is looked at.
    Growing(Rc<Cell<usize>>),
    List(Vec<Val>),
    Dict(Vec<(String, Val)>),
    CData(Rc<Cd>),
}

/// cdata: what the engine sees of it, and who keeps its memory.
#[derive(Clone, Debug)]
pub(crate) struct Cd {
    pub(crate) object: Object,
    pub(crate) memory: Option<Rc<Memory>>,
    /// The name that the other side knows it by.
    pub(crate) name: String,
    /// The crate's own cdata, where that does the operations. Its memory then only says which is the same as which.
    pub(crate) own: Option<CData>,
}

/// Memory that is aligned for everything.
#[derive(Debug)]
pub(crate) struct Memory {
    words: Box<[u128]>,
    size: u64,
    /// Whether bytes in it are others on the other side: addresses, and the padding of `long double`.
    pub(crate) pointers: bool,
}

impl Memory {
    pub(crate) fn new(size: u64, pointers: bool) -> Rc<Memory> {
        Rc::new(Memory {
            words: vec![0; size.div_ceil(16).max(1) as usize].into(),
            size,
            pointers,
        })
    }

    pub(crate) fn start(&self) -> *mut u8 {
        self.words.as_ptr().cast_mut().cast()
    }

    /// Whether `size` bytes at `address` are inside.
    pub(crate) fn holds(&self, address: *const u8, size: u64) -> bool {
        let offset = (address as i128) - (self.start() as i128);
        offset >= 0 && offset + i128::from(size) <= i128::from(self.size)
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Strict<'t> {
    pub(crate) types: &'t TypeTable,
}

impl Strict<'_> {
    fn number(&self, value: &Val) -> Result<f64, Error> {
        match value {
            Val::Float(float) => Ok(*float),
            Val::Int(int) => Ok(*int as f64),
            Val::Bool(bool) => Ok(f64::from(u8::from(*bool))),
            other => Err(Error::not_a_number(self.type_name(other))),
        }
    }

    fn made(&self, object: Object, memory: Option<Rc<Memory>>) -> Val {
        Val::CData(Rc::new(Cd {
            object,
            memory,
            name: String::new(),
            own: None,
        }))
    }

    fn object(&self, ty: TypeId, address: *mut u8, length: u64) -> Object {
        Object::new(
            self.types,
            CDataRef {
                ty,
                address,
                length,
            },
        )
    }
}

// SAFETY: the operations are made only on cdata whose memory is there.
unsafe impl Host for Strict<'_> {
    type Ref<'v> = &'v Val;
    type Value = Val;
    type Error = Error;
    type Origin<'a> = Option<&'a Rc<Memory>>;

    const LENIENT: bool = false;
    const BYTES_END_WITH_NUL: bool = false;

    fn types(&self) -> &TypeTable {
        self.types
    }

    fn nowhere<'a>(&self) -> Option<&'a Rc<Memory>> {
        None
    }

    fn view<'v>(&self, value: Self::Ref<'v>) -> View<'v> {
        match value {
            Val::None => View::None,
            Val::Bytes(bytes) => View::Bytes(bytes),
            Val::Text(_) | Val::Growing(_) => View::Text,
            Val::List(items) => View::Sequence(items.len()),
            Val::Dict(_) => View::Mapping,
            _ => View::Other,
        }
    }

    fn cdata(&self, value: &Val) -> Result<Option<CDataRef>, Error> {
        Ok(match value {
            Val::CData(cdata) => Some(cdata.object.cdata()),
            _ => None,
        })
    }

    fn small_integer(&self, value: &Val) -> Option<i64> {
        match value {
            Val::Int(int) => i64::try_from(*int).ok(),
            Val::Bool(bool) => Some((*bool).into()),
            _ => None,
        }
    }

    fn exact_float(&self, value: &Val) -> Option<f64> {
        match value {
            Val::Float(float) => Some(*float),
            _ => None,
        }
    }

    fn integer(&self, value: &Val) -> Result<Integer, Error> {
        match value {
            Val::Int(int) => Ok(Integer::from(*int)),
            Val::Bool(bool) => Ok(Integer::Small((*bool).into())),
            _ => Err(Error::not_an_integer()),
        }
    }

    fn index(&self, value: &Val) -> Result<Option<i64>, Error> {
        match value {
            Val::Int(int) => match i64::try_from(*int) {
                Ok(index) => Ok(Some(index)),
                Err(_) => Err(refused(ErrorClass::Overflow, "too big to convert")),
            },
            Val::Bool(bool) => Ok(Some((*bool).into())),
            _ => Ok(None),
        }
    }

    fn wrapped(&self, value: &Val) -> Result<u128, Error> {
        match value {
            Val::Int(int) => Ok(*int as u128),
            Val::Bool(bool) => Ok((*bool).into()),
            Val::Float(float) => low_bits(*float),
            _ => Err(Error::not_an_integer()),
        }
    }

    fn truth(&self, value: &Val) -> Result<bool, Error> {
        match self.number(value) {
            Ok(number) => Ok(number != 0.0),
            Err(_) => Err(refused(ErrorClass::Type, "integer/float expected")),
        }
    }

    fn float(&self, value: &Val) -> Result<f64, Error> {
        self.number(value)
    }

    fn complex(&self, value: &Val) -> Result<(f64, f64), Error> {
        match value {
            Val::Complex(real, imaginary) => Ok((*real, *imaginary)),
            other => self.number(other).map(|real| (real, 0.0)),
        }
    }

    fn code_points<'v>(&self, text: Self::Ref<'v>) -> impl Iterator<Item = u32> + Clone {
        let (codes, more): (&'v [u32], usize) = match text {
            Val::Text(codes) => (codes, 0),
            Val::Growing(count) => (&[], count.replace(count.get() + 1)),
            _ => (&[], 0),
        };
        let more = std::iter::repeat_n(u32::from('x'), more);
        codes.iter().copied().chain(more)
    }

    fn items(
        &self,
        sequence: &Val,
        visit: impl FnMut(&Val) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match sequence {
            Val::List(items) => items.iter().try_for_each(visit),
            _ => Ok(()),
        }
    }

    fn members(
        &self,
        mapping: &Val,
        mut visit: impl FnMut(&str, &Val) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match mapping {
            Val::Dict(members) => members
                .iter()
                .try_for_each(|(name, value)| visit(name, value)),
            _ => Ok(()),
        }
    }

    fn iterate(
        &self,
        value: &Val,
        mut visit: impl FnMut(&Val) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match value {
            Val::List(items) => items.iter().try_for_each(visit),
            Val::Bytes(bytes) => bytes
                .iter()
                .try_for_each(|&byte| visit(&Val::Int(byte.into()))),
            Val::Text(codes) => codes
                .iter()
                .try_for_each(|&code| visit(&Val::Text(vec![code]))),
            Val::Dict(members) => members
                .iter()
                .try_for_each(|(name, _)| visit(&Val::Text(name.chars().map(u32::from).collect()))),
            Val::CData(cdata) => {
                let object = cdata.object;
                let length = object.iterated(self.types)?;
                (0..length as i64).try_for_each(|index| {
                    let (item, address) = object.item(self.types, index)?;
                    // SAFETY: inside of an array that is alive.
                    visit(&unsafe { load(self, &item, address, cdata.memory.as_ref()) }?)
                })
            }
            other => {
                let message = format!("'{}' object is not iterable", self.type_name(other));
                Err(refused(ErrorClass::Type, &message))
            }
        }
    }

    unsafe fn repr_at(&self, shape: &Shape, from: *const u8) -> Result<String, Error> {
        // SAFETY: the caller's promise.
        unsafe { load(self, shape, from, None) }.map(|value| ascii(self, &value))
    }

    fn type_name(&self, value: &Val) -> String {
        let name = match value {
            Val::None => "NoneType",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Float(_) => "float",
            Val::Complex(..) => "complex",
            Val::Bytes(_) => "bytes",
            Val::Text(_) | Val::Growing(_) => "str",
            Val::List(_) => "list",
            Val::Dict(_) => "dict",
            Val::CData(_) => "cdata",
        };
        name.into()
    }

    fn show(&self, value: &Val) -> String {
        ascii(self, value)
    }

    fn none(&self) -> Val {
        Val::None
    }

    fn make_bool(&self, value: bool) -> Val {
        Val::Bool(value)
    }

    fn make_int(&self, value: i64) -> Val {
        Val::Int(value.into())
    }

    fn make_uint(&self, value: u64) -> Val {
        Val::Int(value.into())
    }

    fn make_wide_int(&self, value: i128) -> Val {
        Val::Int(value)
    }

    fn make_wide_uint(&self, value: u128) -> Val {
        Val::Int(value as i128)
    }

    fn make_float(&self, value: f64) -> Val {
        Val::Float(value)
    }

    fn make_complex(&self, real: f64, imaginary: f64) -> Val {
        Val::Complex(real, imaginary)
    }

    fn make_bytes(&self, bytes: &[u8]) -> Result<Val, Error> {
        Ok(Val::Bytes(bytes.into()))
    }

    fn make_text(&self, code_points: impl Iterator<Item = u32> + Clone) -> Result<Val, Error> {
        Ok(Val::Text(code_points.collect()))
    }

    fn make_list(
        &self,
        count: usize,
        item: impl FnMut(usize) -> Result<Val, Error>,
    ) -> Result<Val, Error> {
        (0..count)
            .map(item)
            .collect::<Result<_, _>>()
            .map(Val::List)
    }

    fn make_pointer(&self, ty: TypeId, address: *mut u8) -> Result<Val, Error> {
        Ok(self.made(self.object(ty, address, 0), None))
    }

    fn make_reference(
        &self,
        ty: TypeId,
        address: *mut u8,
        length: Option<u64>,
        origin: Option<&Rc<Memory>>,
    ) -> Result<Val, Error> {
        let object = self.object(ty, address, length.unwrap_or(0));
        Ok(self.made(object, origin.cloned()))
    }

    fn make_cast(&self, ty: TypeId, address: *mut u8, source: &Val) -> Result<Val, Error> {
        let memory = match source {
            Val::CData(cdata) => cdata.memory.clone(),
            _ => None,
        };
        Ok(self.made(self.object(ty, address, 0), memory))
    }

    fn make_number(&self, ty: TypeId, bytes: &[u8]) -> Result<Val, Error> {
        self.make_record(ty, bytes.len() as u64, 16, |to| {
            // SAFETY: there is room for as many bytes.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        })
    }

    fn make_record(
        &self,
        ty: TypeId,
        size: u64,
        _align: u64,
        fill: impl FnOnce(*mut u8),
    ) -> Result<Val, Error> {
        let memory = Memory::new(size, false);
        fill(memory.start());
        let mut object = self.object(ty, memory.start(), 0);
        object.owned = (!object.shape.is_number()).then_some(size);
        Ok(self.made(object, Some(memory)))
    }
}

/// An error in words of the test's.
pub(crate) fn refused(class: ErrorClass, message: &str) -> Error {
    Error::Refused {
        class,
        message: message.into(),
        place: Default::default(),
    }
}
