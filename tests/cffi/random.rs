//! Random operations: mostly such as make sense.

use std::rc::Rc;

use farcall::Ffi;
use farcall::ctype::{TypeId, TypeTable};
use farcall::shape::{Form, Shape};

use crate::host::{Cd, Val};
use crate::operation::{Operation, PathStep};
use crate::session::Session;

pub(crate) struct Random<'f> {
    ffi: &'f Ffi,
    rng: fastrand::Rng,
}

/// Types whose objects are made.
const NEW: &[&str] = &[
    "int *",
    "char *",
    "char[]",
    "char[4]",
    "int[]",
    "int[5]",
    "short[2][3]",
    "double *",
    "float[3]",
    "unsigned char[]",
    "_Bool[3]",
    "wchar_t[]",
    "char16_t[5]",
    "char32_t *",
    "struct point *",
    "struct point[2]",
    "struct mixed *",
    "union number *",
    "struct bits *",
    "struct nested *",
    "struct flexible *",
    "struct wide *",
    "struct pointers *",
    "alias[3]",
    "enum color *",
    "uint64_t[2]",
    "char *[3]",
    "void **",
    "int",
    "struct opaque *",
    "struct point",
    "float _Complex *",
    "long double *",
];

/// Types that values are cast to.
const CAST: &[&str] = &[
    "signed char",
    "unsigned char",
    "short",
    "unsigned int",
    "long",
    "unsigned long long",
    "_Bool",
    "char",
    "wchar_t",
    "char16_t",
    "float",
    "double",
    "long double",
    "double _Complex",
    "enum color",
    "int *",
    "char *",
    "void *",
    "struct point *",
    "int[3]",
    "struct point",
    "function",
];

const NAMES: &[&str] = &[
    "x", "y", "c", "d", "s", "name", "at", "flag", "i", "f", "bytes", "a", "b", "one", "wide",
    "inner", "l", "p", "q", "next", "n", "tail", "w", "name16", "c32", "ld", "z", "e", "u8", "u64",
    "text", "any", "ints", "points", "nothing",
];

