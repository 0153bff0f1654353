//! The whole judgement: emit, compile, run in a process of its own, sum up.

use std::io::{BufRead, BufReader};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::describe::describe;
use crate::features::Feature;
use crate::generate;
use crate::report::{Event, Report, Source};
use crate::run::Through;
use crate::target::Convention;
use crate::{Error, emit_callees, emit_callers};

/// Signatures to a library.
const BATCH: u32 = 100;

/// Optimisation levels that compilers are given in turn.
const LEVELS: [&str; 3] = ["-O0", "-O1", "-O2"];

/// What to judge, and with which tools.
#[derive(Clone, Debug)]
pub struct Check {
    /// Which signatures.
    pub source: Source,
    /// The compiler of the callees, with options if need be.
    pub cc: String,
    /// The compiler of C callers, if there shall be any. Those of callbacks are `cc`'s if it is not given.
    pub caller_cc: Option<String>,
    /// Who makes the calls.
    pub through: Through,
    /// The `farcall-abitest` of the target, with whatever it takes to run it there (`qemu-aarch64 -L ...`).
    pub runner: Vec<String>,
    /// Where to leave sources and libraries; a temporary folder if not given.
    pub keep: Option<PathBuf>,
}

/// Judges it all.
///
/// Batches are compiled at `-O0`, `-O1` and `-O2` in turn. A runner that dies is started again behind the
/// signature that it died on, which counts as wrong. What is wrong is tried once more with a C caller: where that fails
/// as well, the compilers disagree, with each other or with themselves, and nobody can be right.
///
/// # Errors
///
/// When a compiler or the runner cannot be run, or rejects what it is given. Wrong calls are in the [`Report`].
pub fn check(check: &Check) -> Result<Report, Error> {
    let begin = Instant::now();
    let temporary = tempfile::tempdir().map_err(Error::io("a temporary folder"))?;
    let folder = check.keep.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder).map_err(Error::io(folder.display()))?;
    let mut check = Check {
        source: probed(check, folder)?,
        ..check.clone()
    };
    if check.through == Through::Callbacks && check.caller_cc.is_none() {
        check.caller_cc = Some(check.cc.clone());
    }
    let mut report = batches(&check, folder)?;
    report.elapsed = begin.elapsed();
    Ok(report)
}

