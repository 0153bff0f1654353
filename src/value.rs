//! The crate's own dynamic values.

mod nested;

use std::ffi::c_void;
use std::mem;

use crate::Error;
use crate::cdata::CData;
use crate::error::ErrorClass;

/// A value on its way to C or back.
///
/// Numbers, texts, lists and mappings convert to the C type they meet, range-checked: to a `short` goes any
/// integer that fits one, to a struct a list of its members in order or a mapping by name.
///
/// ```
/// use farcall::Value;
///
/// let point = Value::map([("x", 1), ("y", 2)]);
/// assert_eq!(point.to_string(), "{x: 1, y: 2}");
/// assert_eq!(Value::from((2, 2.5, "text")).to_string(), "[2, 2.5, \"text\"]");
/// ```
#[non_exhaustive]
pub enum Value {
    /// Nothing: the result of a `void` function, an initialiser that leaves memory as it is, a NULL pointer.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// An integer above `i128::MAX`, as only an `unsigned __int128` holds.
    Large(u128),
    /// A floating-point number.
    Float(f64),
    /// A complex number.
    Complex(f64, f64),
    /// Bytes; a single one for a C `char`.
    Bytes(Vec<u8>),
    /// Text; a single character for a `wchar_t` and its kin.
    Text(String),
    /// Items in order.
    List(Vec<Value>),
    /// Members by name.
    Map(Vec<(String, Value)>),
    /// Something with a C type.
    CData(CData),
}

impl Value {
    /// A mapping of members by name.
    pub fn map<'a, T: Into<Value>>(members: impl IntoIterator<Item = (&'a str, T)>) -> Value {
        Value::Map(
            members
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// What a person calls this kind of value.
    pub fn kind(&self) -> String {
        match self {
            Value::None => "none".into(),
            Value::Bool(_) => "a bool".into(),
            Value::Int(_) | Value::Large(_) => "an integer".into(),
            Value::Float(_) => "a float".into(),
            Value::Complex(..) => "a complex number".into(),
            Value::Bytes(_) => "bytes".into(),
            Value::Text(_) => "text".into(),
            Value::List(_) => "a list".into(),
            Value::Map(_) => "a mapping".into(),
            Value::CData(cdata) => format!("cdata '{}'", cdata.type_name()),
        }
    }

    /// The cdata in it.
    ///
    /// # Errors
    ///
    /// [`Error::Kind`] if it is something else.
    pub fn cdata(&self) -> Result<&CData, Error> {
        match self {
            Value::CData(cdata) => Ok(cdata),
            _ => Err(self.unexpected("cdata")),
        }
    }

    /// The member `name` of a struct or union, as [`CData::field`].
    ///
    /// # Errors
    ///
    /// [`Error::Kind`] if the value is not cdata, and those of [`CData::field`].
    pub fn field(&self, name: &str) -> Result<Value, Error> {
        self.cdata()?.field(name)
    }

    /// The item at `index` of an array or behind a pointer, as [`CData::item`].
    ///
    /// # Errors
    ///
    /// [`Error::Kind`] if the value is not cdata, and those of [`CData::item`].
    pub fn item(&self, index: i64) -> Result<Value, Error> {
        self.cdata()?.item(index)
    }

    fn unexpected(&self, expected: &str) -> Error {
        let message = format!("{expected} was asked for, but the value is {}", self.kind());
        Error::refused(ErrorClass::Type, message)
    }
}

macro_rules! from_int {
    ($($int:ty)*) => {$(
        impl From<$int> for Value {
            fn from(value: $int) -> Value {
                Value::Int(value as i128)
            }
        }
    )*};
}

macro_rules! to_int {
    ($($int:ty)*) => {$(
        impl TryFrom<Value> for $int {
            type Error = Error;

            fn try_from(value: Value) -> Result<$int, Error> {
                let fit = match &value {
                    Value::Int(int) => <$int>::try_from(*int).ok(),
                    Value::Large(int) => <$int>::try_from(*int).ok(),
                    Value::Bool(bool) => Some(<$int>::from(*bool)),
                    // A C `char`.
                    Value::Bytes(bytes) if (bytes.len(), size_of::<$int>()) == (1, 1) => {
                        Some(bytes[0] as $int)
                    }
                    _ => return Err(value.unexpected("an integer")),
                };
                fit.ok_or_else(|| Error::Range {
                    value: value.to_string(),
                    ty: stringify!($int).into(),
                    place: Default::default(),
                })
            }
        }
    )*};
}

from_int!(i8 u8 i16 u16 i32 u32 i64 u64 isize usize i128);
to_int!(i8 u8 i16 u16 i32 u32 i64 u64 isize usize i128 u128);

impl From<u128> for Value {
    fn from(value: u128) -> Value {
        i128::try_from(value).map_or(Value::Large(value), Value::Int)
    }
}

macro_rules! from {
    ($($ty:ty => $variant:expr;)*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Value {
                $variant(value.into())
            }
        }
    )*};
}

from! {
    bool => Value::Bool;
    f32 => Value::Float;
    f64 => Value::Float;
    &str => Value::Text;
    String => Value::Text;
    &[u8] => Value::Bytes;
    CData => Value::CData;
}

impl From<()> for Value {
    fn from((): ()) -> Value {
        Value::None
    }
}