impl<'f> Random<'f> {
    pub(crate) fn new(ffi: &'f Ffi, seed: u64) -> Random<'f> {
        Random {
            ffi,
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    pub(crate) fn operation(&mut self, session: &Session<'_>) -> Operation {
        if session.cdata.len() < 5 || self.rng.u32(..8) == 0 {
            return self.fresh(session);
        }
        let v = self.pick(&session.cdata);
        let types = self.ffi.types();
        let shape = v.object.shape;
        match self.rng.u32(..29) {
            0..=2 => Operation::Item(v, self.index()),
            3..=5 => {
                let value = self.item_value(session, types, &shape);
                Operation::SetItem(v, self.index(), value)
            }
            6..=8 => {
                let name = self.name(types, &shape);
                Operation::Field(v, name)
            }
            9..=11 => {
                let name = self.name(types, &shape);
                let slot = types.slots_of(&shape).and_then(|slots| slots.get(&name));
                let value = match slot {
                    Some(slot) => self.value(session, slot.shape.ty, 2),
                    None => self.junk(session),
                };
                Operation::SetField(v, name, value)
            }
            12 => Operation::Slice(v, self.bound(), self.bound()),
            13 => {
                let (start, stop) = (self.rng.i64(-1..3), self.rng.i64(0..5));
                let value = match shape.item() {
                    Some(item) => {
                        let count = (stop - start).max(0) + self.rng.i64(-1..2);
                        let values = (0..count.max(0)).map(|_| self.value(session, item, 1));
                        Val::List(values.collect())
                    }
                    None => self.junk(session),
                };
                let value = match self.rng.u32(..4) {
                    0 => self.junk(session),
                    _ => value,
                };
                Operation::SetSlice(v, start, stop, value)
            }
            14 => Operation::Add(v, self.rng.i64(-3..5)),
            15 => Operation::Subtract(v, self.pick(&session.cdata)),
            16 => {
                let operators = ["==", "!=", "<", ">="];
                let operator = operators[self.rng.usize(..4)];
                Operation::Compare(v, self.pick(&session.cdata), operator)
            }
            17 => Operation::Length(v),
            18 => Operation::Iterate(v),
            19 => Operation::Truth(v),
            20 => match self.rng.u32(..3) {
                0 => Operation::Int(v),
                1 => Operation::Float(v),
                _ => Operation::Complex(v),
            },
            21..=22 => {
                let max = (self.rng.bool()).then(|| self.rng.u64(..6));
                Operation::Text(v, max)
            }
            23 => Operation::Unpack(v, self.rng.i64(-1..5)),
            24 => {
                let size = (self.rng.bool()).then(|| self.rng.u64(..9));
                Operation::Bytes(v, size)
            }
            25 => Operation::Size(v),
            26 => Operation::Dir(v),
            _ => {
                let path = self.path(types, shape);
                Operation::AddressOf(v, path)
            }
        }
    }

    fn fresh(&mut self, session: &Session<'_>) -> Operation {
        let new = NEW[self.rng.usize(..NEW.len())];
        let ty = self.ffi.type_of(new).unwrap();
        match self.rng.u32(..10) {
            0..=5 => {
                let types = self.ffi.types();
                let init = match (self.rng.u32(..4), Shape::of(types, ty).form) {
                    (0, _) => Val::None,
                    (_, Form::Pointer(target)) => self.value(session, target, 3),
                    _ => self.value(session, ty, 3),
                };
                Operation::New(new.into(), init)
            }
            6..=7 => {
                let cast = CAST[self.rng.usize(..CAST.len())];
                let ty = self.ffi.type_of(cast).unwrap();
                let value = match self.rng.u32(..3) {
                    0 => self.junk(session),
                    1 => Val::Float(self.rng.f64() * 1e6 - 5e5),
                    _ => self.value(session, ty, 1),
                };
                Operation::Cast(cast.into(), value)
            }
            8 => match self.rng.u32(..3) {
                0 => Operation::SizeOf(new.into()),
                1 => Operation::AlignOf(new.into()),
                _ => Operation::Kind(new.into()),
            },
            _ => {
                let shape = Shape::of(self.ffi.types(), ty);
                let mut path = self.path(self.ffi.types(), shape);
                if path.is_empty() {
                    path.push(PathStep::Item(1));
                }
                Operation::OffsetOf(new.into(), path)
            }
        }
    }

    fn pick(&mut self, cdata: &[Rc<Cd>]) -> Rc<Cd> {
        Rc::clone(&cdata[self.rng.usize(..cdata.len())])
    }

    fn index(&mut self) -> i64 {
        match self.rng.u32(..4) {
            0 => self.rng.i64(-2..7),
            1 => 1,
            _ => 0,
        }
    }

    fn bound(&mut self) -> Option<i64> {
        (self.rng.u32(..12) > 0).then(|| self.rng.i64(-1..5))
    }

    fn name(&mut self, types: &TypeTable, shape: &Shape) -> String {
        let own: Vec<&str> = types.slots_of(shape).map_or_else(Vec::new, |slots| {
            slots.iter().map(|slot| &*slot.name).collect()
        });
        match own.len() {
            0 => NAMES[self.rng.usize(..NAMES.len())].into(),
            _ if self.rng.u32(..12) == 0 => NAMES[self.rng.usize(..NAMES.len())].into(),
            len => own[self.rng.usize(..len)].into(),
        }
    }

    fn path(&mut self, types: &TypeTable, shape: Shape) -> Vec<PathStep> {
        let mut path = Vec::new();
        let mut shape = shape;
        for _ in 0..self.rng.u32(..4) {
            let slots = types.slots_of(&shape);
            let step = match slots {
                Some(_) if self.rng.u32(..6) > 0 => PathStep::Member(self.name(types, &shape)),
                _ => PathStep::Item(self.rng.i64(-1..4)),
            };
            let next = match &step {
                PathStep::Member(name) => {
                    let slot = slots.and_then(|slots| slots.get(name));
                    slot.map(|slot| slot.shape)
                }
                PathStep::Item(_) => shape.item().map(|item| Shape::of(types, item)),
            };
            path.push(step);
            match next {
                Some(next) => shape = next,
                None => break,
            }
        }
        path
    }

    fn item_value(&mut self, session: &Session<'_>, types: &TypeTable, shape: &Shape) -> Val {
        match shape.item() {
            // What is written behind such a record, nobody checks.
            Some(item) if types.spelling(item) == "struct flexible" => Val::Dict(Vec::new()),
            Some(item) => self.value(session, item, 2),
            None => self.junk(session),
        }
    }

    /// A value for a type, most of the time.
    fn value(&mut self, session: &Session<'_>, ty: TypeId, depth: u32) -> Val {
        if self.rng.u32(..9) == 0 {
            return self.junk(session);
        }
        let types = self.ffi.types();
        let shape = Shape::of(types, ty);
        match shape.form {
            Form::Bool => [
                Val::Int(0),
                Val::Int(1),
                Val::Bool(true),
                Val::Int(2),
                Val::Int(-1),
            ][self.rng.usize(..5)]
            .clone(),
            Form::Integer(width) => {
                let bits = 8 * width.size() as u32;
                let (min, max) = match width.is_signed() {
                    true => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
                    false => (0, (1i128 << bits) - 1),
                };
                let edges = [min - 1, min, max, max + 1, 0, 1, -1];
                Val::Int(match self.rng.u32(..3) {
                    0 => edges[self.rng.usize(..edges.len())],
                    _ => self.rng.i128(0..=100),
                })
            }
            Form::Char => {
                let count = [1, 1, 1, 0, 2][self.rng.usize(..5)];
                Val::Bytes(self.bytes(count))
            }
            Form::Char16 | Form::Char32 { .. } => {
                let count = [1, 1, 1, 0, 2][self.rng.usize(..5)];
                self.text(count)
            }
            Form::Float | Form::Double | Form::WideFloat(_) => match self.rng.u32(..4) {
                0 => Val::Int(self.rng.i128(-5..5)),
                _ => Val::Float([0.0, -0.5, 1.5, 1e300, 0.1, 123456.789][self.rng.usize(..6)]),
            },
            Form::FloatComplex | Form::DoubleComplex | Form::WideComplex(_) => {
                match self.rng.bool() {
                    true => Val::Complex(1.5, -2.0),
                    false => Val::Float(0.25),
                }
            }
            Form::Array { item, length } if depth > 0 => {
                let most = length.unwrap_or(4) + u64::from(self.rng.u32(..6) == 0);
                let count = self.rng.u64(..=most) as usize;
                match (Shape::of(types, item).form, self.rng.u32(..4)) {
                    (Form::Char | Form::Integer(_) | Form::Bool, 0) => {
                        Val::Bytes(self.bytes(count))
                    }
                    (Form::Char, 1..=2) => Val::Bytes(self.bytes(count)),
                    (Form::Char16 | Form::Char32 { .. }, 0..=2) => self.text(count),
                    (_, 0) if length.is_none() => Val::Int(self.rng.i128(-1..4)),
                    _ => Val::List(
                        (0..count)
                            .map(|_| self.value(session, item, depth - 1))
                            .collect(),
                    ),
                }
            }
            Form::Record(id) if depth > 0 => {
                let Some(slots) = types.slots(id) else {
                    return self.junk(session);
                };
                let list = self.rng.bool();
                let mut members = Vec::new();
                for slot in slots.iter().filter(|slot| slot.positional || !list) {
                    if self.rng.u32(..4) == 0 {
                        match list {
                            true => break,
                            false => continue,
                        }
                    }
                    let value = self.value(session, slot.shape.ty, depth - 1);
                    members.push((slot.name.to_string(), value));
                }
                if self.rng.u32(..20) == 0 {
                    members.push(("nothing".into(), Val::Int(1)));
                }
                match list {
                    true => Val::List(members.into_iter().map(|(_, value)| value).collect()),
                    false => Val::Dict(members),
                }
            }
            _ => match session.cdata.is_empty() {
                true => Val::None,
                false => Val::CData(self.pick(&session.cdata)),
            },
        }
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count)
            .map(|_| b"ab\0\xff'\n\x01"[self.rng.usize(..7)])
            .collect()
    }

    fn text(&mut self, count: usize) -> Val {
        let codes = [0x61, 0xe9, 0x20ac, 0x1f600, 0xd800, 0x27];
        Val::Text((0..count).map(|_| codes[self.rng.usize(..6)]).collect())
    }

    fn junk(&mut self, session: &Session<'_>) -> Val {
        match self.rng.u32(..13) {
            0 => Val::None,
            1 => Val::Float(2.5),
            2 => self.text(1),
            3 => Val::Bytes(b"ab".into()),
            4 => Val::List(vec![Val::Int(1), Val::Int(2)]),
            5 => Val::Dict(vec![("x".into(), Val::Int(3))]),
            6 => Val::Int(1 << 70),
            7 => Val::Int(-(1 << 70)),
            8 => Val::Complex(1.0, 2.0),
            9 => Val::Bool(true),
            _ if session.cdata.is_empty() => Val::Int(7),
            _ => Val::CData(self.pick(&session.cdata)),
        }
    }
}
