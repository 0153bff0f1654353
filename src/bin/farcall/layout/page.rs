//! One record as text.

use std::fmt::Write;

use farcall::ctype::{CType, Field, Record, RecordBody, RecordId, RecordKind, TypeId, TypeTable};
use farcall::layout::{Layout, layout_of};

use super::shown::{Shown, unnamed_behind};

/// Column at which the comments start.
const COMMENT: usize = 44;

/// Records without a name that are shown inside one: typedefs of pointers to them can make trees without end.
const MAX_INSIDE: u32 = 100;

pub(super) fn show(types: &TypeTable, shown: &Shown) -> String {
    let record = types.record(shown.id);
    let Some(body) = record.body() else {
        let why = if record.is_partial() {
            "no size: only a C compiler could complete what was declared with '...'"
        } else {
            "no size: it is only declared, without members"
        };
        return format!("{}; /* {why} */\n", record.spelling());
    };
    let (head, end) = match &shown.by {
        None => (format!("{} {{", record.spelling()), "};".to_string()),
        Some((keyword, ty, name)) => (
            format!("{keyword}{} {{", record.kind.keyword()),
            closing(types, shown.id, *ty, name),
        ),
    };
    let mut page = Page {
        types,
        text: format!("{head:<COMMENT$}/* offset   size */\n"),
        level: 1,
        inside: 0,
    };
    // The typedef that alone names a record may align it further.
    let untagged = record.tag.starts_with('$');
    let (own, others): (Vec<_>, Vec<_>) = shown
        .aligned
        .iter()
        .partition(|(name, _)| untagged && *name == record.spelling());
    let layout = own.first().and_then(|(_, ty)| layout_of(types, *ty).ok());
    page.members(record, body, 0, layout);
    page.line(end);
    for (name, ty) in others {
        page.aligned_typedef(record, name, *ty);
    }
    page.text
}

/// What stands behind a record's members in the declaration of something: `} *name;`.
fn closing(types: &TypeTable, id: RecordId, ty: TypeId, name: &str) -> String {
    let declaration = types.declaration(ty, name);
    let spelling = types.record(id).spelling();
    let rest = declaration.strip_prefix(&spelling).unwrap_or(&declaration);
    match rest.trim() {
        "" => "};".into(),
        rest => format!("}} {rest};"),
    }
}

/// The text of one record, with the records without a name that are inside.
struct Page<'a> {
    types: &'a TypeTable,
    text: String,
    level: usize,
    /// How many records without a name were shown inside this one.
    inside: u32,
}

impl<'a> Page<'a> {
    /// The members and the summary of a record at `base` bytes from the start of the outermost one.
    fn members(&mut self, record: &Record, body: &RecordBody, base: u64, layout: Option<Layout>) {
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
        let layout = layout.unwrap_or(Layout {
            size: body.size,
            align: body.align,
        });
        self.summary(record, body, layout, &holes);
    }

    fn member(&mut self, field: &Field, base: u64) {
        let name = field.name.as_deref().unwrap_or("");
        let at = base + field.offset;
        if let Some((id, inner, body)) = self.unnamed_record(field) {
            self.line(format!("{}{} {{", self.indent(), inner.kind.keyword()));
            self.level += 1;
            // What a pointer points to begins at an offset of its own.
            let in_place = self.is_in_place(field.ty);
            self.members(inner, body, if in_place { at } else { 0 }, None);
            self.level -= 1;
            let close = closing(self.types, id, field.ty, name);
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

    fn summary(&mut self, record: &Record, body: &RecordBody, layout: Layout, holes: &Holes) {
        let indent = self.indent();
        let (size, align, members) = (layout.size, layout.align, body.fields.len());
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

    /// The record of a member whose type, behind pointers and arrays, has no name to show it under.
    fn unnamed_record(&mut self, field: &Field) -> Option<(RecordId, &'a Record, &'a RecordBody)> {
        let id = unnamed_behind(self.types, field.ty)?;
        let record = self.types.record(id);
        let body = record.body().filter(|_| self.inside < MAX_INSIDE)?;
        self.inside += 1;
        Some((id, record, body))
    }

    /// Whether a member holds the record, rather than a pointer to it.
    fn is_in_place(&self, mut ty: TypeId) -> bool {
        loop {
            ty = match self.types.get(self.types.plain(ty)) {
                CType::Array { element, .. } => element,
                CType::Pointer(_) => return false,
                _ => return true,
            };
        }
    }

    fn aligned_typedef(&mut self, record: &Record, name: &str, ty: TypeId) {
        if let Ok(Layout { size, align }) = layout_of(self.types, ty) {
            let of = match record.tag.starts_with('$') {
                true => record.spelling(),
                false => format!("{} {}", record.kind.keyword(), record.tag),
            };
            let declaration = format!("typedef {of} {name};");
            self.line(format!(
                "{declaration:<COMMENT$}/* size: {size}, alignment: {align} */"
            ));
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
