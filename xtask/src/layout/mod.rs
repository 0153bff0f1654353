//! `cargo xtask layout`: random records, laid out by farcall and by C compilers, compared bit by bit.

mod compiler;
mod generate;
mod headers;
mod measure;

use std::fmt;
use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declarations};
use farcall::ctype::{CType, TypeTable};
use farcall::layout::DataModel;

use self::compiler::{COMPILERS, Compiler};
use self::generate::Subject;
use self::measure::{Measured, measure};

pub(crate) use self::headers::{Headers, headers};

use crate::{Chore, Error, Workspace};

/// Compare the layouts of random records with C compilers.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Layout {
    /// Only this target, such as `aarch64-linux` (default: all)
    #[arg(long)]
    pub(crate) target: Option<String>,
    /// Only this compiler, such as `clang` (default: all of the target)
    #[arg(long)]
    pub(crate) cc: Option<String>,
    /// How many records a target
    #[arg(long, default_value_t = 2000)]
    pub(crate) count: usize,
    /// Which records
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Show every record on which two compilers disagree, and those that one refuses
    #[arg(long)]
    pub(crate) list: bool,
}

impl Chore for Layout {
    fn perform(&self, _: &Workspace) -> Result<bool, Error> {
        let report = run(self).map_err(Error::Layout)?;
        println!("{report}");
        Ok(report.differences() == 0)
    }
}

/// What the comparison found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    list: bool,
}

/// One compiler's records.
#[derive(Debug)]
struct Row {
    compiler: Compiler,
    compared: usize,
    /// Records that the compiler does not take.
    refused: Vec<String>,
    /// farcall against the compiler it should agree with.
    differences: Vec<String>,
    /// The compiler against the first of its target, with which farcall agrees.
    disagreements: Vec<String>,
}

impl Report {
    /// Records on which farcall is wrong.
    pub(crate) fn differences(&self) -> usize {
        self.rows.iter().map(|row| row.differences.len()).sum()
    }
}

/// Compares the records.
///
/// # Errors
///
/// If there is no such target or compiler, or a compiler cannot be used.
pub(crate) fn run(args: &Layout) -> Result<Report, Box<dyn std::error::Error>> {
    let wanted = |target: &str| {
        let model = args
            .target
            .as_ref()
            .map(|name| DataModel::from_name(name).map(|model| model.name));
        model.is_none_or(|name| name == Some(target))
    };
    let mut report = Report {
        rows: Vec::new(),
        list: args.list,
    };
    for target in targets().filter(|target| wanted(target)) {
        report.rows.extend(compare_target(target, args)?);
    }
    if report.rows.is_empty() {
        return Err("no such target or compiler".into());
    }
    Ok(report)
}

/// The targets that there are compilers for.
pub(crate) fn targets() -> impl Iterator<Item = &'static str> {
    let mut last = None;
    COMPILERS
        .iter()
        .map(|compiler| compiler.target)
        .filter(move |target| last.replace(*target) != Some(*target))
}

