//! Types, records and prototypes as C text.

use std::fmt::Write;

use crate::ctype::{CType, Field, Record, Signature};

/// How a record's definition departs from the record itself, to ask the compiler about one detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// The record.
    Itself,
    /// Without its `aligned` attribute.
    Natural,
    /// With names for its unnamed bit-fields.
    Named,
    /// Cut off after the zero-width bit-field of this index, with a `char mark` in its place.
    Marked(usize),
}

impl Signature {
    /// `int f17(struct S17_0, ...)`, with names for the parameters if `names` is set.
    pub(crate) fn prototype(&self, names: bool) -> String {
        let named = |at: usize| {
            if names {
                format!("a{at}")
            } else {
                String::new()
            }
        };
        let fixed = self.fixed.unwrap_or(self.params.len());
        let mut params: Vec<String> = (0..fixed)
            .map(|at| self.declare(&self.params[at], &named(at)))
            .collect();
        if self.fixed.is_some() {
            params.push("...".into());
        }
        if params.is_empty() {
            params.push("void".into());
        }
        let result = self
            .result
            .as_ref()
            .map_or("void".into(), |ty| self.declare(ty, ""));
        let attribute = self.convention.attribute;
        let space = if attribute.is_empty() { "" } else { " " };
        format!(
            "{result} {attribute}{space}f{}({})",
            self.index,
            params.join(", ")
        )
    }

    /// The definitions of the records, each ahead of its uses.
    pub(crate) fn definitions(&self) -> String {
        (0..self.records.len())
            .map(|id| self.definition(id, Variant::Itself) + "\n")
            .collect()
    }

    /// The definition of record `id`.
    pub(crate) fn definition(&self, id: usize, variant: Variant) -> String {
        let record = &self.records[id];
        let cut = if let Variant::Marked(at) = variant {
            at + 1
        } else {
            record.fields.len()
        };
        let mut text = format!("{} {{ ", self.tag(id, variant));
        for (at, field) in record.fields[..cut].iter().enumerate() {
            let _ = write!(text, "{}; ", self.member(at, field, variant));
        }
        if cut < record.fields.len() || matches!(variant, Variant::Marked(_)) {
            text += "char mark; ";
        }
        text + "}" + &attributes(record, variant) + ";"
    }

    /// `struct S17_0`, or the name of its variant.
    pub(crate) fn tag(&self, id: usize, variant: Variant) -> String {
        let keyword = if self.records[id].union {
            "union"
        } else {
            "struct"
        };
        let index = self.index;
        match variant {
            Variant::Itself => format!("{keyword} S{index}_{id}"),
            Variant::Natural => format!("{keyword} N{index}_{id}"),
            Variant::Named => format!("{keyword} B{index}_{id}"),
            Variant::Marked(at) => format!("{keyword} Z{index}_{id}_{at}"),
        }
    }

    fn member(&self, at: usize, field: &Field, variant: Variant) -> String {
        let packed = if field.packed {
            " __attribute__((packed))"
        } else {
            ""
        };
        let align = field
            .align
            .map_or(String::new(), |n| format!(" __attribute__((aligned({n})))"));
        match field.bits {
            Some(bits) => {
                let named = bits.named || (variant == Variant::Named && bits.width > 0);
                let name = if named {
                    format!("f{at}")
                } else {
                    String::new()
                };
                format!(
                    "{} : {}{packed}",
                    self.declare(&field.ty, &name),
                    bits.width
                )
            }
            None => format!(
                "{}{packed}{align}",
                self.declare(&field.ty, &format!("f{at}"))
            ),
        }
    }

    /// A declaration of `name` with type `ty`; an abstract one if `name` is empty.
    pub(crate) fn declare(&self, ty: &CType, name: &str) -> String {
        let base = match ty {
            CType::Scalar(scalar) => scalar.spelling().to_owned(),
            CType::Record(id) => self.tag(*id, Variant::Itself),
            CType::Array(element, count) => {
                return self.declare(element, &format!("{name}[{count}]"));
            }
            CType::Flexible(element) => return self.declare(element, &format!("{name}[]")),
        };
        let space = if name.is_empty() || base.ends_with('*') {
            ""
        } else {
            " "
        };
        format!("{base}{space}{name}")
    }
}

fn attributes(record: &Record, variant: Variant) -> String {
    let align = record
        .align
        .filter(|_| variant != Variant::Natural)
        .map(|n| format!("aligned({n})"));
    let packed = record.packed.then(|| "packed".to_owned());
    let words: Vec<String> = packed.into_iter().chain(align).collect();
    if words.is_empty() {
        String::new()
    } else {
        format!(" __attribute__(({}))", words.join(", "))
    }
}
