//! Why two compilers disagree on records: what has to be taken out of a record until they agree.
//!
//! Nothing here knows any rule of layout. A construct is removed from the text, both compilers are asked again, and if they now
//! say the same, that construct is the cause.

use std::io;

use super::compiler::Compiler;
use super::generate::Subject;
use super::measure::{measure, references};
use super::report::Disagreement;

/// Takes one construct out of a text.
type Removal = fn(&str) -> String;

/// The constructs in the order in which they are tried: the narrow ones first.
const CAUSES: &[(&str, Removal)] = &[
    ("'aligned' on bit-fields", |text| {
        each_declaration(text, |part| match is_bit_field(part) {
            true => without_attribute(part, "aligned"),
            false => part.into(),
        })
    }),
    ("'packed' on bit-fields", |text| {
        each_declaration(text, |part| match is_bit_field(part) {
            true => without_attribute(part, "packed"),
            false => part.into(),
        })
    }),
    ("bit-fields of no bits", |text| {
        each_declaration(text, |part| match part.contains(" : 0") {
            true => String::new(),
            false => part.into(),
        })
    }),
    ("'packed'", |text| without_attribute(text, "packed")),
    ("'#pragma pack'", |text| {
        let lines = text.lines().filter(|line| !line.starts_with("#pragma"));
        lines.map(|line| format!("{line}\n")).collect()
    }),
    ("unions", |text| text.replace("union ", "struct ")),
    ("'ms_struct' and 'gcc_struct'", |text| {
        without_attribute(&without_attribute(text, "ms_struct"), "gcc_struct")
    }),
    ("'aligned'", |text| without_attribute(text, "aligned")),
    ("'_Atomic'", |text| {
        text.replace("_Atomic(", "__typeof__(")
            .replace("_Atomic ", "")
    }),
];

/// What is tried when no construct explains a record alone.
const ALL_BIT_FIELDS: (&str, Removal) = ("bit-fields, with several of these", |text| {
    each_declaration(text, |part| match is_bit_field(part) {
        true => String::new(),
        false => part.into(),
    })
});

/// Finds the cause of each disagreement.
pub(super) fn explain(
    one: &Compiler,
    other: &Compiler,
    disagreements: &mut [Disagreement],
) -> io::Result<()> {
    let all = CAUSES.iter().chain([&ALL_BIT_FIELDS]);
    let singles = all.clone().map(|&(cause, removal)| (cause, vec![removal]));
    let together = ("several of these", all.map(|cause| cause.1).collect());
    for (cause, removals) in singles.chain([together]) {
        let mut open: Vec<&mut Disagreement> = disagreements
            .iter_mut()
            .filter(|found| found.cause.is_none())
            .collect();
        if open.is_empty() {
            break;
        }
        let texts: Vec<Subject> = open
            .iter()
            .map(|found| reduced(&found.subject, &removals))
            .collect();
        let answers = references(one, &texts)?
            .into_iter()
            .zip(measure(other, "", &texts)?);
        for (found, (a, b)) in open.iter_mut().zip(answers) {
            if a.is_ok() && a == b {
                found.cause = Some(cause);
            }
        }
    }
    Ok(())
}

/// A subject without some constructs.
fn reduced(subject: &Subject, removals: &[Removal]) -> Subject {
    let text = subject.text.clone();
    let text = text.replace(", packed))", ")) __attribute__((packed))");
    let text = removals.iter().fold(text, |text, removal| removal(&text));
    let mut bit_fields = subject.bit_fields.clone();
    bit_fields.retain(|name| text.contains(&format!(" {name} : ")));
    Subject {
        text,
        bit_fields,
        ..subject.clone()
    }
}

/// A text whose members and heads of records went through a function one by one.
fn each_declaration(text: &str, change: impl Fn(&str) -> String) -> String {
    text.split_inclusive([';', '{', '}']).map(change).collect()
}

/// The generator writes the colon of a bit-field between spaces, and before its width.
fn is_bit_field(declaration: &str) -> bool {
    let width = declaration.split_once(" : ").map(|(_, width)| width);
    width.is_some_and(|width| width.starts_with(|c: char| c.is_ascii_digit()))
}

fn without_attribute(text: &str, name: &str) -> String {
    let begins = format!("__attribute__(({name}");
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&begins) {
        out += before;
        let inner = if after.starts_with('(') { ")))" } else { "))" };
        rest = after.split_once(inner).map_or("", |(_, rest)| rest);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructs_are_taken_out_alone() {
        let text = "struct s { int a : 3 __attribute__((aligned(8))); int b __attribute__((aligned)); int : 0; } \
                    __attribute__((packed));";
        let removed: Vec<String> = CAUSES[..4].iter().map(|cause| cause.1(text)).collect();
        assert_eq!(
            removed,
            [
                "struct s { int a : 3 ; int b __attribute__((aligned)); int : 0; } __attribute__((packed));",
                text,
                "struct s { int a : 3 __attribute__((aligned(8))); int b __attribute__((aligned)); } \
                 __attribute__((packed));",
                "struct s { int a : 3 __attribute__((aligned(8))); int b __attribute__((aligned)); int : 0; } ;",
            ]
        );
    }
}
