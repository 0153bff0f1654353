//! Judges farcall's calls by real C compilers.
//!
//! Random signatures become C functions that record what they are given. A compiler compiles them and says, in
//! tables, how it lays out their records; farcall calls them; every member of every argument and of the result is
//! compared. Nothing is shared with the code that is judged: layouts come from the compiler, expectations from the
//! generator.
//!
//! ```text
//!  seed -> generate -> emit -> cc -> library ---> run: attempt each signature -> events -> report
//!             |                                    ^
//!             +---- the same signatures again -----+
//! ```

mod attempt;
mod check;
mod ctype;
mod describe;
mod dice;
mod emit;
mod error;
mod features;
mod generate;
mod layout;
mod lowered;
mod native;
mod report;
mod run;
mod scalar;
mod spell;
mod target;
mod value;

pub use check::{Check, check};
pub use error::Error;
pub use features::{Feature, Features};
pub use report::{Event, Report, Source};
pub use run::{Through, run};
pub use scalar::Prim;
pub use target::{Convention, Target};

/// The C text of the callees of `source`, with the tables that tell their layout.
pub fn emit_callees(source: &Source) -> String {
    emit::callees(source.target, source.features, &signatures(source))
}

/// The C text of callers of the same functions, for a second compiler.
pub fn emit_callers(source: &Source) -> String {
    emit::callers(&signatures(source))
}

fn signatures(source: &Source) -> Vec<ctype::Signature> {
    let numbers = source.from..source.from + source.count;
    numbers
        .map(|index| generate::signature(source.target, source.features, source.seed, index))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_signatures_that_come_out_the_same_again() {
        for target in Target::ALL {
            let source = Source {
                target,
                features: Features::ALL,
                seed: 3,
                from: 0,
                count: 50,
            };
            let text = emit_callees(&source);
            assert_eq!(text, emit_callees(&source));
            let tail = Source {
                from: 49,
                count: 1,
                ..source.clone()
            };
            let alone = emit_callees(&tail);
            let definition = alone
                .lines()
                .find(|line| line.contains(" f49("))
                .expect("a definition");
            assert!(text.contains(definition), "{definition}");
        }
    }

    #[test]
    fn features_that_are_off_do_not_occur() {
        let source = Source {
            target: &Target::ALL[0],
            features: Features::GROUND,
            seed: 1,
            from: 0,
            count: 300,
        };
        let callees = emit_callees(&source);
        let (_, text) = callees
            .split_once("judge_scalars")
            .expect("the judge's own part");
        for word in [
            "aligned(", "packed", " : ", "va_list", "i8x16", "_Float16", "float128",
        ] {
            assert!(!text.contains(word), "{word}");
        }
    }
}
