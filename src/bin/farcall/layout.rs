//! `farcall layout`: records as pahole shows them.

use std::fmt::Write;
use std::io;
use std::sync::Arc;

use clap::Args;
use farcall::cdef::{CdefOptions, Declaration, Declarations, Tag};
use farcall::ctype::{CType, Field, Record, RecordBody, RecordId, RecordKind, TypeTable};
use farcall::layout::{DataModel, layout_of};

use crate::Failure;

/// Show offsets, sizes and holes of structs and unions
#[derive(Args)]
#[command(after_help = "\
Examples:
  farcall layout 'struct s { char tag; double x; unsigned a:3, b:7; };'
  farcall layout --target i686-windows 'struct s { char c; long long n; };'")]
pub(crate) struct Layout {
    /// C declarations
    declarations: String,

    /// The target whose rules hold (this machine unless given)
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

impl Layout {
    pub(crate) fn run(&self, output: &mut dyn io::Write) -> Result<(), Failure> {
        let model = match &self.target {
            None => DataModel::HOST,
            Some(name) => DataModel::from_name(name).ok_or_else(|| {
                let known: Vec<&str> = DataModel::ALL.iter().map(|model| model.name).collect();
                Failure::Usage(format!(
                    "--target {name}: known targets are {}",
                    known.join(", ")
                ))
            })?,
        };
        let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
        declarations
            .parse(&self.declarations, &CdefOptions::default())
            .map_err(|error| Failure::Error(error.to_string()))?;
        let records = records(&declarations);
        if records.is_empty() {
            return Err(Failure::Error(
                "the declarations have no struct or union".into(),
            ));
        }
        let shown: Vec<String> = records
            .into_iter()
            .map(|id| show(declarations.types(), id))
            .collect();
        Ok(output.write_all(shown.join("\n").as_bytes())?)
    }
}

/// All records that the text named by a tag or a typedef, in its order.
fn records(declarations: &Declarations) -> Vec<RecordId> {
    let types = declarations.types();
    let tagged = declarations.tags().filter_map(|(_, tag)| match tag {
        Tag::Record(id) => Some(id),
        Tag::Enum(_) => None,
    });
    let named = declarations
        .iter()
        .filter_map(|(_, declaration)| match declaration {
            Declaration::Typedef(ty) => match types.get(types.plain(ty.ty)) {
                CType::Record(id) => Some(id),
                _ => None,
            },
            _ => None,
        });
    let mut records: Vec<RecordId> = Vec::new();
    for id in tagged.chain(named) {
        if !records.contains(&id) {
            records.push(id);
        }
    }
    records.sort_by_key(|id| id.index());
    records
}

/// Column at which the comments start.
const COMMENT: usize = 44;

fn show(types: &TypeTable, id: RecordId) -> String {
    let record = types.record(id);
    let mut text = String::new();
    let Some(body) = record.body() else {
        return format!("{}; /* incomplete */\n", record.spelling());
    };
    let head = format!("{} {{", record.spelling());
    let _ = writeln!(text, "{head:<COMMENT$}/* offset   size */");
    let mut holes = Holes::default();
    for field in &body.fields {
        holes.before(&mut text, record, field);
        line(&mut text, types, field);
        holes.after(types, record, field);
    }
    holes.summary(&mut text, record, body);
    text.push_str("};\n");
    text
}

fn line(text: &mut String, types: &TypeTable, field: &Field) {
    let name = field.name.as_deref().unwrap_or("");
    let mut declaration = format!("    {}", types.declaration(field.ty, name).trim_end());
    if let Some(bits) = field.bits {
        let _ = write!(declaration, ":{}", bits.width);
    }
    declaration.push(';');
    let place = match field.bits {
        Some(bits) => format!(
            "{:>6}:{:<2} {:>3} bits",
            field.offset, bits.shift, bits.width
        ),
        None => format!("{:>8} {:>6}", field.offset, size(types, field)),
    };
    let _ = writeln!(text, "{declaration:<COMMENT$}/* {place} */");
}

/// A flexible array member counts as empty.
fn size(types: &TypeTable, field: &Field) -> u64 {
    layout_of(types, field.ty).map_or(0, |layout| layout.size)
}

/// What lies between members, in bits.
#[derive(Default)]
struct Holes {
    end: u64,
    count: u64,
    bits: u64,
}

impl Holes {
    fn before(&mut self, text: &mut String, record: &Record, field: &Field) {
        let start = field.offset * 8 + field.bits.map_or(0, |bits| u64::from(bits.shift));
        let hole = start.saturating_sub(self.end);
        if record.kind == RecordKind::Struct && hole > 0 {
            self.count += 1;
            self.bits += hole;
            let _ = writeln!(text, "\n    /* hole of {} */\n", amount(hole));
        }
    }

    fn after(&mut self, types: &TypeTable, record: &Record, field: &Field) {
        let end = match field.bits {
            Some(bits) => field.offset * 8 + u64::from(bits.shift + bits.width),
            None => (field.offset + size(types, field)) * 8,
        };
        self.end = if record.kind == RecordKind::Struct {
            end.max(self.end)
        } else {
            self.end.max(end)
        };
    }

    fn summary(&self, text: &mut String, record: &Record, body: &RecordBody) {
        let _ = writeln!(
            text,
            "\n    /* size: {}, alignment: {}, members: {} */",
            body.size,
            body.align,
            body.fields.len()
        );
        let padding = (body.size * 8).saturating_sub(self.end);
        let mut notes = Vec::new();
        if record.kind == RecordKind::Struct && self.count > 0 {
            notes.push(format!(
                "holes: {}, together {}",
                self.count,
                amount(self.bits)
            ));
        }
        if padding > 0 {
            notes.push(format!("padding at the end: {}", amount(padding)));
        }
        if !notes.is_empty() {
            let _ = writeln!(text, "    /* {} */", notes.join("; "));
        }
    }
}

/// Bits as bytes and bits.
fn amount(bits: u64) -> String {
    let plural = |n: u64, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    match (bits / 8, bits % 8) {
        (bytes, 0) => plural(bytes, "byte"),
        (0, bits) => plural(bits, "bit"),
        (bytes, bits) => format!("{} {}", plural(bytes, "byte"), plural(bits, "bit")),
    }
}
