//! The C types and signatures that are generated.

use crate::scalar::Scalar;
use crate::target::{Convention, Target};

/// A C type; records are named by their index in [`Signature::records`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CType {
    Scalar(Scalar),
    Array(Box<CType>, u32),
    /// A flexible array member.
    Flexible(Box<CType>),
    Record(usize),
}

/// The definition of a structure or union.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) union: bool,
    pub(crate) packed: bool,
    pub(crate) align: Option<u32>,
    pub(crate) fields: Vec<Field>,
    /// The member of a union that holds the value.
    pub(crate) active: usize,
}

/// A member, called `f` and its index.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) ty: CType,
    pub(crate) bits: Option<Bits>,
    pub(crate) align: Option<u32>,
    pub(crate) packed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bits {
    pub(crate) width: u32,
    pub(crate) named: bool,
}

/// A generated function, with the records that it mentions.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) index: u32,
    pub(crate) convention: &'static Convention,
    pub(crate) records: Vec<Record>,
    pub(crate) params: Vec<CType>,
    /// How many parameters stand ahead of the `...`, if there is one.
    pub(crate) fixed: Option<usize>,
    pub(crate) result: Option<CType>,
    /// Whether a small integer result comes back with garbage above it, as the ABIs permit.
    pub(crate) dirty: bool,
}

/// A scalar, a bit-field, or an array of scalars somewhere inside a value.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    /// Member and element numbers that lead to it.
    pub(crate) path: Vec<u32>,
    pub(crate) scalar: Scalar,
    /// Number of scalars; 1 unless it is an array.
    pub(crate) count: u32,
    /// Width of a bit-field.
    pub(crate) bits: Option<u32>,
}

impl Signature {
    /// The leaves of a value of type `ty`, in the order of their declaration; of a union, those of its active
    /// member.
    pub(crate) fn leaves(&self, ty: &CType) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.collect(ty, &mut Vec::new(), &mut leaves);
        leaves
    }

    fn collect(&self, ty: &CType, path: &mut Vec<u32>, leaves: &mut Vec<Leaf>) {
        match ty {
            CType::Flexible(_) => {}
            CType::Scalar(scalar) => leaves.push(Leaf::of(path, *scalar, 1)),
            CType::Array(element, count) => match **element {
                CType::Scalar(scalar) if *count > 0 => leaves.push(Leaf::of(path, scalar, *count)),
                _ => (0..*count).for_each(|at| self.step(element, at, path, leaves)),
            },
            CType::Record(id) => self.collect_members(&self.records[*id], path, leaves),
        }
    }

    fn collect_members(&self, record: &Record, path: &mut Vec<u32>, leaves: &mut Vec<Leaf>) {
        for (at, field) in record.fields.iter().enumerate() {
            if record.union && at != record.active {
                continue;
            }
            match (field.bits, &field.ty) {
                (None, _) => self.step(&field.ty, at as u32, path, leaves),
                (Some(bits), CType::Scalar(scalar)) if bits.named => {
                    let own: Vec<u32> = path.iter().copied().chain([at as u32]).collect();
                    leaves.push(Leaf {
                        bits: Some(bits.width),
                        ..Leaf::of(&own, *scalar, 1)
                    });
                }
                _ => {}
            }
        }
    }

    fn step(&self, ty: &CType, at: u32, path: &mut Vec<u32>, leaves: &mut Vec<Leaf>) {
        path.push(at);
        self.collect(ty, path, leaves);
        path.pop();
    }

    /// C's spelling of `path` inside a value of type `ty`, such as `.f2[1].f0`.
    pub(crate) fn path(&self, ty: &CType, path: &[u32]) -> String {
        let mut ty = ty;
        let mut text = String::new();
        for &at in path {
            match ty {
                CType::Scalar(_) | CType::Flexible(_) => break,
                CType::Array(element, _) => {
                    text += &format!("[{at}]");
                    ty = element;
                }
                CType::Record(id) => {
                    text += &format!(".f{at}");
                    ty = &self.records[*id].fields[at as usize].ty;
                }
            }
        }
        text
    }

    /// The garbage-carrying variant's integer type, where the result has one.
    pub(crate) fn dirty_result(&self, target: &Target) -> Option<Scalar> {
        match self.result {
            Some(CType::Scalar(scalar)) if self.dirty => scalar
                .small_integer(target)
                .filter(|prim| prim.size(target) < 4)
                .map(|_| scalar),
            _ => None,
        }
    }
}

impl Leaf {
    fn of(path: &[u32], scalar: Scalar, count: u32) -> Leaf {
        Leaf {
            path: path.to_vec(),
            scalar,
            count,
            bits: None,
        }
    }

    /// Bytes that the callee records of it: bit-fields as `long long`, all else as in memory.
    pub(crate) fn recorded(&self, target: &Target) -> usize {
        match self.bits {
            Some(_) => 8,
            None => (self.scalar.size(target) * self.count) as usize,
        }
    }
}

impl Field {
    pub(crate) fn plain(ty: CType) -> Field {
        Field {
            ty,
            bits: None,
            align: None,
            packed: false,
        }
    }
}
