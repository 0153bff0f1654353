//! AArch64, with Apple's and Windows' variants.
//!
//! Sources: *Procedure Call Standard for the Arm 64-bit Architecture* (AAPCS64), sections "Parameter Passing" and
//! "Result Return", whose rules are cited by their letters; Apple's *Writing ARM64 code for Apple platforms*,
//! section "Pass arguments to functions correctly"; Microsoft's *Overview of ARM64 ABI conventions*, section
//! "Parameter passing" and its addendum on variadic functions. Where they leave room the rule is gcc's on Linux,
//! clang's elsewhere, and said so.

use super::assignment::{Assignment, Extend, Piece, Place, Position, Reg, ResultPlace, Taken};
use super::{Abi, Machine, Registers, Unsupported};
use crate::Signature;
use crate::types::{Float, Record, Type};

pub(super) const MACHINE: Machine = Machine::AArch64;

/// Registers in order of use. x8 is for the address of a result alone, see [`INT_ARGS`].
pub(super) static REGISTERS: Registers = Registers {
    int_args: &["x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8"],
    vector_args: &["v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7"],
    int_results: &["x0", "x1"],
    vector_results: &["v0", "v1", "v2", "v3"],
    x87_results: &[],
};

/// How many of the integer registers carry arguments: x0 to x7.
const INT_ARGS: u64 = 8;
/// How many vector registers carry arguments.
const VECTOR_ARGS: u64 = 8;
/// The indirect result location register, x8.
const RESULT_ADDRESS: Reg = Reg::Int(INT_ARGS as u8);

/// A double-word: what an integer register carries, and the least that an argument takes on the stack.
const WORD: u64 = 8;
/// Composites up to this many bytes travel by value whatever their members are.
const MAX_BY_VALUE: u64 = 16;

/// Whose rules they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    /// The document's own, as Linux follows it.
    Standard,
    /// Stack arguments take no more room than they need, variable arguments are all on the stack, and there is
    /// no even-register rule.
    Apple,
    /// Variadic functions use no vector registers.
    Windows,
}

pub(super) fn assign(
    abi: Abi,
    variant: Variant,
    signature: &Signature,
) -> Result<Assignment, Unsupported> {
    let mut walk = Walk::new(variant);
    let mut args = Vec::with_capacity(signature.params.len());
    for (index, ty) in signature.params.iter().enumerate() {
        check(ty)?;
        args.push(match (variant, signature.fixed) {
            _ if is_ignored(ty, variant) => Place::Pieces(Box::default()),
            (Variant::Windows, Some(_)) => walk.in_words(ty),
            (Variant::Apple, Some(fixed)) if index >= usize::from(fixed) => walk.on_stack(ty, WORD),
            _ => walk.argument(ty),
        });
    }
    let result = match &signature.result {
        None => ResultPlace::Void,
        Some(ty) => result(ty, variant)?,
    };
    Ok(Assignment {
        abi,
        args: args.into(),
        result,
        stack_size: walk.stack.next_multiple_of(WORD),
        stack_align: 16,
        vector_args: walk.vectors_used,
        taken: walk.taken(),
        callee_pops: 0,
    })
}

/// AAPCS64 appendix B, "Variable argument lists", which finds arguments where they were put. Nothing is read by Windows'
/// rules.
pub(super) fn variable(
    _: Abi,
    variant: Variant,
    ty: &Type,
    position: &mut Position,
) -> Result<Place, Unsupported> {
    check(ty)?;
    let mut walk = Walk {
        ints: position.taken.ints.into(),
        vectors: position.taken.vectors.into(),
        stack: position.stack,
        ..Walk::new(variant)
    };
    let place = match variant {
        Variant::Windows => return Err(Unsupported::NoEmitter),
        _ if is_ignored(ty, variant) => Place::Pieces(Box::default()),
        Variant::Apple => walk.on_stack(ty, WORD),
        Variant::Standard => walk.argument(ty),
    };
    position.taken = walk.taken();
    position.stack = walk.stack.next_multiple_of(WORD);
    Ok(place)
}

/// "Result Return".
fn result(ty: &Type, variant: Variant) -> Result<ResultPlace, Unsupported> {
    check(ty)?;
    Ok(if is_ignored(ty, variant) {
        ResultPlace::Pieces(Box::default())
    } else if let Some(members) = Members::of_register_type(ty, variant) {
        ResultPlace::Pieces(members.pieces(0))
    } else if ty.size() > MAX_BY_VALUE {
        ResultPlace::Memory {
            address: RESULT_ADDRESS,
        }
    } else {
        ResultPlace::Pieces(words(ty, 0, None))
    })
}

/// Registers and stack taken so far: NGRN, NSRN and NSAA of stage A.
struct Walk {
    variant: Variant,
    ints: u64,
    vectors: u64,
    stack: u64,
    /// As `vectors`, but without the registers that rule C.3 leaves unused.
    vectors_used: u8,
}

impl Walk {
    fn new(variant: Variant) -> Walk {
        Walk {
            variant,
            ints: 0,
            vectors: 0,
            stack: 0,
            vectors_used: 0,
        }
    }

