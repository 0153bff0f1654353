//! The one model of C types.
//!
//! Types are nodes of an append-only [`TypeTable`], named by small indexes ([`TypeId`] and its kin). Derived types
//! are interned: two types are the same exactly when their ids are. Records and enumerations are themselves,
//! however alike two of them look, as C has it (C11 6.2.7 §1).
//!
//! ```text
//!   TypeTable
//!     nodes      [Void, Primitive.., Pointer(TypeId), Array{TypeId, n}, Function(FunctionId), Record(RecordId), ..]
//!     functions  [FunctionType]        behind CType::Function
//!     records    [Record]              behind CType::Record: declared when made, completed at most once
//!     enums      [Enumeration]         behind CType::Enum:   the same
//!     deferred   [Deferred]            behind CType::Deferred: what `...` left to a compiler
//! ```
//!
//! Qualifiers are not part of a type, as in cffi: `const char *` and `char *` are one. What is `const` is noted where
//! it matters, on variables.

mod completion;
mod node;
mod primitive;
mod record;
mod reuse;
mod spelling;
mod table;
mod unify;

pub(crate) use completion::Completions;
pub use node::{
    CType, Convention, Deferred, DeferredId, DeferredKind, EnumId, FieldId, FunctionId,
    FunctionType, RecordId, TypeId,
};
pub use primitive::{Primitive, PrimitiveKind};
pub use record::{
    Bits, DeclaredMember, EnumBody, Enumeration, Enumerator, Field, Member, Passing, Record,
    RecordBody, RecordKind,
};
pub(crate) use reuse::Made;
pub use table::{TypeSource, TypeTable};
