//! Types of members.

use std::fmt::Write;

use farcall::layout::{Arch, RecordRules};

use super::Generator;

/// A type that members may have.
#[derive(Clone)]
pub(super) struct Inner {
    pub(super) name: String,
    /// gcc has no arrays of types that are more aligned than large.
    pub(super) in_arrays: bool,
    /// The least alignment in bytes that `_Alignas` may ask for: it must not lower one, and compilers do not agree on that of
    /// every record.
    pub(super) alignas: Option<u32>,
    /// How wide a bit-field of the type may be.
    pub(super) bits: Option<u32>,
    /// Whether alignments inside a declarator count: gcc passes over those of packed enumerations, and of these alone.
    pub(super) in_declarators: bool,
}

impl Inner {
    fn new(name: impl Into<String>) -> Inner {
        Inner {
            name: name.into(),
            in_arrays: true,
            alignas: None,
            bits: None,
            in_declarators: true,
        }
    }
}

const INTEGERS: &[&str] = &[
    "char",
    "signed char",
    "unsigned char",
    "short",
    "unsigned short",
    "int",
    "unsigned int",
    "long",
    "unsigned long",
    "long long",
    "unsigned long long",
    "_Bool",
];
const FLOATS: &[&str] = &[
    "float",
    "double",
    "long double",
    "float _Complex",
    "double _Complex",
];

