//! What is judged, what happened, and the sum of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::features::Features;
use crate::target::Target;

/// Which signatures: the same source gives the same ones on every machine.
#[derive(Clone, Debug)]
pub struct Source {
    /// The machine and its conventions.
    pub target: &'static Target,
    /// What may occur in them.
    pub features: Features,
    /// The stream of signatures.
    pub seed: u64,
    /// The first one.
    pub from: u32,
    /// How many.
    pub count: u32,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "--target {} --features {} --seed {}",
            self.target.name, self.features, self.seed
        )
    }
}

/// Something that happened while judging.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Signature number so-and-so is next.
    Start(u32),
    /// It goes through libffi, and why.
    Libffi(String),
    /// It went wrong; the text tells all.
    Wrong(String),
    /// C's own caller went wrong: the compilers disagree.
    Disagreement(String),
    /// All are judged.
    Done,
}

/// Stands for a line break within an event's line (ASCII's unit separator).
const BREAK: &str = "\x1f";

impl Event {
    /// One line for another process to read.
    pub fn to_line(&self) -> String {
        let (tag, text) = match self {
            Event::Start(index) => ("start", index.to_string()),
            Event::Libffi(why) => ("libffi", why.clone()),
            Event::Wrong(text) => ("wrong", text.clone()),
            Event::Disagreement(text) => ("disagreement", text.clone()),
            Event::Done => ("done", String::new()),
        };
        format!("@{tag} {}", text.replace('\n', BREAK))
    }

    /// Reads such a line; anything else is none.
    pub fn from_line(line: &str) -> Option<Event> {
        let (tag, text) = line
            .trim_end_matches(['\r', '\n'])
            .strip_prefix('@')?
            .split_once(' ')?;
        let text = text.replace(BREAK, "\n");
        Some(match tag {
            "start" => Event::Start(text.parse().ok()?),
            "libffi" => Event::Libffi(text),
            "wrong" => Event::Wrong(text),
            "disagreement" => Event::Disagreement(text),
            "done" => Event::Done,
            _ => return None,
        })
    }
}

/// The sum of a judgement.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Signatures judged.
    pub signatures: u32,
    /// What went wrong, one text a signature.
    pub wrong: Vec<String>,
    /// Signatures on which two compilers disagree, each with its proof.
    pub disagreements: Vec<String>,
    /// How many went through libffi, by reason.
    pub libffi: BTreeMap<String, u32>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Report {
    /// Takes one event in.
    pub fn add(&mut self, event: Event) {
        match event {
            Event::Start(_) => self.signatures += 1,
            Event::Libffi(why) => *self.libffi.entry(why).or_default() += 1,
            Event::Wrong(text) => self.wrong.push(text),
            Event::Disagreement(text) => self.disagreements.push(text),
            Event::Done => {}
        }
    }

    /// Adds another report's counts; time is whoever adds' own.
    pub fn merge(&mut self, other: Report) {
        self.signatures += other.signatures;
        self.wrong.extend(other.wrong);
        self.disagreements.extend(other.disagreements);
        for (why, count) in other.libffi {
            *self.libffi.entry(why).or_default() += count;
        }
    }

    /// How many signatures went through libffi.
    pub fn through_libffi(&self) -> u32 {
        self.libffi.values().sum()
    }
}

/// The summary line.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = self.wrong.len();
        write!(
            f,
            "signatures {}, wrong {wrong}, through libffi {}",
            self.signatures,
            self.through_libffi()
        )?;
        let reasons: Vec<String> = self
            .libffi
            .iter()
            .map(|(why, count)| format!("{count} {why}"))
            .collect();
        if !reasons.is_empty() {
            write!(f, " ({})", reasons.join(", "))?;
        }
        write!(
            f,
            ", compilers disagree {}, {:.1} seconds",
            self.disagreements.len(),
            self.elapsed.as_secs_f64()
        )
    }
}