    fn taken(&self) -> Taken {
        Taken {
            ints: self.ints.min(INT_ARGS) as u8,
            vectors: self.vectors as u8,
        }
    }

    /// Stages B and C.
    fn argument(&mut self, ty: &Type) -> Place {
        if let Some(members) = Members::of_register_type(ty, self.variant) {
            let first = self.vectors;
            if first + members.count <= VECTOR_ARGS {
                self.vectors += members.count;
                self.vectors_used += members.count as u8;
                return Place::Pieces(members.pieces(first));
            }
            self.vectors = VECTOR_ARGS;
            return self.on_stack(ty, self.least_align());
        }
        if ty.size() > MAX_BY_VALUE {
            return self.by_reference(ty);
        }
        // C.10, after B.6.
        if self.variant != Variant::Apple && self.marshalled_align(ty) == 16 {
            self.ints = self.ints.next_multiple_of(2);
        }
        let count = ty.size().div_ceil(WORD);
        if self.ints + count <= INT_ARGS {
            let first = self.ints;
            self.ints += count;
            return Place::Pieces(words(ty, first, Extend::of(ty)));
        }
        self.ints = INT_ARGS;
        self.on_stack(ty, self.least_align())
    }

    /// B.4: the address of a copy, as a pointer argument.
    fn by_reference(&mut self, ty: &Type) -> Place {
        let address = if self.ints < INT_ARGS {
            self.ints += 1;
            Reg::Int(self.ints as u8 - 1)
        } else {
            Reg::Stack(self.push(WORD, WORD))
        };
        copy(ty, address)
    }

    /// C.4 to C.6 and C.14 to C.17. `align` is the least alignment.
    fn on_stack(&mut self, ty: &Type, align: u64) -> Place {
        let members = Members::of_register_type(ty, self.variant);
        if members.is_none() && ty.size() > MAX_BY_VALUE {
            return copy(ty, Reg::Stack(self.push(WORD, WORD)));
        }
        let align = align.max(match &members {
            Some(members) if self.variant != Variant::Standard => members.size,
            _ => self.marshalled_align(ty),
        });
        // Apple's scalars and HFAs lie at their natural alignment with nothing between. So there is no room for an
        // extended one.
        let packed = self.variant == Variant::Apple && align < WORD;
        let at = self.push(align, ty.size());
        Place::Pieces(Box::new([Piece {
            offset: 0,
            size: ty.size(),
            reg: Reg::Stack(at),
            extend: if packed { None } else { Extend::of(ty) },
        }]))
    }

    /// Alignment of stack arguments that have less by themselves.
    fn least_align(&self) -> u64 {
        match self.variant {
            Variant::Apple => 1,
            _ => WORD,
        }
    }

    /// Takes `size` bytes of the stack.
    fn push(&mut self, align: u64, size: u64) -> u64 {
        let at = self.stack.next_multiple_of(align);
        self.stack = (at + size).next_multiple_of(align.min(WORD));
        at
    }

    /// The addendum on variadic functions: arguments go to an imaginary stack, whose first 64 bytes are loaded into
    /// x0 to x7. So a composite may lie in x7 and on the stack. NGRN counts all words of that stack here.
    fn in_words(&mut self, ty: &Type) -> Place {
        let by_reference = ty.size() > MAX_BY_VALUE;
        let align = if by_reference {
            WORD
        } else {
            self.marshalled_align(ty)
        };
        let count = if by_reference {
            1
        } else {
            ty.size().div_ceil(WORD)
        };
        let first = self.ints.next_multiple_of(align / WORD);
        self.ints = first + count;
        self.stack = self.ints.saturating_sub(INT_ARGS) * WORD;
        let mut pieces = words(ty, first, Extend::of(ty)).into_vec();
        for (word, piece) in (first..).zip(&mut pieces) {
            if word >= INT_ARGS {
                piece.reg = Reg::Stack((word - INT_ARGS) * WORD);
            }
        }
        match pieces[..] {
            [first, ..] if by_reference => copy(ty, first.reg),
            _ => Place::Pieces(pieces.into()),
        }
    }

    /// The alignment of an argument outside vector registers, 8 or 16 (B.6); for Apple's scalars also less.
    fn marshalled_align(&self, ty: &Type) -> u64 {
        let align = match ty {
            // Attributes on the record itself do not count; for clang they do elsewhere.
            Type::Record(record) if self.variant == Variant::Standard => record.natural_align,
            _ => ty.align(),
        };
        match ty {
            Type::Record(_) => align.clamp(WORD, 16),
            _ if self.variant == Variant::Apple => align.min(16),
            _ => align.clamp(WORD, 16),
        }
    }
}

/// The integer registers from `first` on, eight bytes each.
fn words(ty: &Type, first: u64, extend: Option<Extend>) -> Box<[Piece]> {
    let count = ty.size().min(MAX_BY_VALUE).div_ceil(WORD);
    let word = |index: u64| Piece {
        offset: index * WORD,
        size: (ty.size() - index * WORD).min(WORD),
        reg: Reg::Int((first + index) as u8),
        extend,
    };
    (0..count).map(word).collect()
}

