//! Machine types: what a value is to the machine, with everything an ABI asks about it and nothing else.
//!
//! `int`, `enum e` and `int32_t` are one machine type; every pointer is one. Names, qualifiers and C spelling
//! stay with whoever lowers to these types.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The machine type of an argument, of a result, or of a record's member.
///
/// ```
/// use farcall_jit::{Field, Float, Int, Record, Type};
///
/// let point = Record::structure(16, 8, [Field::new(0, Int::I32), Field::new(8, Float::F64)]);
/// assert_eq!(Type::from(point).size(), 16);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Type {
    /// An integer, a boolean (`U8`), an enumeration or a pointer ([`Int::POINTER`]).
    Int(Int),
    /// A floating-point number.
    Float(Float),
    /// A complex number: real part first, then the imaginary part, as C11 6.2.5 §13 lays it out.
    Complex(Float),
    /// A SIMD vector, in a vector register where the ABI has one of its size.
    Vector(Vector),
    /// An array. By value only inside a record: C passes arrays as pointers.
    Array(Arc<Array>),
    /// A structure or a union.
    Record(Arc<Record>),
}

/// An integer type: its width in bits, and how it is extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Int {
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
}

/// A floating-point format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Float {
    /// IEEE binary16 (`_Float16`).
    F16,
    /// IEEE binary32.
    F32,
    /// IEEE binary64.
    F64,
    /// The x87 80-bit format (`long double` of System V x86-64 and of mingw-w64), kept in 16 bytes.
    F80,
    /// The x87 80-bit format as 32-bit x86 keeps it (`long double` of System V i386 and of mingw32): in 12 bytes.
    F80In12,
    /// IEEE binary128 (`_Float128`, and `long double` on AArch64 Linux).
    F128,
}

/// A SIMD vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vector {
    /// Size in bytes, a power of two of at most 64.
    pub size: u8,
    /// Size of a lane in bytes.
    pub lane: u8,
    /// Whether the lanes are floating-point numbers.
    pub float: bool,
}

/// `count` elements one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Array {
    /// Type of an element.
    pub element: Type,
    /// Number of elements.
    pub count: u64,
    /// Whether it is a flexible array member, `T a[]`, which some rules tell from `T a[0]`. Then `count` is zero.
    pub flexible: bool,
    extent: Extent,
}

/// A structure or union as laid out in memory.
///
/// Records are compared and hashed by their contents, but what that costs is bounded: the hash is computed when the
/// record is made, and a signature whose types have more than a few ten thousand members is refused.
#[derive(Clone, Debug)]
pub struct Record {
    pub(crate) size: u64,
    pub(crate) align: u64,
    pub(crate) natural_align: u64,
    pub(crate) union: bool,
    pub(crate) fields: Box<[Field]>,
    hash: u64,
    extent: Extent,
}

/// How much there is to a type, so that no walk over it takes long or runs deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Extent {
    /// Scalars in it, an array counted as one element.
    pub(crate) leaves: u32,
    /// Records and arrays around the innermost scalar.
    pub(crate) depth: u32,
}

/// A member of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Offset in bytes from the start of the record; for a bit-field, of the unit that `bits` counts from.
    pub offset: u64,
    /// Type of the member; for a bit-field, its declared type.
    pub ty: Type,
    /// Where in its unit a bit-field lies.
    pub bits: Option<Bits>,
}

/// The place of a bit-field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bits {
    /// Bits between the lowest bit at the member's `offset` and the field's lowest bit.
    pub shift: u32,
    /// Number of bits; zero for `int : 0`.
    pub width: u32,
    /// Whether the field has a name. Some ABIs ignore unnamed ones.
    pub named: bool,
}

impl Type {
    /// Size in bytes, as C's `sizeof`.
    pub fn size(&self) -> u64 {
        match self {
            Type::Int(int) => int.size(),
            Type::Float(float) => float.size(),
            Type::Complex(float) => 2 * float.size(),
            Type::Vector(vector) => vector.size.into(),
            Type::Array(array) => array.element.size().saturating_mul(array.count),
            Type::Record(record) => record.size,
        }
    }

    /// How much there is to the type.
    pub(crate) fn extent(&self) -> Extent {
        match self {
            Type::Record(record) => record.extent,
            Type::Array(array) => array.extent,
            _ => Extent {
                leaves: 1,
                depth: 0,
            },
        }
    }

    /// Whether this is a record without members but for unnamed bit-fields and arrays of no elements.
    pub(crate) fn has_no_members(&self) -> bool {
        match self {
            Type::Record(record) => record.fields.iter().all(|field| match field.bits {
                Some(bits) => !bits.named,
                None => field.ty.has_no_members(),
            }),
            Type::Array(array) => {
                (array.count == 0 && !array.flexible) || array.element.has_no_members()
            }
            _ => false,
        }
    }

    /// Whether this is, or has as a member, a scalar or vector like that.
    pub(crate) fn any_scalar(&self, is_one: fn(&Type) -> bool) -> bool {
        match self {
            Type::Record(record) => {
                let mut fields = record.fields.iter();
                fields.any(|field| field.ty.any_scalar(is_one))
            }
            Type::Array(array) => array.element.any_scalar(is_one),
            scalar => is_one(scalar),
        }
    }

    /// Alignment in bytes as C's `_Alignof`; of a scalar, on the 64-bit ABIs.
    pub fn align(&self) -> u64 {
        match self {
            Type::Int(int) => int.size(),
            Type::Float(float) | Type::Complex(float) => float.align(),
            Type::Vector(vector) => vector.size.into(),
            Type::Array(array) => array.element.align(),
            Type::Record(record) => record.align,
        }
    }
}

