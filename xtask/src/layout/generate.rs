//! Random records, in C.

use std::fmt::Write;

use farcall::layout::{Arch, DataModel, RecordRules};
use fastrand::Rng;

/// A group of declarations whose last record is compared.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The declarations, on one line but for pragmas.
    pub(crate) text: String,
    /// The compared record: `struct r7`.
    pub(crate) record: String,
    /// Its members' names that `offsetof` takes.
    pub(crate) plain: Vec<String>,
    /// Its bit-fields' names.
    pub(crate) bit_fields: Vec<String>,
}

/// Makes one subject. The same number and seed make the same one, on every target with the same types.
pub(crate) fn subject(number: usize, seed: u64, model: &DataModel) -> Subject {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number as u64);
    let mut generator = Generator {
        rng: &mut rng,
        model,
        number,
        text: String::new(),
        inner: Vec::new(),
        names: 0,
    };
    let nested = generator.rng.usize(0..3);
    for _ in 0..nested {
        generator.inner_type();
    }
    let (record, members) = generator.record(&format!("r{number}"), 0);
    let Generator { text, .. } = generator;
    Subject {
        text,
        record,
        plain: members.plain,
        bit_fields: members.bit_fields,
    }
}

struct Generator<'a> {
    rng: &'a mut Rng,
    model: &'a DataModel,
    number: usize,
    text: String,
    /// Types of this subject that may be members.
    inner: Vec<Inner>,
    names: usize,
}

#[derive(Clone)]
struct Inner {
    name: String,
    /// gcc has no arrays of types that are more aligned than large.
    in_arrays: bool,
    /// `_Alignas` must not lower an alignment, and compilers do not agree on every record's.
    with_alignas: bool,
}

#[derive(Default)]
struct Members {
    plain: Vec<String>,
    bit_fields: Vec<String>,
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
    fn one_in(&mut self, n: u32) -> bool {
        self.rng.u32(0..n) == 0
    }

