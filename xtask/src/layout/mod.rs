//! `cargo xtask layout`: random records, laid out by farcall and by C compilers, compared bit by bit.

mod cause;
mod compiler;
mod generate;
mod headers;
mod measure;
mod report;

use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declarations};
use farcall::ctype::{CType, TypeTable};
use farcall::layout::DataModel;

use self::compiler::{COMPILERS, Compiler};
use self::generate::Subject;
use self::measure::{Answer, Measured, measure, references};
use self::report::{Report, Row};

pub(crate) use self::headers::{Headers, headers};

use crate::{Chore, Error, Workspace};

/// Compare the layouts of random records with C compilers.
///
/// Each compiler is a judge of its own. Where two of a target disagree, farcall follows what the ABI's document says, else the
/// first compiler, gcc: on Windows too unless the target is called msvc. Such a record is a disagreement: it is shown compiler
/// against compiler, and grouped by what has to be taken out of it until they agree. What agrees with neither is a difference.
/// Refused records and disagreements are written to TARGET_DIR/layout/TARGET.txt.
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
    /// Show every record on which two compilers disagree, and those that one refuses, here too
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
    let folder = Workspace::find()?.target.join("layout");
    let mut report = Report::new(args.list, folder);
    for target in targets().filter(|target| wanted(target)) {
        report.add(target, compare_target(target, args)?)?;
    }
    if report.is_empty() {
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
    let (subjects, ours) = subjects(args, model);
    let compilers: Vec<&Compiler> = COMPILERS
        .iter()
        .filter(|compiler| compiler.target == target)
        .collect();
    let reference = references(compilers[0], &subjects)?;
    let wanted = |name: &str| args.cc.as_ref().is_none_or(|cc| cc == name);
    let mut rows = Vec::new();
    for compiler in compilers.iter().filter(|compiler| wanted(compiler.name)) {
        let theirs = measure(compiler, "", &subjects)?;
        let mut row = Row::new(**compiler, compilers[0].name);
        for (i, subject) in subjects.iter().enumerate() {
            if row.compared == args.count {
                break;
            }
            if row.judge(subject, &ours[i], &reference[i], &theirs[i]) {
                continue;
            }
            // gcc's atomic types keep an alignment that an earlier record asked for: what differs is judged alone.
            let alone = std::slice::from_ref(subject);
            let reference = &references(compilers[0], alone)?[0];
            let theirs = &measure(compiler, "", alone)?[0];
            row.judge_again(subject, &ours[i], reference, theirs);
        }
        cause::explain(compilers[0], compiler, &mut row.disagreements)?;
        rows.push(row);
    }
    Ok(rows)
}

/// Records, with farcall's answers: some more than are to be compared, for each compiler refuses some (gcc 12 has no `enum : T`).
fn subjects(args: &Layout, model: DataModel) -> (Vec<Subject>, Vec<Answer>) {
    let subjects: Vec<Subject> = (0..args.count + args.count / 8 + 8)
        .map(|i| generate::subject(i, args.seed, &model))
        .collect();
    let answers = subjects
        .iter()
        .map(|subject| laid_out(subject, model))
        .collect();
    (subjects, answers)
}

/// farcall's own layout of a subject.
fn laid_out(subject: &Subject, model: DataModel) -> Answer {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
    declarations
        .parse(&subject.text, &CdefOptions::default())
        .map_err(|errors| errors.to_string())?;
    measured(&declarations, subject)
}

/// farcall's layout of a subject whose text is parsed.
fn measured(declarations: &Declarations, subject: &Subject) -> Answer {
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
