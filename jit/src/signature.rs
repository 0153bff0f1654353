//! The machine signature of a function: the key of the stub cache.

use std::fmt;

use crate::{Abi, Type};

/// The machine types of a function's parameters and result, and the ABI it is called by.
///
/// ```
/// use farcall_jit::{Float, Int, Signature};
///
/// // double ldexp(double, int)
/// let signature = Signature::new([Float::F64.into(), Int::I32.into()], Some(Float::F64.into()));
/// assert_eq!(signature.frame().offsets(), [0, 8]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// How arguments travel.
    pub abi: Abi,
    /// Types of the arguments, in order. In a call of a variadic function these are the arguments of that one
    /// call, after C's default promotions (C11 6.5.2.2 §6).
    pub params: Box<[Type]>,
    /// Type of the result; `None` for `void`.
    pub result: Option<Type>,
    /// For a variadic function, how many of `params` are declared ahead of the `...`.
    pub fixed: Option<u16>,
}

impl Signature {
    /// The signature of an ordinary function of the machine this runs on.
    pub fn new(params: impl Into<Box<[Type]>>, result: Option<Type>) -> Signature {
        Signature {
            abi: Abi::HOST,
            params: params.into(),
            result,
            fixed: None,
        }
    }

    /// The same signature as a call of a variadic function that declares its first `fixed` parameters.
    pub fn variadic(self, fixed: u16) -> Signature {
        Signature {
            fixed: Some(fixed),
            ..self
        }
    }

    /// How the arguments lie in a packed frame.
    pub fn frame(&self) -> Frame {
        Frame::of(&self.params)
    }
}

impl fmt::Display for Signature {
    /// For messages: `i32 (u64, struct of 24 bytes)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = self.result.as_ref().map_or("void".into(), Type::to_string);
        let params = self.params.iter().map(Type::to_string);
        let params: Vec<String> = params.collect();
        write!(f, "{result} ({}", params.join(", "))?;
        match self.abi {
            Abi::HOST => f.write_str(")"),
            abi => write!(f, "), {}", abi.name()),
        }
    }
}

/// The packed frame that a caller fills with the arguments of a call.
///
/// ```text
///            +0         +8         +16                   +32
/// f(char, struct { int a, b, c; }, double)
///            | c ....... | a    b   | c   ..... | double |
///              argument 0  argument 1             argument 2
/// ```
///
/// Each argument starts at the next multiple of eight bytes and takes as many bytes as its type has; the
/// bytes between (dots) are never read. The frame itself needs no more than eight bytes of alignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    offsets: Box<[u64]>,
    size: u64,
}

impl Frame {
    fn of(params: &[Type]) -> Frame {
        let mut size = 0u64;
        let offsets = params
            .iter()
            .map(|ty| {
                let offset = size;
                size = size
                    .saturating_add(ty.size())
                    .checked_next_multiple_of(8)
                    .unwrap_or(!7);
                offset
            })
            .collect();
        Frame { offsets, size }
    }

    /// Offset in bytes of each argument.
    pub fn offsets(&self) -> &[u64] {
        &self.offsets
    }

    /// Size in bytes of the whole frame, a multiple of eight.
    pub fn size(&self) -> u64 {
        self.size
    }
}
