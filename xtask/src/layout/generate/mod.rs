//! Random records, in C.

mod attributes;
mod members;
mod types;

use std::fmt::Write;

use farcall::layout::{DataModel, RecordRules};
use fastrand::Rng;

use self::types::Inner;

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

impl Subject {
    /// The subject with an integer for each `enum : T`; nothing if it has none.
    pub(crate) fn without_typed_enums(&self) -> Option<Subject> {
        let mut text = self.text.clone();
        for line in self.text.lines().filter(|line| line.starts_with("enum ")) {
            let Some((name, (ty, _))) = line
                .split_once(" : ")
                .and_then(|(name, rest)| Some((name, rest.split_once(" {")?)))
            else {
                continue;
            };
            let plain = name.trim_start_matches("enum ");
            text = text.replace(line, &format!("typedef {ty} {plain};"));
            text = text.replace(name, plain);
        }
        (text != self.text).then(|| Subject {
            text,
            ..self.clone()
        })
    }
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
    let (record, members) = generator.record(&format!("r{number}"));
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

/// Names of members.
#[derive(Default)]
struct Members {
    plain: Vec<String>,
    bit_fields: Vec<String>,
}

impl Generator<'_> {
    fn one_in(&mut self, n: u32) -> bool {
        self.rng.u32(0..n) == 0
    }

    fn pick<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.rng.usize(0..list.len())]
    }

    fn power(&mut self, low: u32, high: u32) -> u32 {
        1 << self.rng.u32(low.ilog2()..=high.ilog2())
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("m{}", self.names)
    }

    fn is_msvc(&self) -> bool {
        self.model.rules == RecordRules::Msvc
    }

    /// Writes a record with a tag. The answer is its name and what may be asked of it.
    fn record(&mut self, tag: &str) -> (String, Members) {
        let keyword = if self.one_in(6) { "union" } else { "struct" };
        let pack = self.one_in(6).then(|| self.power(1, 16));
        let mut members = Members::default();
        let (mut body, mut pops) = (String::new(), usize::from(pack.is_some()));
        if self.one_in(20) {
            pops += self.repacked_body(&mut body, &mut members);
        } else {
            self.body(&mut body, &mut members, 0);
            if keyword == "struct" && !body.is_empty() && self.one_in(12) {
                let (ty, name) = (self.scalar(), self.name());
                write!(body, "{ty} {name}[]; ").ok();
                members.plain.push(name);
            }
        }
        let (first, ahead) = (self.declspec_align(4), self.record_attributes_ahead());
        let after = self.record_attributes();
        if let Some(pack) = pack {
            writeln!(self.text, "\n#pragma pack(push, {pack})").ok();
        }
        let head = format!("{first}{keyword} {ahead}{tag}");
        writeln!(self.text, "{head} {{ {body}}}{after};").ok();
        self.text += &"#pragma pack(pop)\n".repeat(pops);
        (format!("{keyword} {tag}"), members)
    }

    /// Members with another packing in force for some of them. The answer says whether it is still in force at the brace, so
    /// that it has to be ended after the record.
    fn repacked_body(&mut self, body: &mut String, members: &mut Members) -> usize {
        let parts = [(); 3].map(|()| self.rng.u32(0..3));
        let ends = self.rng.bool();
        for (i, count) in parts.into_iter().enumerate() {
            match i {
                1 => write!(body, "\n#pragma pack(push, {})\n", self.power(1, 16)).ok(),
                2 if ends => write!(body, "\n#pragma pack(pop)\n").ok(),
                _ => None,
            };
            (0..count).for_each(|_| self.any_member(body, members, 0));
        }
        usize::from(!ends)
    }

    /// The members between a record's braces.
    fn body(&mut self, body: &mut String, members: &mut Members, depth: u32) {
        let count = if self.one_in(40) {
            0
        } else {
            self.rng.usize(1..8)
        };
        let bit_fields = self.rng.u32(0..3);
        for _ in 0..count {
            if self.rng.u32(0..3) < bit_fields {
                self.bit_field(body, members);
            } else {
                self.any_member(body, members, depth);
            }
        }
    }

    fn any_member(&mut self, body: &mut String, members: &mut Members, depth: u32) {
        match self.rng.u32(0..8) {
            0 if depth < 2 => self.anonymous(body, members, depth),
            1 => self.bit_field(body, members),
            _ => self.member(body, members),
        }
    }

    /// A record without a tag as a member without a name.
    fn anonymous(&mut self, body: &mut String, members: &mut Members, depth: u32) {
        let keyword = self.pick(&["struct", "union"]);
        let (first, ahead) = (self.declspec_align(8), self.record_attributes_ahead());
        let first = self.attribute_ahead_of_anonymous() + &first;
        write!(body, "{first}{keyword} {ahead}{{ ").ok();
        self.body(body, members, depth + 1);
        let after = self.record_attributes();
        write!(body, "}}{after}; ").ok();
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

    #[test]
    fn enumerations_with_a_type_are_replaced_by_integers() {
        let text = "enum t1_0 : short { E };\nstruct r1 { enum t1_0 a : 3; enum t1_0 b; };\n";
        let subject = Subject {
            text: text.into(),
            record: "struct r1".into(),
            plain: vec!["b".into()],
            bit_fields: vec!["a".into()],
        };
        let without = subject.without_typed_enums().map(|subject| subject.text);
        let expected = "typedef short t1_0;\nstruct r1 { t1_0 a : 3; t1_0 b; };\n";
        assert_eq!(without.as_deref(), Some(expected));
    }
}
