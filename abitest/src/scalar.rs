//! C's scalar types, and what each is to the machine.

use crate::features::{Feature, Features};
use crate::target::Target;

/// A machine number, or one lane of a complex number or vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Prim {
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    I128,
    U128,
    F16,
    F32,
    F64,
    X87,
    F128,
}

impl Prim {
    pub(crate) fn size(self, target: &Target) -> u32 {
        match self {
            Prim::Bool | Prim::I8 | Prim::U8 => 1,
            Prim::I16 | Prim::U16 | Prim::F16 => 2,
            Prim::I32 | Prim::U32 | Prim::F32 => 4,
            Prim::I64 | Prim::U64 | Prim::F64 => 8,
            Prim::I128 | Prim::U128 | Prim::F128 => 16,
            Prim::X87 => target.x87_size.into(),
        }
    }

    /// How many of its bytes carry the value.
    pub(crate) fn meaningful(self, target: &Target) -> u32 {
        if self == Prim::X87 {
            10
        } else {
            self.size(target)
        }
    }

    pub(crate) fn is_signed(self) -> bool {
        matches!(
            self,
            Prim::I8 | Prim::I16 | Prim::I32 | Prim::I64 | Prim::I128
        )
    }

    pub(crate) fn is_integer(self) -> bool {
        !matches!(
            self,
            Prim::F16 | Prim::F32 | Prim::F64 | Prim::X87 | Prim::F128
        )
    }

    fn integer(size: u8, signed: bool) -> Prim {
        match (size, signed) {
            (4, true) => Prim::I32,
            (4, false) => Prim::U32,
            (_, true) => Prim::I64,
            (_, false) => Prim::U64,
        }
    }
}

/// How a scalar is made of machine numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    One(Prim),
    Complex(Prim),
    Vector { lane: Prim, lanes: u32 },
}

impl Shape {
    pub(crate) fn prim(self) -> Prim {
        match self {
            Shape::One(prim) | Shape::Complex(prim) | Shape::Vector { lane: prim, .. } => prim,
        }
    }

    pub(crate) fn lanes(self) -> u32 {
        match self {
            Shape::One(_) => 1,
            Shape::Complex(_) => 2,
            Shape::Vector { lanes, .. } => lanes,
        }
    }

    pub(crate) fn size(self, target: &Target) -> u32 {
        self.lanes() * self.prim().size(target)
    }
}

/// What a scalar's shape depends on.
#[derive(Clone, Copy)]
enum Rule {
    Fixed(Shape),
    Char,
    WChar,
    Long { signed: bool },
    Pointer,
    LongDouble,
    ComplexLongDouble,
}

/// A scalar type of C: an index into the table of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scalar(u8);

struct Row {
    spelling: &'static str,
    rule: Rule,
    needs: &'static [Feature],
    /// Whether it may be a bit-field's type.
    bits: bool,
}

const fn one(spelling: &'static str, prim: Prim) -> Row {
    Row {
        spelling,
        rule: Rule::Fixed(Shape::One(prim)),
        needs: &[],
        bits: false,
    }
}

const fn bits(spelling: &'static str, prim: Prim) -> Row {
    Row {
        bits: true,
        ..one(spelling, prim)
    }
}

const fn by(spelling: &'static str, rule: Rule, bits: bool) -> Row {
    Row {
        spelling,
        rule,
        needs: &[],
        bits,
    }
}

const fn with(spelling: &'static str, shape: Shape, needs: &'static [Feature]) -> Row {
    Row {
        spelling,
        rule: Rule::Fixed(shape),
        needs,
        bits: false,
    }
}

const fn vector(spelling: &'static str, lane: Prim, lanes: u32) -> Row {
    with(spelling, Shape::Vector { lane, lanes }, &[Feature::Vectors])
}

const fn lone(spelling: &'static str, lane: Prim) -> Row {
    with(
        spelling,
        Shape::Vector { lane, lanes: 1 },
        &[Feature::Vectors, Feature::LoneLanes],
    )
}

