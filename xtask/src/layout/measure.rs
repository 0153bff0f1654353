//! What a compiler says of records, read from its object files: nothing is run.

use std::collections::{BTreeMap, HashMap};
use std::io;

use object::{Object, ObjectSection, ObjectSymbol};

use super::compiler::{Compiled, Compiler};
use super::generate::Subject;

/// Size, alignment and the places of the members of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    /// In bytes.
    pub(crate) size: u64,
    /// In bytes.
    pub(crate) align: u64,
    /// Offsets in bytes of the subject's plain members.
    pub(crate) offsets: Vec<u64>,
    /// For each bit-field its first bit and how many they are, counted from the record's start.
    pub(crate) bits: Vec<Option<(u64, u64)>>,
}

/// What the compiler calls the text after the prelude in its messages.
pub(crate) const RECORDS: &str = "records";

/// What a compiler makes of a subject: its figures, or why it has none.
pub(crate) type Answer = Result<Measured, String>;

/// Measures all subjects at once, after a text that declares what they speak of.
///
/// # Errors
///
/// If the compiler cannot be used, or its object files cannot be read.
pub(crate) fn measure(
    compiler: &Compiler,
    prelude: &str,
    subjects: &[Subject],
) -> io::Result<Vec<Answer>> {
    let mut refused = BTreeMap::new();
    loop {
        let (text, owners) = program(subjects, &refused);
        match compiler.compile(&format!("{prelude}\n# 1 \"{RECORDS}\"\n{text}"))? {
            Compiled::Object(bytes) => {
                return read(&bytes, subjects, &refused).map_err(io::Error::other);
            }
            Compiled::Errors(lines, said) => {
                let before = refused.len();
                for (line, words) in lines {
                    if let Some(&owner) = owners.get(line - 1) {
                        refused.entry(owner).or_insert(words);
                    }
                }
                if refused.len() == before {
                    return Err(io::Error::other(format!("{}: {said}", compiler.name)));
                }
            }
        }
    }
}

/// What the compiler that farcall follows says of the subjects. Where it has no `enum : T`, it is asked about integers instead
/// of them, which it lays out the same way: so what another compiler makes of the rest of such a record is compared too.
pub(super) fn references(compiler: &Compiler, subjects: &[Subject]) -> io::Result<Vec<Answer>> {
    let mut answers = measure(compiler, "", subjects)?;
    let refused = answers
        .iter()
        .enumerate()
        .filter(|(_, answer)| answer.is_err());
    let without = refused.filter_map(|(i, _)| Some((i, subjects[i].without_typed_enums()?)));
    let (places, others): (Vec<usize>, Vec<Subject>) = without.unzip();
    for (i, answer) in places.into_iter().zip(measure(compiler, "", &others)?) {
        answers[i] = answer;
    }
    Ok(answers)
}

/// A C text with one table of numbers for each record, and one object for each bit-field, all of whose other bits are
/// zero. The list says which subject each line belongs to.
fn program(subjects: &[Subject], refused: &BTreeMap<usize, String>) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut owners = Vec::new();
    for (i, subject) in subjects
        .iter()
        .enumerate()
        .filter(|(i, _)| !refused.contains_key(i))
    {
        let record = &subject.record;
        let mut part = subject.text.clone();
        // gcc's `_Alignof` never exceeds the machine's largest alignment, which `-mavx` changes and layouts do not;
        // `__alignof__` gives what the layout goes by.
        let offsets: String = subject
            .plain
            .iter()
            .map(|name| format!(", __builtin_offsetof({record}, {name})"))
            .collect();
        part += &format!(
            "const unsigned long long table{i}[] = {{ sizeof({record}), __alignof__({record}){offsets} }};\n"
        );
        for (j, name) in subject.bit_fields.iter().enumerate() {
            // The record lies in an array of bytes, so that one without a size has an address all the same.
            part +=
                &format!("struct {{ {record} r; }} bits{i}_{j} = {{ .r = {{ .{name} = -1 }} }};\n");
        }
        owners.extend(part.lines().map(|_| i));
        text += &part;
    }
    (text, owners)
}

fn read(
    bytes: &[u8],
    subjects: &[Subject],
    refused: &BTreeMap<usize, String>,
) -> Result<Vec<Answer>, object::Error> {
    let file = object::File::parse(bytes)?;
    let mut symbols = HashMap::new();
    for symbol in file.symbols() {
        if let Some(section) = symbol.section_index() {
            // 32-bit Windows puts an underscore before C names.
            symbols.insert(
                symbol.name()?.trim_start_matches('_').to_string(),
                (section, symbol.address()),
            );
        }
    }
    let data = |name: &str| {
        let &(section, address) = symbols.get(name)?;
        let section = file.section_by_index(section).ok()?;
        let start = (address - section.address()) as usize;
        section.data().ok()?.get(start..)
    };
    let measured = |(i, subject): (usize, &Subject)| {
        let table = data(&format!("table{i}"))?;
        let numbers = table
            .chunks_exact(8)
            .map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap_or_default()));
        let mut numbers = numbers.take(2 + subject.plain.len());
        let (size, align) = (numbers.next()?, numbers.next()?);
        let bits = |j: usize| data(&format!("bits{i}_{j}")).and_then(|bytes| set_bits(bytes, size));
        Some(Measured {
            size,
            align,
            offsets: numbers.collect(),
            bits: (0..subject.bit_fields.len()).map(bits).collect(),
        })
    };
    let answer = |(i, subject): (usize, &Subject)| match refused.get(&i) {
        Some(words) => Err(words.clone()),
        None => measured((i, subject)).ok_or_else(|| "its object file lacks the figures".into()),
    };
    Ok(subjects.iter().enumerate().map(answer).collect())
}

/// The first set bit and the number of set bits.
fn set_bits(bytes: &[u8], size: u64) -> Option<(u64, u64)> {
    let bytes = &bytes[..bytes.len().min(size as usize)];
    let first = bytes.iter().position(|&byte| byte != 0)?;
    let count: u32 = bytes.iter().map(|byte| byte.count_ones()).sum();
    Some((
        8 * first as u64 + u64::from(bytes[first].trailing_zeros()),
        count.into(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_bits_are_counted_from_the_records_start() {
        assert_eq!(set_bits(&[0, 0b1110_0000, 1, 0xff], 3), Some((13, 4)));
        assert_eq!(set_bits(&[0, 0, 1], 2), None);
    }
}
