//! Which kinds of types and signatures are generated.

use std::fmt;
use std::str::FromStr;

use crate::Error;

macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// One kind of type or signature that can be left out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Feature {
            $($(#[$doc])* $variant,)*
        }

        impl Feature {
            const NAMES: &[(Feature, &str)] = &[$((Feature::$variant, $name),)*];
        }
    };
}

features! {
    /// `__int128`.
    Int128 = "int128",
    /// `_Complex float` and `_Complex double`.
    Complex = "complex",
    /// `long double`, and its complex together with [`Feature::Complex`].
    LongDouble = "long-double",
    /// `_Float16`.
    Float16 = "float16",
    /// `_Float128`.
    Float128 = "float128",
    /// SIMD vectors of 8 and 16 bytes.
    Vectors = "vectors",
    /// SIMD vectors of one lane, on which gcc and clang differ.
    LoneLanes = "lone-lanes",
    /// Structures.
    Structs = "structs",
    /// Unions.
    Unions = "unions",
    /// Records in records.
    Nested = "nested",
    /// Arrays in records.
    Arrays = "arrays",
    /// Arrays of no elements in records (a GNU extension).
    ZeroArrays = "zero-arrays",
    /// Bit-fields.
    Bitfields = "bitfields",
    /// Unnamed bit-fields, also of no width.
    Unnamed = "unnamed",
    /// Packed records and members.
    Packed = "packed",
    /// Records and members with an `aligned` attribute.
    Aligned = "aligned",
    /// Records without members (a GNU extension).
    Empty = "empty",
    /// Records of hundreds of bytes, up to several KiB.
    Big = "big",
    /// Up to 64 arguments, otherwise 16.
    Many = "many",
    /// Calls of variadic functions.
    Variadic = "variadic",
    /// Variable arguments aligned to 16 or more bytes: gcc's callers pass their addresses under Windows' convention, and
    /// its `va_arg` takes these for the values.
    AlignedVariadic = "aligned-variadic",
    /// Flexible array members.
    Flexible = "flexible",
}

/// A set of [`Feature`]s.
///
/// ```
/// use farcall_abitest::{Feature, Features};
///
/// let features: Features = "all,-vectors".parse()?;
/// assert!(features.has(Feature::Unions) && !features.has(Feature::Vectors));
/// # Ok::<(), farcall_abitest::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features(u32);

impl Features {
    /// Everything that the usual compilers agree on how to spell.
    pub const ALL: Features = Features((1 << Feature::NAMES.len()) - 1)
        .without(Feature::ZeroArrays)
        .without(Feature::LoneLanes)
        .without(Feature::Flexible);

    /// The scalars and the records of the first stage: nothing packed, aligned by attribute, SIMD or variadic.
    pub const GROUND: Features = Features(0)
        .with(Feature::Int128)
        .with(Feature::Complex)
        .with(Feature::LongDouble)
        .with(Feature::Structs)
        .with(Feature::Unions)
        .with(Feature::Nested)
        .with(Feature::Arrays)
        .with(Feature::Big)
        .with(Feature::Many);

    /// Whether `feature` is in the set.
    pub const fn has(self, feature: Feature) -> bool {
        self.0 & 1 << feature as u32 != 0
    }

    /// The set with `feature`.
    #[must_use]
    pub const fn with(self, feature: Feature) -> Features {
        Features(self.0 | 1 << feature as u32)
    }

    /// The set without `feature`.
    #[must_use]
    pub const fn without(self, feature: Feature) -> Features {
        Features(self.0 & !(1 << feature as u32))
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Features) -> Features {
        Features(self.0 & other.0)
    }
}

impl FromStr for Features {
    type Err = Error;

    /// Reads a list such as `all,-vectors` or `structs,unions`; a leading `-` takes a feature out again.
    fn from_str(text: &str) -> Result<Features, Error> {
        text.split(',').filter(|word| !word.is_empty()).try_fold(
            Features(0),
            |set, word| match word {
                "all" => Ok(Features(set.0 | Features::ALL.0)),
                "ground" => Ok(Features(set.0 | Features::GROUND.0)),
                "none" => Ok(set),
                _ => match word.strip_prefix('-') {
                    Some(name) => named(name).map(|feature| set.without(feature)),
                    None => named(word).map(|feature| set.with(feature)),
                },
            },
        )
    }
}

fn named(name: &str) -> Result<Feature, Error> {
    let found = Feature::NAMES.iter().find(|(_, known)| *known == name);
    found.map(|(feature, _)| *feature).ok_or_else(|| {
        let known = Feature::NAMES
            .iter()
            .map(|(_, name)| *name)
            .collect::<Vec<_>>()
            .join(", ");
        Error::UnknownFeature {
            name: name.into(),
            known,
        }
    })
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Feature::NAMES
            .iter()
            .filter(|(feature, _)| self.has(*feature))
            .map(|(_, name)| *name)
            .collect();
        f.write_str(if names.is_empty() { "none" } else { "" })?;
        f.write_str(&names.join(","))
    }
}