/// Names that are not C's own are typedefs of [`crate::emit`]'s prelude.
const TABLE: &[Row] = &[
    bits("_Bool", Prim::Bool),
    by("char", Rule::Char, true),
    bits("signed char", Prim::I8),
    bits("unsigned char", Prim::U8),
    bits("short", Prim::I16),
    bits("unsigned short", Prim::U16),
    bits("int", Prim::I32),
    bits("unsigned int", Prim::U32),
    by("long", Rule::Long { signed: true }, true),
    by("unsigned long", Rule::Long { signed: false }, true),
    bits("long long", Prim::I64),
    bits("unsigned long long", Prim::U64),
    bits("enum low", Prim::U32),
    one("enum negative", Prim::I32),
    one("enum wide", Prim::U64),
    by("wchar", Rule::WChar, false),
    one("char16", Prim::U16),
    one("char32", Prim::U32),
    by("void *", Rule::Pointer, false),
    by("const char *", Rule::Pointer, false),
    by("function", Rule::Pointer, false),
    one("float", Prim::F32),
    one("double", Prim::F64),
    with("__int128", Shape::One(Prim::I128), &[Feature::Int128]),
    with(
        "unsigned __int128",
        Shape::One(Prim::U128),
        &[Feature::Int128],
    ),
    with(
        "_Complex float",
        Shape::Complex(Prim::F32),
        &[Feature::Complex],
    ),
    with(
        "_Complex double",
        Shape::Complex(Prim::F64),
        &[Feature::Complex],
    ),
    Row {
        needs: &[Feature::LongDouble],
        ..by("long double", Rule::LongDouble, false)
    },
    Row {
        needs: &[Feature::LongDouble, Feature::Complex],
        ..by("_Complex long double", Rule::ComplexLongDouble, false)
    },
    with("_Float16", Shape::One(Prim::F16), &[Feature::Float16]),
    with("float128", Shape::One(Prim::F128), &[Feature::Float128]),
    vector("i8x8", Prim::I8, 8),
    vector("i16x4", Prim::I16, 4),
    vector("i32x2", Prim::I32, 2),
    vector("f32x2", Prim::F32, 2),
    vector("i8x16", Prim::I8, 16),
    vector("i16x8", Prim::I16, 8),
    vector("i32x4", Prim::I32, 4),
    vector("i64x2", Prim::I64, 2),
    vector("f32x4", Prim::F32, 4),
    vector("f64x2", Prim::F64, 2),
    lone("i64x1", Prim::I64),
    lone("f64x1", Prim::F64),
];

impl Scalar {
    /// Those that `features` allow.
    pub(crate) fn allowed(features: Features) -> impl Iterator<Item = Scalar> + Clone {
        let allowed = move |row: &Row| row.needs.iter().all(|need| features.has(*need));
        TABLE
            .iter()
            .enumerate()
            .filter(move |(_, row)| allowed(row))
            .map(|(index, _)| Scalar(index as u8))
    }

    /// C's name for it.
    pub(crate) fn spelling(self) -> &'static str {
        self.row().spelling
    }

    pub(crate) fn shape(self, target: &Target) -> Shape {
        let prim = match self.row().rule {
            Rule::Fixed(shape) => return shape,
            Rule::ComplexLongDouble => return Shape::Complex(target.long_double),
            Rule::Char if target.char_signed => Prim::I8,
            Rule::Char => Prim::U8,
            Rule::WChar => target.wchar,
            Rule::Long { signed } => Prim::integer(target.long, signed),
            Rule::Pointer => Prim::integer(target.pointer, false),
            Rule::LongDouble => target.long_double,
        };
        Shape::One(prim)
    }

    pub(crate) fn size(self, target: &Target) -> u32 {
        self.shape(target).size(target)
    }

    /// Whether a bit-field may be declared with it.
    pub(crate) fn may_be_bits(self) -> bool {
        self.row().bits
    }

    /// Whether C passes it unchanged through `...` (C11 6.5.2.2 §6).
    pub(crate) fn survives_promotion(self, target: &Target) -> bool {
        match self.shape(target) {
            Shape::One(Prim::F32 | Prim::F16) => false,
            Shape::One(prim) => !prim.is_integer() || prim.size(target) >= 4,
            _ => true,
        }
    }

    /// Its integer, if it is one narrow enough for C to extend it.
    pub(crate) fn small_integer(self, target: &Target) -> Option<Prim> {
        match self.shape(target) {
            // Conversions of pointers to wider integers are each compiler's own.
            _ if matches!(self.row().rule, Rule::Pointer) => None,
            Shape::One(prim) if prim.is_integer() && prim.size(target) <= 4 => Some(prim),
            _ => None,
        }
    }

    fn row(self) -> &'static Row {
        &TABLE[usize::from(self.0)]
    }
}