impl fmt::Display for Type {
    /// For messages: `i32`, `struct of 24 bytes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Int(int) => f.write_str(&format!("{int:?}").to_lowercase()),
            Type::Float(float) => f.write_str(&format!("{float:?}").to_lowercase()),
            Type::Complex(float) => write!(f, "complex {}", Type::Float(*float)),
            Type::Vector(vector) => write!(f, "vector of {} bytes", vector.size),
            Type::Array(array) => write!(f, "{}[{}]", array.element, array.count),
            Type::Record(record) if record.union => write!(f, "union of {} bytes", record.size),
            Type::Record(record) => write!(f, "struct of {} bytes", record.size),
        }
    }
}

impl Int {
    /// A data or function pointer of the machine this runs on.
    pub const POINTER: Int = if size_of::<usize>() == 8 {
        Int::U64
    } else {
        Int::U32
    };

    /// Size in bytes.
    pub const fn size(self) -> u64 {
        match self {
            Int::I8 | Int::U8 => 1,
            Int::I16 | Int::U16 => 2,
            Int::I32 | Int::U32 => 4,
            Int::I64 | Int::U64 => 8,
            Int::I128 | Int::U128 => 16,
        }
    }

    /// Whether the integer is extended with copies of its sign bit.
    pub const fn is_signed(self) -> bool {
        matches!(self, Int::I8 | Int::I16 | Int::I32 | Int::I64 | Int::I128)
    }
}

impl Float {
    /// Size in bytes, padding of the x87 format included.
    pub const fn size(self) -> u64 {
        match self {
            Float::F16 => 2,
            Float::F32 => 4,
            Float::F64 => 8,
            Float::F80In12 => 12,
            Float::F80 | Float::F128 => 16,
        }
    }

    const fn align(self) -> u64 {
        match self {
            Float::F80In12 => 4,
            _ => self.size(),
        }
    }
}

impl Record {
    /// A structure of `size` bytes aligned to `align` bytes, whose attributes did not change its alignment. The
    /// members are in the order of their declaration, unnamed bit-fields included.
    pub fn structure(size: u64, align: u64, fields: impl Into<Box<[Field]>>) -> Record {
        Record::new(size, align, false, fields.into())
    }

    /// A union of `size` bytes aligned to `align` bytes, whose attributes did not change its alignment.
    pub fn union(size: u64, align: u64, fields: impl Into<Box<[Field]>>) -> Record {
        Record::new(size, align, true, fields.into())
    }

    /// The same record with the alignment in bytes that follows from its members alone, where attributes changed
    /// it: AAPCS64's "natural alignment", which its even-register rule looks at.
    pub fn naturally_aligned(mut self, natural_align: u64) -> Record {
        self.natural_align = natural_align;
        self.hash = self.content_hash();
        self
    }

    fn new(size: u64, align: u64, union: bool, fields: Box<[Field]>) -> Record {
        let members = fields.iter().map(|field| field.ty.extent());
        let extent = members.fold(
            Extent {
                leaves: 0,
                depth: 0,
            },
            |sum, member| Extent {
                leaves: sum.leaves.saturating_add(member.leaves),
                depth: sum.depth.max(member.depth),
            },
        );
        let extent = Extent {
            leaves: extent.leaves.max(1),
            depth: extent.depth.saturating_add(1),
        };
        let mut record = Record {
            size,
            align,
            natural_align: align,
            union,
            fields,
            hash: 0,
            extent,
        };
        record.hash = record.content_hash();
        record
    }

    /// A hash of one level, for members that are records bring their own.
    fn content_hash(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        (self.size, self.align, self.natural_align, self.union).hash(&mut hasher);
        self.fields.hash(&mut hasher);
        hasher.finish()
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Record) -> bool {
        self.hash == other.hash
            && (self.size, self.align, self.natural_align, self.union)
                == (other.size, other.align, other.natural_align, other.union)
            && self.fields == other.fields
    }
}

impl Eq for Record {}

impl Hash for Record {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Field {
    /// A member of type `ty` at `offset` bytes.
    pub fn new(offset: u64, ty: impl Into<Type>) -> Field {
        Field {
            offset,
            ty: ty.into(),
            bits: None,
        }
    }

    /// A bit-field declared with type `ty`.
    pub fn bits(offset: u64, ty: impl Into<Type>, bits: Bits) -> Field {
        Field {
            offset,
            ty: ty.into(),
            bits: Some(bits),
        }
    }
}

impl Type {
    /// An array of `count` elements.
    pub fn array(element: impl Into<Type>, count: u64) -> Type {
        let element = element.into();
        let Extent { leaves, depth } = element.extent();
        let extent = Extent {
            leaves,
            depth: depth.saturating_add(1),
        };
        Type::Array(Arc::new(Array {
            element,
            count,
            flexible: false,
            extent,
        }))
    }

    /// A flexible array member: the last field of a structure, of no size.
    pub fn flexible_array(element: impl Into<Type>) -> Type {
        let Type::Array(array) = Type::array(element, 0) else {
            unreachable!("made as an array")
        };
        Type::Array(Arc::new(Array {
            flexible: true,
            ..Arc::unwrap_or_clone(array)
        }))
    }
}

impl From<Int> for Type {
    fn from(int: Int) -> Type {
        Type::Int(int)
    }
}

impl From<Float> for Type {
    fn from(float: Float) -> Type {
        Type::Float(float)
    }
}

impl From<Vector> for Type {
    fn from(vector: Vector) -> Type {
        Type::Vector(vector)
    }
}

impl From<Record> for Type {
    fn from(record: Record) -> Type {
        Type::Record(Arc::new(record))
    }
}

const _: () = assert!(size_of::<Type>() <= 16, "a machine type is two words");
