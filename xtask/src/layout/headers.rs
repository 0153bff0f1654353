//! Real headers: parsed whole, and every record of theirs compared with the compiler.

use std::fmt;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use farcall::cdef::{CdefOptions, Declaration, Declarations, Tag};
use farcall::ctype::{CType, RecordId, TypeTable};
use farcall::layout::DataModel;

use super::compiler::{COMPILERS, Compiler};
use super::generate::Subject;
use super::measure::measure;
use super::measured;
use super::report::shown;
use crate::{Chore, Error, Workspace};

/// A header to read, on a target.
struct Header {
    name: &'static str,
    target: &'static str,
    /// What `pkg-config` calls its library, if the compiler does not find it alone.
    package: Option<&'static str>,
}

const fn linux(name: &'static str) -> Header {
    Header {
        name,
        target: "x86_64-linux",
        package: None,
    }
}

const HEADERS: &[Header] = &[
    linux("sqlite3.h"),
    linux("zlib.h"),
    linux("curl/curl.h"),
    linux("GL/gl.h"),
    Header {
        package: Some("cairo"),
        ..linux("cairo.h")
    },
    linux("openssl/ssl.h"),
    Header {
        package: Some("gtk+-3.0"),
        ..linux("gtk/gtk.h")
    },
    // Vector types and the bodies of a thousand inline functions.
    linux("immintrin.h"),
    linux("linux/perf_event.h"),
    Header {
        target: "aarch64-linux",
        ..linux("signal.h")
    },
    Header {
        target: "i686-linux",
        ..linux("signal.h")
    },
    Header {
        target: "x86_64-windows",
        ..linux("windows.h")
    },
    Header {
        target: "i686-windows",
        ..linux("windows.h")
    },
];

/// Parse real headers and compare all their records with the C compiler.
#[derive(clap::Args)]
pub(crate) struct Headers {}

impl Chore for Headers {
    fn perform(&self, _: &Workspace) -> Result<bool, Error> {
        let report = headers().map_err(Error::Layout)?;
        println!("{report}");
        Ok(report.problems() == 0)
    }
}

/// What the comparison found, a row for each header.
#[derive(Debug, Default)]
pub(crate) struct HeaderReport(Vec<Row>);

#[derive(Debug)]
struct Row {
    header: &'static str,
    target: &'static str,
    lines: usize,
    declarations: usize,
    records: usize,
    members: usize,
    time: Duration,
    /// What is wrong: errors of parsing, or records that differ.
    problems: Vec<String>,
}

impl HeaderReport {
    /// How many headers do not parse, and records differ.
    pub(crate) fn problems(&self) -> usize {
        self.0.iter().map(|row| row.problems.len()).sum()
    }
}

/// Parses all headers and compares their records.
///
/// # Errors
///
/// If the C compiler or `pkg-config` cannot be used, or a header is not installed.
pub(crate) fn headers() -> Result<HeaderReport, Box<dyn std::error::Error>> {
    HEADERS
        .iter()
        .map(row)
        .collect::<Result<_, _>>()
        .map(HeaderReport)
}

/// The header as the C compiler's preprocessor gives it out.
fn preprocessed(
    header: &Header,
    compiler: &Compiler,
) -> Result<String, Box<dyn std::error::Error>> {
    let mut options = String::new();
    if let Some(package) = header.package {
        options = succeeded(Command::new("pkg-config").args(["--cflags", package]))?;
    }
    let include = std::env::temp_dir().join(format!("farcall-header-{}.c", std::process::id()));
    std::fs::write(&include, format!("#include <{}>\n", header.name))?;
    let text = succeeded(
        compiler
            .command()
            .arg("-E")
            .args(options.split_whitespace())
            .arg(&include),
    );
    std::fs::remove_file(&include)?;
    text
}

fn succeeded(command: &mut Command) -> Result<String, Box<dyn std::error::Error>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?),
        false => Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}

