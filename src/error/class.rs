//! What hosts ask errors: their class, their text without the place, the place.

use super::{Error, Place};

/// The place of an error, shared or to be changed.
macro_rules! place_of {
    ($error:expr) => {
        match $error {
            Error::Layout { place, .. }
            | Error::Untyped { place, .. }
            | Error::Range { place, .. }
            | Error::Negative { place }
            | Error::NotAnInteger { place }
            | Error::NotANumber { place, .. }
            | Error::BitRange { place, .. }
            | Error::Kind { place, .. }
            | Error::SameName { place, .. }
            | Error::ImplicitCast { place, .. }
            | Error::EmbeddedNul { place, .. }
            | Error::TooManyItems { place, .. }
            | Error::TooManyMembers { place, .. }
            | Error::TextTooLong { place, .. }
            | Error::Length { place, .. }
            | Error::Field { place, .. }
            | Error::Refused { place, .. }
            | Error::Bounds { place, .. }
            | Error::OtherFfi { place, .. } => Some(place),
            _ => None,
        }
    };
}

/// What kind of error something is, for hosts whose errors have classes.
///
/// ```
/// use farcall::{ErrorClass, Ffi};
///
/// let error = Ffi::new().alloc("short *", 40000).unwrap_err();
/// assert_eq!(error.to_string(), "integer 40000 does not fit 'short'");
/// assert_eq!(error.class(), ErrorClass::Overflow);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// A value or a type of the wrong kind.
    Type,
    /// A value of the right kind that is not allowed.
    Value,
    /// A number that does not fit.
    Overflow,
    /// A place outside of an array.
    Index,
    /// A name that is not there, in a mapping ([`Error::key`]).
    Key,
    /// A name that is not there, of a member or in a library.
    Attribute,
    /// NULL or memory that is gone.
    Runtime,
    /// Not enough memory.
    Memory,
    /// Something that cannot be done.
    NotImplemented,
    /// A division by zero.
    ZeroDivision,
    /// Something about declarations or libraries.
    Ffi,
    /// What the system says when a library is opened.
    System,
}

impl Error {
    /// What kind of error it is.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Cdef(_)
            | Error::Include(_)
            | Error::Convention { .. }
            | Error::TooManyParameters { .. }
            | Error::Engine { .. } => ErrorClass::Ffi,
            Error::Library { .. } => ErrorClass::System,
            Error::Symbol { .. }
            | Error::Undeclared { .. }
            | Error::WrongDeclaration { .. }
            | Error::NoField { .. } => ErrorClass::Attribute,
            Error::Range { .. } | Error::Negative { .. } | Error::BitRange { .. } => {
                ErrorClass::Overflow
            }
            Error::TooManyItems { .. }
            | Error::TextTooLong { .. }
            | Error::NoArgument { .. }
            | Error::Bounds { .. } => ErrorClass::Index,
            Error::Closed { .. } | Error::TooManyMembers { .. } | Error::EmbeddedNul { .. } => {
                ErrorClass::Value
            }
            Error::Field { .. } => ErrorClass::Key,
            Error::Refused { class, .. } => *class,
            Error::Null { .. }
            | Error::Released { .. }
            | Error::Foreign { .. }
            | Error::Stack { .. } => ErrorClass::Runtime,
            Error::Memory { .. } => ErrorClass::Memory,
            Error::Layout { .. }
            | Error::ArgumentCount { .. }
            | Error::Untyped { .. }
            | Error::NotAnInteger { .. }
            | Error::NotANumber { .. }
            | Error::Kind { .. }
            | Error::SameName { .. }
            | Error::ImplicitCast { .. }
            | Error::Length { .. }
            | Error::Operation { .. }
            | Error::TypedFunction { .. }
            | Error::OtherFfi { .. }
            | Error::Handle { .. }
            | Error::ReadOnly { .. } => ErrorClass::Type,
        }
    }

    /// The text without the place.
    pub fn message(&self) -> String {
        let mut plain = self.clone();
        if let Some(place) = plain.place_mut() {
            *place = Place::default();
        }
        plain.to_string()
    }

    /// Where a value was to go, for errors that have one.
    pub fn place(&self) -> Option<&Place> {
        place_of!(self)
    }

    /// The name that a mapping should not have, for an error of the class [`ErrorClass::Key`].
    pub fn key(&self) -> Option<&str> {
        match self {
            Error::Field { field, .. } => Some(field),
            _ => None,
        }
    }

    /// An operation that is not to be had.
    pub(crate) fn refused(class: ErrorClass, message: impl Into<String>) -> Error {
        Error::Refused {
            class,
            message: message.into(),
            place: Place::default(),
        }
    }

    /// What cffi says of an integer that 64 bits do not hold.
    pub(crate) fn too_big() -> Error {
        Error::refused(ErrorClass::Overflow, "int too big to convert")
    }

    /// The error of a value that is no integer.
    pub fn not_an_integer() -> Error {
        Error::NotAnInteger {
            place: Place::default(),
        }
    }

    /// The error of a value that is no number.
    pub fn not_a_number(found: impl Into<String>) -> Error {
        Error::NotANumber {
            found: found.into(),
            place: Place::default(),
        }
    }

    fn place_mut(&mut self) -> Option<&mut Place> {
        place_of!(self)
    }

    /// The same error, with the next step outwards added to its place.
    pub(crate) fn within(mut self, step: impl FnOnce() -> String) -> Error {
        if let Some(place) = self.place_mut() {
            place.0.push(step());
        }
        self
    }
}