fn batches(check: &Check, folder: &Path) -> Result<Report, Error> {
    let next = AtomicU32::new(0);
    let sum = Mutex::new(Ok(Report::default()));
    let work = || {
        loop {
            let skip = next.fetch_add(1, Ordering::Relaxed) * BATCH;
            if skip >= check.source.count {
                return;
            }
            let count = BATCH.min(check.source.count - skip);
            let source = Source {
                from: check.source.from + skip,
                count,
                ..check.source.clone()
            };
            let outcome = batch(check, &source, folder);
            let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
            match (&mut *sum, outcome) {
                (Ok(sum), Ok(report)) => sum.merge(report),
                (sum @ Ok(_), Err(error)) => *sum = Err(error),
                (Err(_), _) => return,
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn batch(check: &Check, source: &Source, folder: &Path) -> Result<Report, Error> {
    let level = LEVELS[(source.from / BATCH % 3) as usize];
    let name = format!("batch{}", source.from);
    let library = library(check, source, [level; 2], folder, &name)?;
    let Outcome { mut report, wrong } = supervise(check, source, &library)?;
    for (index, text) in wrong {
        if check.through != Through::Callers && is_impossible(check, index, &text, level, folder)? {
            report.add(Event::Disagreement(text));
        } else {
            report.add(Event::Wrong(text));
        }
    }
    Ok(report)
}

/// Whether a C caller of that signature fails, too. Without callers so far, one of the callee's own compiler is asked;
/// with callers, which got through if only by luck, the two compilers change places. Luck has to do with how the caller
/// lays out its frame, and that with its optimisation. It must fail alike, or else with every optimisation: a compiler that
/// never gets through to its own callee is no judge of the call.
fn is_impossible(
    check: &Check,
    index: u32,
    text: &str,
    level: &str,
    folder: &Path,
) -> Result<bool, Error> {
    let (cc, caller_cc) = match &check.caller_cc {
        None => (&check.cc, &check.cc),
        Some(caller_cc) => (caller_cc, &check.cc),
    };
    let source = Source {
        from: index,
        count: 1,
        ..check.source.clone()
    };
    let check = Check {
        source: source.clone(),
        cc: cc.clone(),
        caller_cc: Some(caller_cc.clone()),
        through: Through::Callers,
        ..check.clone()
    };
    let mut always = true;
    for caller_level in LEVELS {
        let name = format!("again{index}{caller_level}");
        let library = library(&check, &source, [level, caller_level], folder, &name)?;
        let wrong = supervise(&check, &source, &library)?.wrong;
        if wrong.iter().any(|(_, theirs)| fail_alike(text, theirs)) {
            return Ok(true);
        }
        always &= !wrong.is_empty();
    }
    Ok(always)
}

/// Whether two failures are of one kind: the same argument is the first that is wrong, or one of them is a death.
fn fail_alike(ours: &str, theirs: &str) -> bool {
    let first = |text: &str| -> Option<String> {
        let known = ["arg ", "result", "stack", "the process died"];
        let line = text
            .lines()
            .filter_map(|line| line.strip_prefix("  "))
            .find(|line| known.iter().any(|word| line.starts_with(word)))?;
        let words = line
            .split([' ', ':', '.', '['])
            .filter(|word| !word.is_empty());
        Some(words.take(2).collect::<Vec<_>>().join(" "))
    };
    let (ours, theirs) = (first(ours), first(theirs));
    let died = |first: &Option<String>| first.as_deref() == Some("the process");
    ours == theirs || died(&ours) || died(&theirs)
}

/// The compiled callees, and callers if there shall be any, at an optimisation level each.
fn library(
    check: &Check,
    source: &Source,
    [level, caller_level]: [&str; 2],
    folder: &Path,
    name: &str,
) -> Result<PathBuf, Error> {
    let callees = object(
        check,
        &check.cc,
        level,
        &folder.join(format!("{name}.c")),
        &emit_callees(source),
    )?;
    let mut objects = vec![callees];
    if let Some(cc) = &check.caller_cc {
        objects.push(object(
            check,
            cc,
            caller_level,
            &folder.join(format!("{name}_callers.c")),
            &emit_callers(source),
        )?);
    }
    let library = folder.join(format!("{name}.{}", source.target.library));
    let mut link = compiler(&check.cc);
    link.args(source.target.flags)
        .arg("-shared")
        .arg("-o")
        .arg(&library)
        .args(objects);
    succeed(link, &check.cc)?;
    Ok(library)
}

fn object(check: &Check, cc: &str, level: &str, file: &Path, text: &str) -> Result<PathBuf, Error> {
    std::fs::write(file, text).map_err(Error::io(file.display()))?;
    let object = file.with_extension("o");
    let mut compile = compiler(cc);
    compile
        .args(check.source.target.flags)
        .args(["-w", level, "-c", "-o"])
        .arg(&object)
        .arg(file);
    succeed(compile, cc)?;
    Ok(object)
}

/// What the runner told.
#[derive(Default)]
struct Outcome {
    /// Without what went wrong.
    report: Report,
    /// The signatures that went wrong, each with its text.
    wrong: Vec<(u32, String)>,
}

impl Outcome {
    fn add(&mut self, index: Option<u32>, event: Event) {
        match (index, event) {
            (Some(index), Event::Wrong(text)) => self.wrong.push((index, text)),
            (_, event) => self.report.add(event),
        }
    }
}

/// Runs the runner until it has been through `source`, and steps over what it dies on.
fn supervise(check: &Check, source: &Source, library: &Path) -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    let mut skip = 0;
    while skip < source.count {
        let Some(death) = run_once(check, source, library, skip, &mut outcome)? else {
            break;
        };
        skip = death.index - source.from + 1;
        outcome.add(Some(death.index), death.event(check, source));
    }
    Ok(outcome)
}

/// The end of a runner ahead of its time.
struct Death {
    index: u32,
    /// Whether the C caller of that signature had got through.
    agreed: bool,
    how: String,
}

impl Death {
    fn event(self, check: &Check, source: &Source) -> Event {
        let signature =
            generate::signature(source.target, source.features, source.seed, self.index);
        let in_caller = check.caller_cc.is_some() && !self.agreed;
        let route = if in_caller { "C caller" } else { "the engine" };
        let text = describe(
            source,
            &signature,
            route,
            &[format!("the process died of it ({})", self.how)],
        );
        if in_caller && check.through != Through::Callers {
            Event::Disagreement(text)
        } else {
            Event::Wrong(text)
        }
    }
}

fn run_once(
    check: &Check,
    source: &Source,
    library: &Path,
    skip: u32,
    outcome: &mut Outcome,
) -> Result<Option<Death>, Error> {
    let [program, words @ ..] = &check.runner[..] else {
        return Err(Error::NoRunner);
    };
    let mut child = runner(program, words, check, source, library, skip)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Error::io(program))?;
    let (mut last, mut agreed, mut done) = (None, false, false);
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines())
    {
        let Some(event) = Event::from_line(&line.map_err(Error::io(program))?) else {
            continue;
        };
        match event {
            Event::Start(index) => (last, agreed) = (Some(index), false),
            Event::Agreed => agreed = true,
            Event::Done => done = true,
            _ => {}
        }
        outcome.add(last, event);
    }
    let status = child.wait().map_err(Error::io(program))?;
    match (done && status.success(), last) {
        (true, _) => Ok(None),
        (false, Some(index)) if !done && status.code() != Some(REPORTED) => Ok(Some(Death {
            index,
            agreed,
            how: status.to_string(),
        })),
        _ => Err(Error::Failed {
            program: program.clone(),
            output: status.to_string(),
        }),
    }
}

/// The exit code of a runner that reported an error, instead of dying of a call.
const REPORTED: i32 = 1;

fn runner(
    program: &str,
    words: &[String],
    check: &Check,
    source: &Source,
    library: &Path,
    skip: u32,
) -> Command {
    let mut command = Command::new(program);
    command
        .args(words)
        .args(["run", "--lines", "--target", source.target.name]);
    command.args(["--features", &source.features.to_string()]);
    let numbers = [
        ("--seed", source.seed),
        ("--from", source.from.into()),
        ("--count", source.count.into()),
    ];
    for (option, number) in numbers.into_iter().chain([("--skip", skip.into())]) {
        command.arg(option).arg(number.to_string());
    }
    command
        .args(["--through", check.through.name()])
        .arg(library);
    command
}

/// The source without what the compilers at hand do not know.
fn probed(check: &Check, folder: &Path) -> Result<Source, Error> {
    let compilers = std::iter::once(&check.cc).chain(&check.caller_cc);
    let mut features = check.source.features.and(check.source.target.features);
    for cc in compilers {
        for (feature, spelling) in [
            (Feature::Int128, "__int128"),
            (Feature::Float16, "_Float16"),
            (Feature::Float128, "float128"),
        ] {
            if features.has(feature) && !knows(check, cc, spelling, folder)? {
                features = features.without(feature);
            }
        }
    }
    let is_windows = |convention: &Convention| convention.name == "win64";
    if check.source.target.conventions.iter().any(is_windows) && !is_clang(check, folder)? {
        features = features.without(Feature::AlignedVariadic);
    }
    Ok(Source {
        features,
        ..check.source.clone()
    })
}

fn is_clang(check: &Check, folder: &Path) -> Result<bool, Error> {
    let text = "#ifndef __clang__\n#error not clang\n#endif\n";
    compiles(check, &check.cc, text, folder)
}

fn knows(check: &Check, cc: &str, spelling: &str, folder: &Path) -> Result<bool, Error> {
    let text = format!(
        "{}\n{spelling} probe({spelling} a) {{ return a; }}\n",
        include_str!("prelude.h")
    );
    compiles(check, cc, &text, folder)
}

fn compiles(check: &Check, cc: &str, text: &str, folder: &Path) -> Result<bool, Error> {
    let file = folder.join("probe.c");
    match object(check, cc, "-O0", &file, text) {
        Ok(_) => Ok(true),
        Err(Error::Failed { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn compiler(cc: &str) -> Command {
    let mut words = cc.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

fn succeed(mut command: Command, program: &str) -> Result<(), Error> {
    let output = command.output().map_err(Error::io(program))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let head: Vec<&str> = text.lines().take(20).collect();
    Err(Error::Failed {
        program: program.into(),
        output: head.join("\n"),
    })
}