fn copy(ty: &Type, address: Reg) -> Place {
    Place::Copy {
        address,
        size: ty.size(),
        align: ty.align().max(WORD),
    }
}

/// Whether a type takes neither register nor stack. C's empty records have no size for gcc, which does pass those of
/// unnamed bit-fields; clang ignores them too.
fn is_ignored(ty: &Type, variant: Variant) -> bool {
    ty.size() == 0 || (variant != Variant::Standard && ty.has_no_members())
}

fn check(ty: &Type) -> Result<(), Unsupported> {
    let is_foreign = |scalar: &Type| {
        matches!(scalar, Type::Float(float) | Type::Complex(float)
            if matches!(float, Float::F80 | Float::F80In12))
    };
    match ty {
        _ if ty.any_scalar(is_foreign) => Err(Unsupported::ForeignType),
        // gcc puts one float on the stack, but in a record in x0.
        Type::Vector(vector) if vector.float && vector.size < 8 => Err(Unsupported::NarrowVector),
        _ => Ok(()),
    }
}

/// What fills a vector register: the fundamental data type of an HFA's or HVA's members.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Float(Float),
    /// A short vector, of 8 or 16 bytes with lanes of any type.
    Vector,
}

/// The members of a homogeneous aggregate, or a scalar that is one by itself.
#[derive(Clone, Copy)]
struct Members {
    /// None while only empty records were seen.
    base: Option<Base>,
    /// Size in bytes of each.
    size: u64,
    count: u64,
}

impl Members {
    const NONE: Members = Members {
        base: None,
        size: 0,
        count: 0,
    };

    /// For a type that goes to vector registers: a float, a short vector, or an aggregate of up to four of one kind
    /// (AAPCS64 section "Homogeneous Aggregates"; complex numbers are laid out as a struct of two).
    fn of_register_type(ty: &Type, variant: Variant) -> Option<Members> {
        let members = Members::of(ty).or_else(|| match variant {
            Variant::Standard => Members::of(only_member(ty)?),
            Variant::Apple | Variant::Windows => None,
        });
        members.filter(|members| (1..=4).contains(&members.count))
    }

    fn of(ty: &Type) -> Option<Members> {
        let scalars = |base, size, count| {
            Some(Members {
                base: Some(base),
                size,
                count,
            })
        };
        match ty {
            Type::Int(_) => None,
            Type::Float(float) => scalars(Base::Float(*float), float.size(), 1),
            Type::Complex(float) => scalars(Base::Float(*float), float.size(), 2),
            Type::Vector(vector) => match vector.size {
                8 | 16 => scalars(Base::Vector, vector.size.into(), 1),
                _ => None,
            },
            // gcc and clang: an array of no elements spoils it.
            Type::Array(array) if array.count == 0 => None,
            Type::Array(array) => {
                let element = Members::of(&array.element)?;
                Some(Members {
                    count: element.count.saturating_mul(array.count),
                    ..element
                })
            }
            Type::Record(record) => Members::of_record(record),
        }
    }

    fn of_record(record: &Record) -> Option<Members> {
        let mut all = Members::NONE;
        for field in &record.fields {
            match field.bits {
                // gcc drops `int : 0` from structs, since version 12 for this purpose too; clang 14 does not.
                Some(bits) if bits.width == 0 && !record.union => continue,
                Some(_) => return None,
                None => {}
            }
            let members = Members::of(&field.ty)?;
            all = all.with(members, record.union)?;
        }
        // There is no padding in it.
        (all.count.checked_mul(all.size) == Some(record.size)).then_some(all)
    }

    fn with(self, other: Members, union: bool) -> Option<Members> {
        match (self.base, other.base) {
            (_, None) => return Some(self),
            (None, _) => return Some(other),
            _ if self.base != other.base || self.size != other.size => return None,
            _ => {}
        }
        let count = if union {
            self.count.max(other.count)
        } else {
            self.count.saturating_add(other.count)
        };
        Some(Members { count, ..self })
    }

    /// C.1 and C.2: a register for each, from `first` on.
    fn pieces(&self, first: u64) -> Box<[Piece]> {
        let piece = |index: u64| Piece {
            offset: index * self.size,
            size: self.size,
            reg: Reg::Vector((first + index) as u8),
            extend: None,
        };
        (0..self.count).map(piece).collect()
    }
}

/// The complex number or vector that is all there is in a struct but for arrays of no elements, of which gcc takes no
/// notice then: the struct has its machine mode. With a flexible array member it has none.
fn only_member(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Complex(_) | Type::Vector(_) => Some(ty),
        Type::Array(array) if array.count == 1 => only_member(&array.element),
        Type::Record(record) if !record.union => {
            let is_flexible = |ty: &Type| matches!(ty, Type::Array(array) if array.flexible);
            if record.fields.iter().any(|field| is_flexible(&field.ty)) {
                return None;
            }
            let mut fields = record.fields.iter().filter(|field| field.bits.is_none());
            only_member(&fields.find(|field| field.ty.size() == record.size)?.ty)
        }
        _ => None,
    }
}