    fn pick<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.rng.usize(0..list.len())]
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("m{}", self.names)
    }

    /// A type for members of later records: a record, an enumeration, a typedef with an alignment, a vector.
    fn inner_type(&mut self) {
        let name = format!("t{}_{}", self.number, self.inner.len());
        let mut in_arrays = true;
        let name = match self.rng.u32(0..8) {
            0 => {
                let values =
                    self.pick(&["A", "A = -1", "A = 300", "A = 1 << 20", "A = 0x80000000u"]);
                let packed = if self.one_in(3) {
                    " __attribute__((packed))"
                } else {
                    ""
                };
                let values = values.replace('A', &format!("E{name}"));
                writeln!(self.text, "enum {name} {{ {values} }}{packed};").ok();
                format!("enum {name}")
            }
            1 => {
                let (ty, align) = (self.scalar(), self.power(1, 32));
                writeln!(
                    self.text,
                    "typedef {ty} {name} __attribute__((aligned({align})));"
                )
                .ok();
                in_arrays = false;
                name
            }
            2 => {
                let (ty, size) = (
                    self.pick(&["char", "short", "int", "float", "double"]),
                    self.power(8, 32),
                );
                writeln!(
                    self.text,
                    "typedef {ty} {name} __attribute__((vector_size({size})));"
                )
                .ok();
                name
            }
            _ => self.record(&name, 0).0,
        };
        self.inner.push(Inner {
            name,
            in_arrays,
            with_alignas: false,
        });
    }

    fn power(&mut self, low: u32, high: u32) -> u32 {
        1 << self.rng.u32(low.ilog2()..=high.ilog2())
    }

    /// Writes a record with a tag. The answer is its name and what may be asked of it.
    fn record(&mut self, tag: &str, depth: u32) -> (String, Members) {
        let keyword = if self.one_in(6) { "union" } else { "struct" };
        let pack = self.one_in(6).then(|| self.power(1, 16));
        let mut members = Members::default();
        let body = self.body(&mut members, depth, keyword == "union");
        let mut after = String::new();
        self.record_attributes(&mut after);
        if let Some(pack) = pack {
            writeln!(self.text, "\n#pragma pack(push, {pack})").ok();
        }
        writeln!(self.text, "{keyword} {tag} {{ {body}}}{after};").ok();
        if pack.is_some() {
            writeln!(self.text, "#pragma pack(pop)").ok();
        }
        (format!("{keyword} {tag}"), members)
    }

    fn record_attributes(&mut self, out: &mut String) {
        if self.one_in(6) {
            out.push_str(" __attribute__((packed))");
        }
        if self.one_in(8) {
            write!(out, " __attribute__((aligned({})))", self.power(1, 64)).ok();
        }
        if self.model.rules != RecordRules::Msvc && self.one_in(10) {
            write!(
                out,
                " __attribute__(({}))",
                self.pick(&["ms_struct", "gcc_struct"])
            )
            .ok();
        }
    }

    fn body(&mut self, members: &mut Members, depth: u32, union: bool) -> String {
        let mut body = String::new();
        let count = if self.one_in(40) {
            0
        } else {
            self.rng.usize(1..8)
        };
        let bit_fields = self.rng.u32(0..3);
        for _ in 0..count {
            if self.rng.u32(0..3) < bit_fields {
                self.bit_field(&mut body, members);
            } else if depth < 2 && self.one_in(8) {
                let keyword = self.pick(&["struct", "union"]);
                let inside = self.body(members, depth + 1, keyword == "union");
                let mut after = String::new();
                self.record_attributes(&mut after);
                write!(body, "{keyword} {{ {inside}}}{after}; ").ok();
            } else {
                self.member(&mut body, members);
            }
        }
        if depth == 0 && !union && count > 0 && self.one_in(12) {
            let (ty, name) = (self.scalar(), self.name());
            write!(body, "{ty} {name}[]; ").ok();
            members.plain.push(name);
        }
        body
    }

    fn member(&mut self, body: &mut String, members: &mut Members) {
        let Inner {
            name: ty,
            in_arrays,
            with_alignas,
        } = self.any_type();
        let name = self.name();
        let alignas = if with_alignas && self.one_in(20) {
            format!("_Alignas({}) ", self.power(16, 32))
        } else {
            String::new()
        };
        let array = if in_arrays && self.one_in(5) {
            format!("[{}]", self.rng.u32(0..6))
        } else {
            String::new()
        };
        write!(body, "{alignas}{ty} {name}{array}").ok();
        self.member_attributes(body);
        body.push_str("; ");
        members.plain.push(name);
    }

    fn member_attributes(&mut self, body: &mut String) {
        if self.one_in(12) {
            body.push_str(" __attribute__((packed))");
        }
        if self.one_in(12) {
            write!(body, " __attribute__((aligned({})))", self.power(1, 32)).ok();
        }
    }

    fn bit_field(&mut self, body: &mut String, members: &mut Members) {
        let wide = self.model.pointer_size == 8
            && self.model.rules != RecordRules::Msvc
            && self.one_in(25);
        let (ty, bits) = if wide {
            ("__int128", 128)
        } else {
            self.bit_field_type()
        };
        match self.rng.u32(0..8) {
            0 => write!(body, "{ty} : 0").ok(),
            1 => write!(body, "{ty} : {}", self.rng.u32(1..=bits)).ok(),
            _ => {
                let name = self.name();
                let width = if self.one_in(5) {
                    bits
                } else {
                    self.rng.u32(1..=bits)
                };
                write!(body, "{ty} {name} : {width}").ok();
                members.bit_fields.push(name);
                None
            }
        };
        self.member_attributes(body);
        body.push_str("; ");
    }

    fn bit_field_type(&mut self) -> (&'static str, u32) {
        let ty = self.pick(INTEGERS);
        let long = 8 * self.model.long_size as u32;
        let bits = match ty {
            "_Bool" => 1,
            "long" | "unsigned long" => long,
            _ if ty.contains("long long") => 64,
            _ if ty.contains("char") => 8,
            _ if ty.contains("short") => 16,
            _ => 32,
        };
        (ty, bits)
    }

    fn any_type(&mut self) -> Inner {
        let name = match self.rng.u32(0..10) {
            0..=2 if !self.inner.is_empty() => {
                return self.inner[self.rng.usize(0..self.inner.len())].clone();
            }
            3 => format!("{} *", self.scalar()),
            4 if self.one_in(3) => format!("_Atomic({})", self.pick(INTEGERS)),
            _ => self.scalar().to_string(),
        };
        Inner {
            name,
            in_arrays: true,
            with_alignas: true,
        }
    }

    fn scalar(&mut self) -> &'static str {
        match self.rng.u32(0..20) {
            0..=5 => self.pick(FLOATS),
            6 if self.model.pointer_size == 8 && self.model.rules != RecordRules::Msvc => {
                "__int128"
            }
            7 if self.model.arch == Arch::Aarch64 => "_Float16",
            8 if self.model.rules == RecordRules::SysV && self.model.arch == Arch::X86_64 => {
                "__float128"
            }
            _ => self.pick(INTEGERS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_made_of_its_number_and_seed_alone() {
        let text = |number, seed| subject(number, seed, &DataModel::X86_64_LINUX).text;
        assert_eq!(text(3, 7), text(3, 7));
        assert_ne!(text(3, 7), text(4, 7));
        assert_ne!(text(3, 7), text(3, 8));
    }
}
