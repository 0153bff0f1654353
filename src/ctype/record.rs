//! Structures, unions and enumerations: declared once, completed at most once.

use std::sync::OnceLock;

use hashbrown::HashMap;

use super::{FieldId, Primitive, RecordId, TypeId};
use crate::shape::Slots;

/// A structure or union, perhaps only declared.
#[derive(Debug)]
pub struct Record {
    /// Structure or union.
    pub kind: RecordKind,
    /// The tag, or what stands for one (`$1`) if it has none.
    pub tag: Box<str>,
    pub(super) ty: TypeId,
    pub(super) typedef_name: OnceLock<Box<str>>,
    pub(super) body: OnceLock<RecordBody>,
    pub(super) partial: OnceLock<Box<[DeclaredMember]>>,
    /// The record that this one turned out to be, declared apart from it.
    pub(super) same_as: OnceLock<RecordId>,
    /// Its members as conversions see them, made when they are first asked for.
    pub(crate) slots: OnceLock<Slots>,
}

/// Whether members follow each other or share their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// `struct`.
    Struct,
    /// `union`.
    Union,
}

/// Members and layout of a complete record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBody {
    /// The members in the order of declaration, anonymous ones and unnamed bit-fields included.
    pub fields: Box<[Field]>,
    /// Size in bytes, padding at the end included, a flexible array member counted as empty.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// Alignment in bytes that follows from the members' types alone, without attributes (what AAPCS64 calls
    /// natural alignment, section 5.9).
    pub natural_align: u64,
    /// Whether the last member is an array without a length.
    pub flexible: bool,
    /// How the record is passed to functions.
    pub passing: Passing,
    pub(crate) members: HashMap<Box<str>, Member>,
    /// The alignment in bytes that Microsoft's compiler lets no packing lower.
    pub(crate) required_align: u64,
    /// Whether an attribute took part in the alignment.
    pub(crate) user_align: bool,
    /// How gcc keeps values of the record.
    pub(crate) mode: crate::layout::Mode,
    /// How many records and arrays are inside each other, this record included.
    pub(crate) depth: u32,
}

/// How a record is passed by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Passing {
    /// As the target's ABI passes a record of its members.
    #[default]
    ByMembers,
    /// As its first member alone (`__attribute__((transparent_union))`).
    AsFirstMember,
}

/// A member as it was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name; none for an anonymous record and an unnamed bit-field.
    pub name: Option<Box<str>>,
    /// Its type; a bit-field's declared type.
    pub ty: TypeId,
    /// Offset in bytes from the start of the record; for a bit-field, of the unit that `bits` counts from.
    pub offset: u64,
    /// Where in its unit a bit-field lies.
    pub bits: Option<Bits>,
}

/// A member that a record with `...;` names. Where it lies, only a C compiler knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredMember {
    /// Its name; none for an anonymous record and an unnamed bit-field.
    pub name: Option<Box<str>>,
    /// Its type; a bit-field's declared type.
    pub ty: TypeId,
    /// The number of bits, of a bit-field.
    pub bit_width: Option<u32>,
}

/// The place of a bit-field, on a little-endian target: bits `offset * 8 + shift ..` up to `+ width` of the record.
///
/// ```text
///   struct { unsigned a:3, b:7; }      offset 0        1
///                                      aaabbbbb bb......     b: offset 0, shift 3, width 7
/// ```
///
/// A packed record may hold less than a whole unit of the declared type at `offset`, and a field may
/// cross its unit's end: read the bytes from `offset + shift / 8` that the bits touch (nine at most, seventeen for `__int128`) and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bits {
    /// Bits between the lowest bit at the member's offset and the field's lowest bit.
    pub shift: u32,
    /// Number of bits; zero for `int : 0`.
    pub width: u32,
}

/// A member found by name, perhaps inside anonymous members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which of the record's own members it is or is inside of.
    pub field: FieldId,
    /// Its type.
    pub ty: TypeId,
    /// Offset in bytes from the start of the outermost record.
    pub offset: u64,
    /// Where in its unit a bit-field lies.
    pub bits: Option<Bits>,
}

impl Record {
    /// The record as a type.
    pub fn type_id(&self) -> TypeId {
        self.ty
    }

    /// Members and layout, once the record is complete.
    pub fn body(&self) -> Option<&RecordBody> {
        self.body.get()
    }

    /// Whether the record was declared with `...;`, so that only a compiler could lay it out.
    pub fn is_partial(&self) -> bool {
        self.partial.get().is_some()
    }

    /// The members that a declaration with `...;` names, in its order; empty for a record that has none or whose layout is
    /// known ([`Record::body`]).
    pub fn declared_members(&self) -> &[DeclaredMember] {
        self.partial.get().map_or(&[], |members| members)
    }

    pub(crate) fn typedef_name(&self) -> Option<&str> {
        self.typedef_name.get().map(|name| &**name)
    }

    /// The name that the record goes by in C: the first typedef's, else `struct tag`.
    pub fn spelling(&self) -> String {
        match self.typedef_name.get() {
            Some(name) => name.to_string(),
            None => format!("{} {}", self.kind.keyword(), self.tag),
        }
    }
}

impl RecordKind {
    /// `struct` or `union`.
    pub const fn keyword(self) -> &'static str {
        match self {
            RecordKind::Struct => "struct",
            RecordKind::Union => "union",
        }
    }
}

impl RecordBody {
    /// All members that have a name, those inside anonymous members too, in no particular order.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (&str, &Member)> {
        self.members.iter().map(|(name, member)| (&**name, member))
    }

    /// The member of this name, inside anonymous members too (C11 6.7.2.1 §13).
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.get(name)
    }
}

/// An enumeration, perhaps only declared.
#[derive(Debug)]
pub struct Enumeration {
    /// The tag, or what stands for one (`$1`) if it has none.
    pub tag: Box<str>,
    pub(super) ty: TypeId,
    pub(super) typedef_name: OnceLock<Box<str>>,
    /// The underlying type, where it was declared before the constants (`enum e : int;`).
    pub(super) declared: OnceLock<EnumBody>,
    pub(super) body: OnceLock<EnumBody>,
}

/// Representation and constants of a complete enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumBody {
    /// The integer type that holds its values.
    pub underlying: Primitive,
    /// The constants in the order of declaration.
    pub enumerators: Box<[Enumerator]>,
    /// Whether a `...` left values to the compiler.
    pub partial: bool,
}

/// A constant of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enumerator {
    /// Its name.
    pub name: Box<str>,
    /// Its value.
    pub value: i128,
}

impl Enumeration {
    /// The enumeration as a type.
    pub fn type_id(&self) -> TypeId {
        self.ty
    }

    /// Representation and constants, once the enumeration is complete.
    pub fn body(&self) -> Option<&EnumBody> {
        self.body.get().or_else(|| self.declared.get())
    }

    pub(crate) fn typedef_name(&self) -> Option<&str> {
        self.typedef_name.get().map(|name| &**name)
    }

    /// The name that the enumeration goes by in C: the first typedef's, else `enum tag`.
    pub fn spelling(&self) -> String {
        match self.typedef_name.get() {
            Some(name) => name.to_string(),
            None => format!("enum {}", self.tag),
        }
    }
}

impl EnumBody {
    /// Whether it comes from braces, and not from `enum e : int;`.
    pub(crate) fn is_definition(&self) -> bool {
        self.partial || !self.enumerators.is_empty()
    }

    /// The name of the first constant with this value.
    pub fn name_of(&self, value: i128) -> Option<&str> {
        self.enumerators
            .iter()
            .find(|e| e.value == value)
            .map(|e| &*e.name)
    }
}