fn compare_target(target: &str, args: &Layout) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let model = DataModel::from_name(target).ok_or("no such target")?;
    let subjects: Vec<Subject> = (0..args.count)
        .map(|i| generate::subject(i, args.seed, &model))
        .collect();
    let ours: Vec<Result<Measured, String>> = subjects
        .iter()
        .map(|subject| laid_out(subject, model))
        .collect();
    let compilers: Vec<&Compiler> = COMPILERS
        .iter()
        .filter(|compiler| compiler.target == target)
        .collect();
    let reference = measure(compilers[0], "", &subjects)?;
    let mut rows = Vec::new();
    for (i, compiler) in compilers.iter().enumerate() {
        if args.cc.as_ref().is_some_and(|cc| cc != compiler.name) {
            continue;
        }
        let theirs = if i == 0 {
            reference.clone()
        } else {
            measure(compiler, "", &subjects)?
        };
        let mut row = Row {
            compiler: **compiler,
            compared: 0,
            refused: Vec::new(),
            differences: Vec::new(),
            disagreements: Vec::new(),
        };
        for (i, subject) in subjects.iter().enumerate() {
            let Some(theirs) = &theirs[i] else {
                row.refused.push(subject.text.trim().to_string());
                continue;
            };
            row.compared += 1;
            match &ours[i] {
                Ok(ours) if ours == theirs => {}
                Ok(ours) if reference[i].as_ref() == Some(ours) => {
                    row.disagreements.push(shown(
                        subject,
                        compilers[0].name,
                        ours,
                        compiler.name,
                        theirs,
                    ));
                }
                Ok(ours) => {
                    row.differences
                        .push(shown(subject, "farcall", ours, compiler.name, theirs))
                }
                Err(error) => row.differences.push(format!("{}{error}", subject.text)),
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// farcall's own layout of a subject.
fn laid_out(subject: &Subject, model: DataModel) -> Result<Measured, String> {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
    declarations
        .parse(&subject.text, &CdefOptions::default())
        .map_err(|errors| errors.to_string())?;
    measured(&declarations, subject)
}

/// farcall's layout of a subject whose text is parsed.
fn measured(declarations: &Declarations, subject: &Subject) -> Result<Measured, String> {
    let types = declarations.types();
    let ty = declarations
        .type_of(&subject.record)
        .map_err(|errors| errors.to_string())?;
    let CType::Record(id) = types.get(ty) else {
        return Err("no record".into());
    };
    let body = types.record(id).body().ok_or("incomplete")?;
    let member = |name: &String| body.member(name).ok_or_else(|| format!("no member {name}"));
    let offsets = subject.plain.iter().map(|name| Ok(member(name)?.offset));
    let bits = subject.bit_fields.iter().map(|name| {
        let member = member(name)?;
        let bits = member.bits.ok_or("no bit-field")?;
        Ok(Some((
            8 * member.offset + u64::from(bits.shift),
            u64::from(bits.width),
        )))
    });
    Ok(Measured {
        size: body.size,
        align: body.align,
        offsets: offsets.collect::<Result<_, String>>()?,
        bits: bits.collect::<Result<_, String>>()?,
    })
}

/// A record and where two layouts of it part.
fn shown(subject: &Subject, one: &str, a: &Measured, other: &str, b: &Measured) -> String {
    let mut out = subject.text.trim().to_string();
    let mut line = |what: &str, a: String, b: String| {
        if a != b {
            out += &format!("\n    {what}: {one} {a}, {other} {b}");
        }
    };
    line("size", a.size.to_string(), b.size.to_string());
    line("align", a.align.to_string(), b.align.to_string());
    for (name, (a, b)) in subject.plain.iter().zip(a.offsets.iter().zip(&b.offsets)) {
        line(name, a.to_string(), b.to_string());
    }
    for (name, (a, b)) in subject.bit_fields.iter().zip(a.bits.iter().zip(&b.bits)) {
        line(name, format!("{a:?}"), format!("{b:?}"));
    }
    out
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        writeln!(
            f,
            "{:20} {:24} {:>8} {:>8} {:>11} {:>13}",
            "target", "compiler", "compared", "refused", "differences", "disagreements"
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "{:20} {:24} {:8} {:8} {:11} {:13}",
                row.compiler.target,
                row.compiler.name,
                row.compared,
                row.refused.len(),
                row.differences.len(),
                row.disagreements.len()
            )?;
        }
        for row in &self.rows {
            for difference in row.differences.iter().take(SHOWN) {
                writeln!(
                    f,
                    "\n{} {}: farcall differs\n{difference}",
                    row.compiler.target, row.compiler.name
                )?;
            }
            for refused in row.refused.iter().filter(|_| self.list) {
                writeln!(
                    f,
                    "\n{} {}: refused\n{refused}",
                    row.compiler.target, row.compiler.name
                )?;
            }
            for disagreement in row.disagreements.iter().filter(|_| self.list) {
                writeln!(
                    f,
                    "\n{}: compilers disagree\n{disagreement}",
                    row.compiler.target
                )?;
            }
        }
        Ok(())
    }
}
