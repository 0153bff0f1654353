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
    /// The C caller of that signature got through: whatever follows is the engine's.
    Agreed,
    /// It goes through libffi.
    Libffi {
        /// The engine's reason.
        why: String,
        /// Whether such a signature may.
        due: bool,
    },
    /// The engine has no way to call it.
    Refused {
        /// The engine's reason.
        why: String,
        /// The signature.
        text: String,
    },
    /// It went wrong; the text tells all.
    Wrong(String),
    /// C's own caller went wrong: the compilers disagree.
    Disagreement(String),
    /// All are judged.
    Done,
}

/// Stands for a line break within an event's line (ASCII's unit separator).
const BREAK: &str = "\x1f";

/// Stands between the fields of an event (ASCII's record separator).
const FIELD: char = '\x1e';

impl Event {
    /// One line for another process to read.
    pub fn to_line(&self) -> String {
        let line = match self {
            Event::Start(index) => format!("@start {index}"),
            Event::Agreed => "@agreed ".into(),
            Event::Libffi { why, due: true } => format!("@libffi {why}"),
            Event::Libffi { why, due: false } => format!("@undue {why}"),
            Event::Refused { why, text } => format!("@refused {why}{FIELD}{text}"),
            Event::Wrong(text) => format!("@wrong {text}"),
            Event::Disagreement(text) => format!("@disagreement {text}"),
            Event::Done => "@done ".into(),
        };
        line.replace('\n', BREAK)
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
            "agreed" => Event::Agreed,
            "libffi" => Event::Libffi {
                why: text,
                due: true,
            },
            "undue" => Event::Libffi {
                why: text,
                due: false,
            },
            "refused" => {
                let (why, text) = text.split_once(FIELD)?;
                Event::Refused {
                    why: why.into(),
                    text: text.into(),
                }
            }
            "wrong" => Event::Wrong(text),
            "disagreement" => Event::Disagreement(text),
            "done" => Event::Done,
            _ => return None,
        })
    }
}

/// Numbers by reason.
type Reasons = BTreeMap<String, u32>;

/// The sum of a judgement.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Signatures judged.
    pub signatures: u32,
    /// What went wrong, one text a signature.
    pub wrong: Vec<String>,
    /// What the engine has no way to call, one text a signature.
    pub refused: Vec<String>,
    /// How many it refused, by reason.
    pub refusals: Reasons,
    /// Signatures on which two compilers disagree, or one with itself, each with its proof.
    pub disagreements: Vec<String>,
    /// How many went through libffi as they may, by reason.
    pub libffi: Reasons,
    /// How many went through libffi and should not, by reason.
    pub undue_libffi: Reasons,
    /// How long it took.
    pub elapsed: Duration,
}

impl Report {
    /// Takes one event in.
    pub fn add(&mut self, event: Event) {
        match event {
            Event::Start(_) => self.signatures += 1,
            Event::Libffi { why, due } => {
                let reasons = if due {
                    &mut self.libffi
                } else {
                    &mut self.undue_libffi
                };
                *reasons.entry(why).or_default() += 1;
            }
            Event::Refused { why, text } => {
                *self.refusals.entry(why).or_default() += 1;
                self.refused.push(text);
            }
            Event::Wrong(text) => self.wrong.push(text),
            Event::Disagreement(text) => self.disagreements.push(text),
            Event::Agreed | Event::Done => {}
        }
    }

    /// Adds another report's counts; time is whoever adds' own.
    pub fn merge(&mut self, other: Report) {
        self.signatures += other.signatures;
        self.wrong.extend(other.wrong);
        self.refused.extend(other.refused);
        self.disagreements.extend(other.disagreements);
        merge(&mut self.refusals, other.refusals);
        merge(&mut self.libffi, other.libffi);
        merge(&mut self.undue_libffi, other.undue_libffi);
    }

    /// Whether every call was right, none was refused or left to libffi without need, and the compilers disagreed on less
    /// than half: a round in which nobody can be right proves nothing.
    pub fn is_clean(&self) -> bool {
        let judged =
            self.signatures == 0 || 2 * self.disagreements.len() < self.signatures as usize;
        judged && self.wrong.is_empty() && self.refused.is_empty() && self.undue_libffi.is_empty()
    }
}

fn merge(into: &mut Reasons, from: Reasons) {
    for (why, count) in from {
        *into.entry(why).or_default() += count;
    }
}

/// The summary line.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "signatures {}, wrong {}",
            self.signatures,
            self.wrong.len()
        )?;
        counted(f, "through libffi", &self.libffi, true)?;
        counted(f, "through libffi without need", &self.undue_libffi, false)?;
        counted(f, "refused", &self.refusals, false)?;
        if !self.disagreements.is_empty() {
            write!(f, ", compilers disagree {}", self.disagreements.len())?;
        }
        write!(f, ", {:.1} seconds", self.elapsed.as_secs_f64())
    }
}

fn counted(f: &mut fmt::Formatter<'_>, what: &str, reasons: &Reasons, always: bool) -> fmt::Result {
    let sum: u32 = reasons.values().sum();
    if sum > 0 || always {
        write!(f, ", {what} {sum}")?;
    }
    let reasons: Vec<String> = reasons
        .iter()
        .map(|(why, count)| format!("{count} {why}"))
        .collect();
    if sum > 0 {
        write!(f, " ({})", reasons.join(", "))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn events_survive_their_line() {
        let text = || "int f(int);\n  arg 0: want 2a got 00".to_owned();
        let events = [
            Event::Start(17),
            Event::Agreed,
            Event::Libffi {
                why: "x87 result".into(),
                due: true,
            },
            Event::Libffi {
                why: "x87 result".into(),
                due: false,
            },
            Event::Refused {
                why: "too wild".into(),
                text: text(),
            },
            Event::Wrong(text()),
            Event::Disagreement(text()),
            Event::Done,
        ];
        for event in events {
            let line = event.to_line();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(Event::from_line(&line), Some(event));
        }
    }
}
