//! Calls every callee of a compiled library, and compares what it saw and what came back.

use std::path::Path;
use std::str::FromStr;

use crate::Error;
use crate::attempt::{Attempt, Memory, Route};
use crate::features::Features;
use crate::generate;
use crate::native::{Engine, Judge, Variable};
use crate::report::{Event, Source};
use crate::scalar::Scalar;
use crate::target::Target;

/// Who makes the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Through {
    /// The engine. Where the library has C callers too and those fail, the two compilers disagree, and the
    /// engine is not asked.
    Engine,
    /// The callers that a C compiler made.
    Callers,
    /// These, of callbacks that the engine makes.
    Callbacks,
}

impl Through {
    const NAMES: [(Through, &str); 3] = [
        (Through::Engine, "engine"),
        (Through::Callers, "callers"),
        (Through::Callbacks, "callbacks"),
    ];

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        Through::NAMES
            .iter()
            .find(|(known, _)| *known == self)
            .map_or("", |(_, name)| name)
    }
}

impl FromStr for Through {
    type Err = Error;

    fn from_str(text: &str) -> Result<Through, Error> {
        let found = Through::NAMES.iter().find(|(_, name)| *name == text);
        found
            .map(|(through, _)| *through)
            .ok_or_else(|| Error::UnknownCaller { name: text.into() })
    }
}

/// Judges the signatures of `source` but the first `skip` in `library`, and tells `observer` what happens as it happens.
///
/// # Errors
///
/// When the library cannot be opened or was made from other signatures. A wrong call is not an error but an
/// [`Event`].
///
/// # Safety
///
/// `library` was compiled, for the machine that this runs on, from [`crate::emit_callees`]'s text for the same
/// `source` (and [`crate::emit_callers`]'s, if it has callers).
#[allow(
    unsafe_code,
    reason = "the promise that the library is what it should be is the caller's"
)]
pub unsafe fn run(
    source: &Source,
    skip: u32,
    library: &Path,
    through: Through,
    observer: &mut dyn FnMut(Event),
) -> Result<(), Error> {
    // SAFETY: passed on; indices below stay below `count`, the number of signatures in the library.
    let mut judge = unsafe { Judge::open(library)? };
    check_scalars(&judge, source.target, source.features)?;
    if through != Through::Engine && !judge.has_callers() {
        return Err(Error::NoCallers);
    }
    let engine = Engine::new();
    let mut memory = Memory::new()?;
    for at in skip..source.count {
        let index = source.from + at;
        observer(Event::Start(index));
        let signature = generate::signature(source.target, source.features, source.seed, index);
        let (function, answers) = judge.entry(at as usize);
        let mut attempt = Attempt::new(
            source,
            &signature,
            &answers,
            function,
            at as usize,
            &mut judge,
            &mut memory,
        )?;
        judge_one(&mut attempt, &engine, through, observer)?;
    }
    observer(Event::Done);
    Ok(())
}

fn judge_one(
    attempt: &mut Attempt<'_>,
    engine: &Engine,
    through: Through,
    observer: &mut dyn FnMut(Event),
) -> Result<(), Error> {
    if attempt.has_callers() {
        if let Some(failure) = attempt.call(Route::C)? {
            observer(match through {
                Through::Engine | Through::Callbacks => Event::Disagreement(failure),
                Through::Callers => Event::Wrong(failure),
            });
            return Ok(());
        }
        observer(Event::Agreed);
    }
    if through == Through::Callers {
        return Ok(());
    }
    let refused = |why: String, attempt: &Attempt<'_>| {
        let text = attempt.describe("the engine", std::slice::from_ref(&why));
        Event::Refused { why, text }
    };
    if through == Through::Callbacks {
        let ways = [Variable::Known, Variable::Listed];
        let ways = &ways[..1 + usize::from(attempt.is_variadic())];
        for &variable in ways {
            let callback = match attempt.callback(engine, variable) {
                Ok(callback) => callback,
                Err(why) => {
                    observer(refused(why, attempt));
                    return Ok(());
                }
            };
            if let (Some(why), Variable::Known) = (callback.libffi(), variable) {
                let due = attempt.may_use_libffi();
                observer(Event::Libffi { why, due });
            }
            if let Some(failure) = attempt.call(Route::Callback(&callback, variable))? {
                observer(Event::Wrong(failure));
                break;
            }
        }
        return Ok(());
    }
    let prepared = match attempt.prepare(engine) {
        Ok(prepared) => prepared,
        Err(why) => {
            observer(refused(why, attempt));
            return Ok(());
        }
    };
    if let Some(why) = prepared.libffi() {
        observer(Event::Libffi {
            why,
            due: attempt.may_use_libffi(),
        });
    }
    for route in [Route::Frame(&prepared), Route::Pointers(&prepared)] {
        if let Some(failure) = attempt.call(route)? {
            observer(Event::Wrong(failure));
            break;
        }
    }
    Ok(())
}

/// The generator's idea of the target must be the compiler's.
fn check_scalars(judge: &Judge, target: &Target, features: Features) -> Result<(), Error> {
    let scalars: Vec<Scalar> = Scalar::allowed(features.and(target.features)).collect();
    let answers = judge.scalars(scalars.len() + 1);
    let mut want: Vec<(&str, u32)> = scalars
        .iter()
        .map(|scalar| (scalar.spelling(), scalar.size(target)))
        .collect();
    want.push(("the sign of char", target.char_signed.into()));
    match want
        .iter()
        .zip(answers)
        .find(|((_, want), got)| want != got)
    {
        Some(((what, want), got)) => Err(Error::WrongTarget {
            what: (*what).into(),
            want: *want,
            got,
        }),
        None => Ok(()),
    }
}
