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