impl Generator<'_> {
    /// A type for members of later records: a record, an enumeration, a typedef with an alignment, a vector.
    pub(super) fn inner_type(&mut self) {
        let name = format!("t{}_{}", self.number, self.inner.len());
        let inner = match self.rng.u32(0..12) {
            0 | 1 => self.enumeration(&name),
            2 => self.aligned_typedef(name),
            3 => self.vector(name),
            4 => self.mode_typedef(name),
            _ => Inner::new(self.record(&name).0),
        };
        self.inner.push(inner);
    }

    fn enumeration(&mut self, name: &str) -> Inner {
        const CHOICES: &[(&str, u32)] = &[
            ("A", 8),
            ("A = -1", 8),
            ("A = 300", 16),
            ("A = 1 << 20", 32),
            ("A = 0x80000000u", 32),
            ("A = -40000, B", 32),
            ("A = 1ull << 40", 64),
        ];
        let (values, packed_bits) = CHOICES[self.rng.usize(0..CHOICES.len())];
        let values = values.replace('A', &format!("E{name}"));
        let values = values.replace('B', &format!("F{name}"));
        let wide = packed_bits == 64 && !self.is_msvc();
        let (mut fixed, mut packed, mut bits) = (String::new(), "", if wide { 64 } else { 32 });
        if self.one_in(4) {
            let ty = self.pick(INTEGERS);
            fixed = format!(" : {ty}");
            bits = self.bits_of(ty);
        } else if self.one_in(3) {
            packed = " __attribute__((packed))";
            bits = if self.is_msvc() { 32 } else { packed_bits };
        }
        let values = match fixed.is_empty() {
            true => values,
            false => format!("E{name}"),
        };
        writeln!(self.text, "enum {name}{fixed} {{ {values} }}{packed};").ok();
        Inner {
            bits: Some(bits),
            in_declarators: packed.is_empty(),
            ..Inner::new(format!("enum {name}"))
        }
    }

    fn aligned_typedef(&mut self, name: String) -> Inner {
        let ty = self.scalar();
        let align = self.power(1, 32);
        let before = self.declspec_align(3);
        let after = match before.is_empty() {
            true => format!(" __attribute__((aligned({align})))"),
            false => String::new(),
        };
        let dimension = if self.one_in(8) { "[4]" } else { "" };
        writeln!(self.text, "typedef {before}{ty} {name}{dimension}{after};").ok();
        let integer = dimension.is_empty() && INTEGERS.contains(&ty);
        let bits = integer.then(|| self.bits_of(ty));
        Inner {
            in_arrays: bits.is_some_and(|bits| align <= bits / 8) || self.is_msvc(),
            bits,
            // A function cannot return an array.
            in_declarators: dimension.is_empty(),
            ..Inner::new(name)
        }
    }

    fn vector(&mut self, name: String) -> Inner {
        let ty = self.pick(&["char", "short", "int", "float", "double"]);
        let size = self.power(8, 32);
        let attribute = format!("__attribute__((vector_size({size})))");
        writeln!(self.text, "typedef {ty} {name} {attribute};").ok();
        Inner::new(name)
    }

    /// A typedef of an integer by its machine mode.
    fn mode_typedef(&mut self, name: String) -> Inner {
        let (mode, bits) = [("QI", 8), ("HI", 16), ("SI", 32), ("DI", 64)][self.rng.usize(0..4)];
        let ty = self.pick(&["int", "unsigned int"]);
        writeln!(
            self.text,
            "typedef {ty} {name} __attribute__((mode({mode})));"
        )
        .ok();
        Inner {
            bits: Some(bits),
            ..Inner::new(name)
        }
    }

    /// The width of an integer type.
    pub(super) fn bits_of(&self, ty: &str) -> u32 {
        match ty {
            "_Bool" => 1,
            "long" | "unsigned long" => 8 * self.model.long_size as u32,
            _ if ty.contains("long long") => 64,
            _ if ty.contains("char") => 8,
            _ if ty.contains("short") => 16,
            _ => 32,
        }
    }

    pub(super) fn bit_field_type(&mut self) -> (String, u32) {
        let of_inner: Vec<(String, u32)> = self
            .inner
            .iter()
            .filter_map(|inner| Some((inner.name.clone(), inner.bits?)))
            .collect();
        let wide = self.model.pointer_size == 8 && !self.is_msvc();
        match self.rng.u32(0..25) {
            0 if wide => ("__int128".into(), 128),
            1..8 if !of_inner.is_empty() => of_inner[self.rng.usize(0..of_inner.len())].clone(),
            _ => {
                let ty = self.pick(INTEGERS);
                (ty.into(), self.bits_of(ty))
            }
        }
    }

    pub(super) fn any_type(&mut self) -> Inner {
        match self.rng.u32(0..10) {
            0..=2 if !self.inner.is_empty() => {
                let inner = self.inner[self.rng.usize(0..self.inner.len())].clone();
                if inner.in_arrays && self.one_in(12) {
                    return Inner {
                        in_declarators: inner.in_declarators,
                        ..Inner::new(format!("_Atomic({})", inner.name))
                    };
                }
                inner
            }
            3 => Inner::new(format!("{} *", self.scalar())),
            4 if self.one_in(2) => {
                let ty = self.scalar();
                Inner::new(match self.rng.bool() {
                    true => format!("_Atomic({ty})"),
                    false => format!("_Atomic {ty}"),
                })
            }
            _ => {
                let ty = self.scalar();
                let alignas = match INTEGERS.contains(&ty) {
                    true => self.bits_of(ty).div_ceil(8),
                    false if ty == "float" => 4,
                    false => 16,
                };
                Inner {
                    alignas: Some(alignas),
                    ..Inner::new(ty)
                }
            }
        }
    }

    pub(super) fn scalar(&mut self) -> &'static str {
        let gnu = self.model.rules != RecordRules::Msvc;
        let linux = self.model.rules == RecordRules::SysV;
        match self.rng.u32(0..20) {
            0..=5 => self.pick(FLOATS),
            6 if self.model.pointer_size == 8 && gnu => "__int128",
            7 if self.model.arch == Arch::Aarch64 => "_Float16",
            // gcc has it where there is SSE2, clang 14 nowhere on x86.
            7 if (self.model.arch == Arch::X86_64 && gnu || linux) && self.one_in(4) => "_Float16",
            8 if linux && self.model.arch == Arch::X86_64 => "__float128",
            _ => self.pick(INTEGERS),
        }
    }
}
