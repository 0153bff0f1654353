//! What a comparison found, and how it is shown.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::{fs, io};

use super::compiler::Compiler;
use super::generate::Subject;
use super::measure::{Answer, Measured};

/// What the comparison found.
#[derive(Debug)]
pub(crate) struct Report {
    rows: Vec<Row>,
    list: bool,
    /// Where refused records and disagreements are listed, a file for each target.
    folder: PathBuf,
    files: Vec<PathBuf>,
}

/// One compiler's records.
#[derive(Debug)]
pub(super) struct Row {
    compiler: Compiler,
    /// The compiler that farcall follows.
    reference: &'static str,
    pub(super) compared: usize,
    /// Records that the compiler does not take, with its words.
    refused: Vec<String>,
    /// farcall against the compiler it should agree with.
    differences: Vec<String>,
    /// The compiler against the first of its target, with which farcall agrees.
    pub(super) disagreements: Vec<Disagreement>,
}

/// A record that two compilers lay out otherwise.
#[derive(Debug)]
pub(super) struct Disagreement {
    pub(super) subject: Subject,
    shown: String,
    /// What has to be taken out until the compilers agree, if that is known.
    pub(super) cause: Option<&'static str>,
}

impl Report {
    pub(super) fn new(list: bool, folder: PathBuf) -> Report {
        Report {
            rows: Vec::new(),
            list,
            folder,
            files: Vec::new(),
        }
    }

    /// Adds the rows of a target, and writes its list.
    pub(super) fn add(&mut self, target: &str, rows: Vec<Row>) -> io::Result<()> {
        let path = self.folder.join(format!("{target}.txt"));
        let text: String = rows.iter().map(Row::listed).collect();
        fs::create_dir_all(&self.folder)?;
        fs::write(&path, text)?;
        self.files.push(path);
        self.rows.extend(rows);
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Records on which farcall is wrong.
    pub(crate) fn differences(&self) -> usize {
        self.rows.iter().map(|row| row.differences.len()).sum()
    }
}

impl Row {
    pub(super) fn new(compiler: Compiler, reference: &'static str) -> Row {
        Row {
            compiler,
            reference,
            compared: 0,
            refused: Vec::new(),
            differences: Vec::new(),
            disagreements: Vec::new(),
        }
    }

    /// Counts one record, by farcall's figures, those of the compiler that it follows and this compiler's. One on which farcall
    /// is wrong is not counted.
    #[must_use]
    pub(super) fn judge(
        &mut self,
        subject: &Subject,
        ours: &Answer,
        reference: &Answer,
        theirs: &Answer,
    ) -> bool {
        let text = subject.text.trim();
        let theirs = match theirs {
            Ok(theirs) => theirs,
            Err(words) => {
                self.refused.push(format!("{text}\n    {words}"));
                return true;
            }
        };
        match ours {
            Ok(ours) if ours == theirs => {}
            Ok(ours) if reference.as_ref() == Ok(ours) => self.disagreements.push(Disagreement {
                subject: subject.clone(),
                shown: shown(subject, self.reference, ours, self.compiler.name, theirs),
                cause: None,
            }),
            _ => return false,
        }
        self.compared += 1;
        true
    }

    /// Counts one record on which farcall may be wrong.
    pub(super) fn judge_again(
        &mut self,
        subject: &Subject,
        ours: &Answer,
        reference: &Answer,
        theirs: &Answer,
    ) {
        if self.judge(subject, ours, reference, theirs) {
            return;
        }
        self.compared += 1;
        self.differences.push(match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => shown(subject, "farcall", ours, self.compiler.name, theirs),
            (Err(error), _) | (_, Err(error)) => format!("{}\n    {error}", subject.text.trim()),
        });
    }

    /// All on which farcall is wrong, all that is not compared, and all on which compilers disagree.
    fn listed(&self) -> String {
        let Compiler { target, name, .. } = self.compiler;
        let mut out = String::new();
        for difference in &self.differences {
            let _ = writeln!(out, "{target} {name}: farcall differs\n{difference}\n");
        }
        for refused in &self.refused {
            let _ = writeln!(out, "{target} {name}: refused\n{refused}\n");
        }
        for found in &self.disagreements {
            let (shown, cause) = (&found.shown, found.cause());
            let _ = writeln!(out, "{target}: compilers disagree ({cause})\n{shown}\n");
        }
        out
    }

    /// How many disagreements each cause explains, the most frequent first.
    fn causes(&self) -> Vec<(&'static str, usize)> {
        let mut causes: Vec<(&str, usize)> = Vec::new();
        for cause in self.disagreements.iter().map(Disagreement::cause) {
            match causes.iter_mut().find(|known| known.0 == cause) {
                Some(known) => known.1 += 1,
                None => causes.push((cause, 1)),
            }
        }
        causes.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        causes
    }
}

impl Disagreement {
    fn cause(&self) -> &'static str {
        self.cause.unwrap_or("something else")
    }
}

/// A record and where two layouts of it part.
pub(super) fn shown(
    subject: &Subject,
    one: &str,
    a: &Measured,
    other: &str,
    b: &Measured,
) -> String {
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
        for row in self.rows.iter().filter(|row| !row.disagreements.is_empty()) {
            let Compiler { target, name, .. } = row.compiler;
            let reference = row.reference;
            writeln!(f, "\n{target}: {name} and {reference} would agree without")?;
            for (cause, count) in row.causes() {
                writeln!(f, "{count:6}  {cause}")?;
            }
        }
        for row in &self.rows {
            for difference in row.differences.iter().take(SHOWN) {
                writeln!(
                    f,
                    "\n{} {}: farcall differs\n{difference}",
                    row.compiler.target, row.compiler.name
                )?;
            }
            if self.list {
                write!(f, "\n{}", row.listed())?;
            }
        }
        writeln!(
            f,
            "\nall differences, refused records and disagreements are listed in"
        )?;
        self.files
            .iter()
            .try_for_each(|file| writeln!(f, "    {}", file.display()))
    }
}
