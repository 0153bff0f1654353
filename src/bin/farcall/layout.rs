//! `farcall layout`: records as pahole shows them.

use std::fmt::Write;
use std::io::{self, Read};
use std::sync::Arc;
use std::{borrow::Cow, fs};

use clap::Args;
use farcall::cdef::{CdefOptions, Declaration, Declarations, Tag};
use farcall::ctype::{CType, Field, Record, RecordBody, RecordId, RecordKind, TypeTable};
use farcall::layout::layout_of;

use crate::Failure;
use crate::target::Target;

/// Show offsets, sizes and holes of structs and unions
#[derive(Args)]
#[command(after_help = "\
Examples:
  farcall layout 'struct s { char tag; double x; unsigned a:3, b:7; };'
  farcall layout --target i686-windows 'struct s { char c; long long n; };'
  farcall layout --file records.h
  gcc -E /usr/include/zlib.h | farcall layout --file -")]
pub(crate) struct Layout {
    /// C declarations
    #[arg(required_unless_present = "file")]
    declarations: Option<String>,

    /// Read the declarations from a file instead; '-' for standard input. A header with '#include' lines must have gone
    /// through 'gcc -E'
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with = "declarations",
        allow_hyphen_values = true
    )]
    file: Option<String>,

    #[command(flatten)]
    target: Target,
}

impl Layout {
    pub(crate) fn run(&self, output: &mut dyn io::Write) -> Result<(), Failure> {
        let mut declarations = Declarations::new(Arc::new(TypeTable::new(self.target.model()?)));
        declarations
            .parse(&self.text()?, &CdefOptions::default())
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

    /// The declarations, from wherever they are. Headers may have comments in any encoding.
    fn text(&self) -> Result<Cow<'_, str>, Failure> {
        let read = match self.file.as_deref() {
            None => return Ok(self.declarations.as_deref().unwrap_or_default().into()),
            Some("-") => {
                let mut bytes = Vec::new();
                io::stdin().read_to_end(&mut bytes).map(|_| bytes)
            }
            Some(path) => fs::read(path),
        };
        let name = self.file.as_deref().unwrap_or_default();
        let bytes = read.map_err(|error| Failure::Error(format!("{name}: {error}")))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned().into())
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
    let Some(body) = record.body() else {
        let why = if record.is_partial() {
            "no size: only a C compiler could complete what was declared with '...'"
        } else {
            "no size: it is only declared, without members"
        };
        return format!("{}; /* {why} */\n", record.spelling());
    };
    let head = format!("{} {{", record.spelling());
    let mut page = Page {
        types,
        text: format!("{head:<COMMENT$}/* offset   size */\n"),
        level: 1,
    };
    page.members(record, body, 0);
    page.text.push_str("};\n");
    page.text
}

/// The text of one record, with the records without a name that are inside.
struct Page<'a> {
    types: &'a TypeTable,
    text: String,
    level: usize,
}

impl Page<'_> {
    /// The members and the summary of a record at `base` bytes from the start of the outermost one.
    fn members(&mut self, record: &Record, body: &RecordBody, base: u64) {
        let mut holes = Holes::default();
        for field in &body.fields {
            if let Some(hole) = holes.before(record, field) {
                self.line(format!(
                    "\n{}/* hole of {} */\n",
                    self.indent(),
                    amount(hole)
                ));
            }
            self.member(field, base);
            holes.after(self.size(field), field);
        }
        self.summary(record, body, &holes);
    }

    fn member(&mut self, field: &Field, base: u64) {
        let name = field.name.as_deref().unwrap_or("");
        let at = base + field.offset;
        if let Some((inner, body)) = unnamed_record(self.types, field) {
            self.line(format!("{}{} {{", self.indent(), inner.kind.keyword()));
            self.level += 1;
            self.members(inner, body, at);
            self.level -= 1;
            let close = if name.is_empty() {
                "};".into()
            } else {
                format!("}} {name};")
            };
            self.placed(close, format!("{at:>8} {:>6}", self.size(field)));
            return;
        }
        let mut declaration = self.types.declaration(field.ty, name).trim_end().to_owned();
        let place = match field.bits {
            Some(bits) => {
                let _ = write!(declaration, ":{}", bits.width);
                let plural = if bits.width == 1 { "" } else { "s" };
                format!("{at:>6}:{:<2} {:>3} bit{plural}", bits.shift, bits.width)
            }
            None => format!("{at:>8} {:>6}", self.size(field)),
        };
        self.placed(declaration + ";", place);
    }

    fn summary(&mut self, record: &Record, body: &RecordBody, holes: &Holes) {
        let indent = self.indent();
        let (size, align, members) = (body.size, body.align, body.fields.len());
        self.line(format!(
            "\n{indent}/* size: {size}, alignment: {align}, members: {members} */"
        ));
        let padding = (body.size * 8).saturating_sub(holes.end);
        let mut notes = Vec::new();
        if record.kind == RecordKind::Struct && holes.count > 0 {
            notes.push(format!(
                "holes: {}, together {}",
                holes.count,
                amount(holes.bits)
            ));
        }
        if padding > 0 {
            notes.push(format!("padding at the end: {}", amount(padding)));
        }
        if !notes.is_empty() {
            self.line(format!("{indent}/* {} */", notes.join("; ")));
        }
    }

    fn placed(&mut self, declaration: String, place: String) {
        let declaration = self.indent() + &declaration;
        self.line(format!("{declaration:<COMMENT$}/* {place} */"));
    }

    fn line(&mut self, line: String) {
        self.text.push_str(&line);
        self.text.push('\n');
    }

    fn indent(&self) -> String {
        "    ".repeat(self.level)
    }

    /// A flexible array member counts as empty.
    fn size(&self, field: &Field) -> u64 {
        layout_of(self.types, field.ty).map_or(0, |layout| layout.size)
    }
}

/// The record of a member whose type has no name to show it under.
fn unnamed_record<'a>(types: &'a TypeTable, field: &Field) -> Option<(&'a Record, &'a RecordBody)> {
    let CType::Record(id) = types.get(types.plain(field.ty)) else {
        return None;
    };
    let record = types.record(id);
    let unnamed = record.tag.starts_with('$') && record.spelling().ends_with(&*record.tag);
    record.body().filter(|_| unnamed).map(|body| (record, body))
}

/// What lies between members, in bits.
#[derive(Default)]
struct Holes {
    end: u64,
    count: u64,
    bits: u64,
}

impl Holes {
    fn before(&mut self, record: &Record, field: &Field) -> Option<u64> {
        let start = field.offset * 8 + field.bits.map_or(0, |bits| u64::from(bits.shift));
        let hole = start.saturating_sub(self.end);
        (record.kind == RecordKind::Struct && hole > 0).then(|| {
            self.count += 1;
            self.bits += hole;
            hole
        })
    }

    fn after(&mut self, size: u64, field: &Field) {
        let end = match field.bits {
            Some(bits) => field.offset * 8 + u64::from(bits.shift + bits.width),
            None => (field.offset + size) * 8,
        };
        self.end = self.end.max(end);
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