fn row(header: &Header) -> Result<Row, Box<dyn std::error::Error>> {
    let compiler = COMPILERS
        .iter()
        .find(|compiler| compiler.target == header.target)
        .ok_or("no such target")?;
    let text = preprocessed(header, compiler)?;
    let model = DataModel::from_name(header.target).ok_or("no such target")?;
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
    let start = Instant::now();
    let parsed = declarations.parse(&text, &CdefOptions::default());
    let mut row = Row {
        header: header.name,
        target: header.target,
        lines: text.lines().count(),
        declarations: declarations.iter().count() + declarations.tags().count(),
        records: 0,
        members: 0,
        time: start.elapsed(),
        problems: parsed.err().iter().map(ToString::to_string).collect(),
    };
    let subjects = subjects(&declarations);
    for (subject, theirs) in subjects.iter().zip(measure(compiler, &text, &subjects)?) {
        match (measured(&declarations, subject), theirs) {
            (Ok(ours), Ok(theirs)) if ours == theirs => {
                row.records += 1;
                row.members += subject.plain.len() + subject.bit_fields.len();
            }
            (Ok(ours), Ok(theirs)) => {
                row.problems.push(format!(
                    "{}{}",
                    subject.record,
                    shown(subject, "farcall", &ours, compiler.name, &theirs)
                ));
            }
            (Ok(_), Err(error)) => row.problems.push(format!(
                "{}: {} refuses to measure it: {error}",
                subject.record, compiler.name
            )),
            (Err(error), _) => row.problems.push(format!("{}: {error}", subject.record)),
        }
    }
    if row.records == 0 {
        row.problems.push("no record was compared".into());
    }
    Ok(row)
}

/// All complete records that have a name, by tag or by typedef, and those without one that their members are.
fn subjects(declarations: &Declarations) -> Vec<Subject> {
    let types = declarations.types();
    let tagged = declarations
        .tags()
        .filter_map(|(tag, meaning)| match meaning {
            Tag::Record(id) => Some((format!("{} {tag}", types.record(id).kind.keyword()), id)),
            Tag::Enum(_) => None,
        });
    let named = declarations
        .iter()
        .filter_map(|(name, declaration)| match declaration {
            Declaration::Typedef(typedef) => match types.get(typedef.ty) {
                CType::Record(id) if types.record(id).tag.starts_with('$') => {
                    Some((name.to_string(), id))
                }
                _ => None,
            },
            _ => None,
        });
    let mut found = Vec::new();
    for (name, id) in tagged.chain(named) {
        add_with_members(types, name, id, &mut found);
    }
    found
}

fn add_with_members(types: &TypeTable, name: String, id: RecordId, found: &mut Vec<Subject>) {
    let Some(body) = types.record(id).body() else {
        return;
    };
    for field in &body.fields {
        let Some(member) = field.name.as_deref() else {
            continue;
        };
        let mut place = format!("(({name} *)0)->{member}");
        let mut ty = types.plain(field.ty);
        while let CType::Array { element, .. } = types.get(ty) {
            place += "[0]";
            ty = types.plain(element);
        }
        if let CType::Record(inner) = types.get(ty)
            && types.spelling(ty).contains('$')
        {
            add_with_members(types, format!("__typeof__({place})"), inner, found);
        }
    }
    found.extend(subject(types, name, id));
}

fn subject(types: &TypeTable, record: String, id: RecordId) -> Option<Subject> {
    let body = types.record(id).body()?;
    let mut subject = Subject {
        text: String::new(),
        record,
        plain: Vec::new(),
        bit_fields: Vec::new(),
    };
    for (name, member) in body.members() {
        let list = if member.bits.is_some() {
            &mut subject.bit_fields
        } else {
            &mut subject.plain
        };
        list.push(name.to_string());
    }
    Some(subject)
}

impl fmt::Display for HeaderReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:18} {:14} {:>7} {:>12} {:>8} {:>8} {:>8}",
            "header", "target", "lines", "declarations", "records", "members", "ms"
        )?;
        for row in &self.0 {
            let Row {
                header,
                target,
                lines,
                declarations,
                records,
                members,
                time,
                ..
            } = row;
            let ms = time.as_secs_f64() * 1e3;
            writeln!(
                f,
                "{header:18} {target:14} {lines:7} {declarations:12} {records:8} {members:8} {ms:8.2}"
            )?;
        }
        for row in &self.0 {
            for problem in row.problems.iter().take(10) {
                writeln!(f, "\n{} ({}): {problem}", row.header, row.target)?;
            }
        }
        Ok(())
    }
}