impl From<&CData> for Value {
    fn from(cdata: &CData) -> Value {
        Value::CData(cdata.clone())
    }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Value {
        value.clone()
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

/// Tuples whose items become values: the arguments of a call, the items of a list.
pub(crate) trait Tuple {
    fn into_values(self) -> Vec<Value>;
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Into<Value>),*> Tuple for ($($name,)*) {
            #[allow(non_snake_case, reason = "the type parameters name the items too")]
            fn into_values(self) -> Vec<Value> {
                let ($($name,)*) = self;
                vec![$($name.into()),*]
            }
        }

        impl<$($name: Into<Value>),*> From<($($name,)*)> for Value {
            fn from(items: ($($name,)*)) -> Value {
                Value::List(items.into_values())
            }
        }
    };
}

tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);
tuple!(A B C D E F G H I);
tuple!(A B C D E F G H I J);
tuple!(A B C D E F G H I J K);
tuple!(A B C D E F G H I J K L);

impl TryFrom<Value> for f64 {
    type Error = Error;

    fn try_from(value: Value) -> Result<f64, Error> {
        match value {
            Value::Float(float) => Ok(float),
            Value::Int(int) => Ok(int as f64),
            _ => Err(value.unexpected("a float")),
        }
    }
}

/// Rounded, as C does it.
impl TryFrom<Value> for f32 {
    type Error = Error;

    fn try_from(value: Value) -> Result<f32, Error> {
        f64::try_from(value).map(|float| float as f32)
    }
}

/// The address that a pointer holds, or where a function is. Not where a record or an array is, which may go with the value:
/// [`CData::address`] is for who keeps it. What a pointer points to goes with its last owner as well, if farcall allocated it.
impl TryFrom<Value> for *mut c_void {
    type Error = Error;

    fn try_from(value: Value) -> Result<*mut c_void, Error> {
        let address = match &value {
            Value::None => Some(std::ptr::null_mut()),
            Value::CData(cdata) if cdata.is_pointer() => cdata.address(),
            _ => None,
        };
        address.ok_or_else(|| value.unexpected("a pointer"))
    }
}

impl TryFrom<Value> for bool {
    type Error = Error;

    fn try_from(value: Value) -> Result<bool, Error> {
        match value {
            Value::Bool(bool) => Ok(bool),
            _ => Err(value.unexpected("a bool")),
        }
    }
}

impl TryFrom<Value> for CData {
    type Error = Error;

    fn try_from(value: Value) -> Result<CData, Error> {
        value.cdata().cloned()
    }
}

/// Text, and bytes that are UTF-8.
impl TryFrom<Value> for String {
    type Error = Error;

    fn try_from(mut value: Value) -> Result<String, Error> {
        let text = match &mut value {
            Value::Text(text) => return Ok(mem::take(text)),
            Value::Bytes(bytes) => str::from_utf8(bytes).ok().map(str::to_owned),
            _ => None,
        };
        text.ok_or_else(|| value.unexpected("text"))
    }
}

/// Bytes, and the UTF-8 of text.
impl TryFrom<Value> for Vec<u8> {
    type Error = Error;

    fn try_from(mut value: Value) -> Result<Vec<u8>, Error> {
        match &mut value {
            Value::Bytes(bytes) => Ok(mem::take(bytes)),
            Value::Text(text) => Ok(mem::take(text).into_bytes()),
            _ => Err(value.unexpected("bytes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back_to_every_width() {
        assert_eq!(u128::try_from(Value::from(u128::MAX)).unwrap(), u128::MAX);
        assert_eq!(u128::try_from(Value::Int(7)).unwrap(), 7);
        assert_eq!(
            u128::try_from(Value::Int(-1)).unwrap_err().to_string(),
            "integer -1 does not fit 'u128'"
        );
        assert!(i128::try_from(Value::from(u128::MAX)).is_err());
    }

    #[test]
    fn addresses_are_those_of_pointers_and_functions() {
        let ffi = crate::Ffi::new();
        ffi.cdef("struct point { int x, y; }; typedef int *align __attribute__((aligned(16)));")
            .unwrap();
        let address = |value: &CData| <*mut c_void>::try_from(Value::from(value));
        let pointer = ffi.alloc("struct point *", (1, 2)).unwrap();
        assert_eq!(address(&pointer).unwrap(), pointer.address().unwrap());
        let aligned = ffi.cast("align", &pointer).unwrap();
        assert_eq!(address(&aligned).unwrap(), pointer.address().unwrap());
        let null = <*mut c_void>::try_from(Value::None);
        assert!(null.unwrap().is_null());
        let record = pointer.item(0).unwrap();
        let array = ffi.alloc("int[2]", ()).unwrap();
        for lying in [record, array.into()] {
            let error = <*mut c_void>::try_from(lying).unwrap_err();
            assert!(error.to_string().starts_with("a pointer was asked for"));
        }
    }

    #[test]
    fn text_and_bytes_come_back() {
        let bytes = |bytes: &[u8]| Value::from(bytes);
        assert_eq!(String::try_from(Value::from("é")).unwrap(), "é");
        assert_eq!(String::try_from(bytes(b"\xc3\xa9")).unwrap(), "é");
        assert!(String::try_from(bytes(b"\xff")).is_err());
        assert!(String::try_from(Value::Int(1)).is_err());
        assert_eq!(Vec::try_from(bytes(b"\xff")).unwrap(), b"\xff");
        assert_eq!(Vec::try_from(Value::from("é")).unwrap(), b"\xc3\xa9");
        assert!(Vec::<u8>::try_from(Value::Float(1.0)).is_err());
    }

    #[test]
    fn tuples_reach_twelve() {
        let items = Value::from((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, "twelve"));
        assert_eq!(
            items.to_string(),
            "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, \"twelve\"]"
        );
    }
}
