//! The predefined types: one table, from which everything about them follows.

use crate::layout::{DataModel, Layout};

/// What the values of a primitive are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrimitiveKind {
    /// `_Bool`.
    Bool,
    /// `char`: one byte of text. Whether it is signed is the target's choice ([`DataModel::char_signed`]).
    Char,
    /// `wchar_t`, `char16_t`, `char32_t`: one unit of wide text.
    WideChar,
    /// A signed integer.
    Signed,
    /// An unsigned integer.
    Unsigned,
    /// A real floating-point number.
    Float,
    /// A complex number: the real part, then the imaginary part (C11 6.2.5 §13).
    Complex,
}

/// How many bytes a primitive takes, as far as that does not depend on the target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Bytes(u8),
    Long,
    Pointer,
    Wchar,
    LongDouble,
    /// `int_fast16_t` and its kin: a `long` in glibc, the exact type in Windows' C libraries.
    Fast(u8),
}

macro_rules! primitives {
    ($($(#[$doc:meta])* $name:ident $spelling:literal $kind:ident $width:expr;)*) => {
        /// A predefined type of C, of its standard headers, or of the common compilers.
        ///
        /// `int32_t` and `int` are different types here, as in cffi: a pointer to one is not a pointer to the other.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the spelling in the table says it")]
        #[repr(u8)]
        pub enum Primitive { $($(#[$doc])* $name,)* }

        impl Primitive {
            /// All of them, in the order of the table.
            pub const ALL: &[Primitive] = &[$(Primitive::$name,)*];

            const ROWS: &[(&str, PrimitiveKind, Width)] = &[$(($spelling, PrimitiveKind::$kind, $width),)*];
        }
    };
}

use Width::{Bytes, Fast, Long, LongDouble, Pointer, Wchar};

primitives! {
    Bool              "_Bool"               Bool     Bytes(1);
    Char              "char"                Char     Bytes(1);
    SignedChar        "signed char"         Signed   Bytes(1);
    UnsignedChar      "unsigned char"       Unsigned Bytes(1);
    Short             "short"               Signed   Bytes(2);
    UnsignedShort     "unsigned short"      Unsigned Bytes(2);
    Int               "int"                 Signed   Bytes(4);
    UnsignedInt       "unsigned int"        Unsigned Bytes(4);
    Long              "long"                Signed   Long;
    UnsignedLong      "unsigned long"       Unsigned Long;
    LongLong          "long long"           Signed   Bytes(8);
    UnsignedLongLong  "unsigned long long"  Unsigned Bytes(8);
    Int128            "__int128"            Signed   Bytes(16);
    UnsignedInt128    "unsigned __int128"   Unsigned Bytes(16);
    Float             "float"               Float    Bytes(4);
    Double            "double"              Float    Bytes(8);
    LongDouble        "long double"         Float    LongDouble;
    Float16           "_Float16"            Float    Bytes(2);
    Fp16              "__fp16"              Float    Bytes(2);
    Float32           "_Float32"            Float    Bytes(4);
    Float64           "_Float64"            Float    Bytes(8);
    Float128          "_Float128"           Float    Bytes(16);
    Float32x          "_Float32x"           Float    Bytes(8);
    Float64x          "_Float64x"           Float    LongDouble;
    FloatComplex      "float _Complex"      Complex  Bytes(8);
    DoubleComplex     "double _Complex"     Complex  Bytes(16);
    LongDoubleComplex "long double _Complex" Complex LongDouble;
    Float16Complex    "_Float16 _Complex"   Complex  Bytes(4);
    Float32Complex    "_Float32 _Complex"   Complex  Bytes(8);
    Float64Complex    "_Float64 _Complex"   Complex  Bytes(16);
    Float128Complex   "_Float128 _Complex"  Complex  Bytes(32);
    Float32xComplex   "_Float32x _Complex"  Complex  Bytes(16);
    Float64xComplex   "_Float64x _Complex"  Complex  LongDouble;
    Wchar             "wchar_t"             WideChar Wchar;
    Char16            "char16_t"            WideChar Bytes(2);
    Char32            "char32_t"            WideChar Bytes(4);
    Int8              "int8_t"              Signed   Bytes(1);
    Uint8             "uint8_t"             Unsigned Bytes(1);
    Int16             "int16_t"             Signed   Bytes(2);
    Uint16            "uint16_t"            Unsigned Bytes(2);
    Int32             "int32_t"             Signed   Bytes(4);
    Uint32            "uint32_t"            Unsigned Bytes(4);
    Int64             "int64_t"             Signed   Bytes(8);
    Uint64            "uint64_t"            Unsigned Bytes(8);
    IntLeast8         "int_least8_t"        Signed   Bytes(1);
    UintLeast8        "uint_least8_t"       Unsigned Bytes(1);
    IntLeast16        "int_least16_t"       Signed   Bytes(2);
    UintLeast16       "uint_least16_t"      Unsigned Bytes(2);
    IntLeast32        "int_least32_t"       Signed   Bytes(4);
    UintLeast32       "uint_least32_t"      Unsigned Bytes(4);
    IntLeast64        "int_least64_t"       Signed   Bytes(8);
    UintLeast64       "uint_least64_t"      Unsigned Bytes(8);
    IntFast8          "int_fast8_t"         Signed   Bytes(1);
    UintFast8         "uint_fast8_t"        Unsigned Bytes(1);
    IntFast16         "int_fast16_t"        Signed   Fast(2);
    UintFast16        "uint_fast16_t"       Unsigned Fast(2);
    IntFast32         "int_fast32_t"        Signed   Fast(4);
    UintFast32        "uint_fast32_t"       Unsigned Fast(4);
    IntFast64         "int_fast64_t"        Signed   Bytes(8);
    UintFast64        "uint_fast64_t"       Unsigned Bytes(8);
    Intptr            "intptr_t"            Signed   Pointer;
    Uintptr           "uintptr_t"           Unsigned Pointer;
    Intmax            "intmax_t"            Signed   Bytes(8);
    Uintmax           "uintmax_t"           Unsigned Bytes(8);
    Ptrdiff           "ptrdiff_t"           Signed   Pointer;
    Size              "size_t"              Unsigned Pointer;
    Ssize             "ssize_t"             Signed   Pointer;
}

impl Primitive {
    /// The type's name in C.
    pub const fn spelling(self) -> &'static str {
        Primitive::ROWS[self as usize].0
    }

    /// What its values are.
    pub const fn kind(self) -> PrimitiveKind {
        Primitive::ROWS[self as usize].1
    }

    /// The primitive that is spelled `name` by one identifier, such as `size_t` (keywords are not looked up here).
    pub fn from_typedef_name(name: &str) -> Option<Primitive> {
        let named = |p: &Primitive| p.spelling() == name;
        Primitive::ALL[Primitive::Wchar as usize..]
            .iter()
            .copied()
            .find(named)
    }

    /// Whether values are integers for C (`_Bool`, characters and wide characters included).
    pub const fn is_integer(self) -> bool {
        !matches!(self.kind(), PrimitiveKind::Float | PrimitiveKind::Complex)
    }

    /// Whether negative values exist, on a target.
    pub fn is_signed(self, model: &DataModel) -> bool {
        match self.kind() {
            PrimitiveKind::Char => model.char_signed,
            PrimitiveKind::WideChar => self == Primitive::Wchar && model.wchar_signed,
            PrimitiveKind::Bool | PrimitiveKind::Unsigned => false,
            PrimitiveKind::Signed | PrimitiveKind::Float | PrimitiveKind::Complex => true,
        }
    }

    /// The type of the parts of a complex type.
    pub const fn component(self) -> Option<Primitive> {
        Some(match self {
            Primitive::FloatComplex => Primitive::Float,
            Primitive::DoubleComplex => Primitive::Double,
            Primitive::LongDoubleComplex => Primitive::LongDouble,
            Primitive::Float16Complex => Primitive::Float16,
            Primitive::Float32Complex => Primitive::Float32,
            Primitive::Float64Complex => Primitive::Float64,
            Primitive::Float128Complex => Primitive::Float128,
            Primitive::Float32xComplex => Primitive::Float32x,
            Primitive::Float64xComplex => Primitive::Float64x,
            _ => return None,
        })
    }

    /// Size and alignment on a target.
    pub fn layout(self, model: &DataModel) -> Layout {
        if let Some(component) = self.component() {
            let part = component.layout(model);
            return Layout {
                size: 2 * part.size,
                align: part.align,
            };
        }
        match Primitive::ROWS[self as usize].2 {
            Width::LongDouble => Layout {
                size: model.long_double.size,
                align: model.long_double.align,
            },
            width => {
                let size = integer_size(width, model);
                Layout {
                    size,
                    align: model.scalar_align(size),
                }
            }
        }
    }
}

fn integer_size(width: Width, model: &DataModel) -> u64 {
    match width {
        Width::Bytes(bytes) => bytes.into(),
        Width::Long => model.long_size,
        Width::Pointer => model.pointer_size,
        Width::Wchar => model.wchar_size,
        Width::LongDouble => model.long_double.size,
        Width::Fast(bytes) if model.is_windows() => bytes.into(),
        Width::Fast(_) => model.long_size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typedef_names_are_found_and_keywords_are_not() {
        assert_eq!(
            Primitive::from_typedef_name("size_t"),
            Some(Primitive::Size)
        );
        assert_eq!(Primitive::from_typedef_name("int"), None);
        assert_eq!(Primitive::from_typedef_name("nothing_t"), None);
    }
}
