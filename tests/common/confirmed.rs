//! Claims put to the compilers of all targets.

use farcall::layout::DataModel;

use crate::{cc, claims};

pub(crate) const TARGETS: [(DataModel, &str); 5] = [
    (DataModel::X86_64_LINUX, "x86_64-linux-gnu-gcc"),
    (DataModel::AARCH64_LINUX, "aarch64-linux-gnu-gcc"),
    (DataModel::I686_LINUX, "i686-linux-gnu-gcc"),
    (DataModel::X86_64_WINDOWS, "x86_64-w64-mingw32-gcc"),
    (DataModel::I686_WINDOWS, "i686-w64-mingw32-gcc"),
];

/// Has each target's compiler confirm sizes, alignments, offsets and constants.
pub(crate) fn confirmed(targets: &[(DataModel, &str)], text: &str) {
    for &(model, compiler) in targets {
        let claims = claims::claims(text, model);
        match cc::accepted_by(&[compiler], &claims) {
            Some(answer) => answer.unwrap_or_else(|said| panic!("{compiler}: {said}\n{claims}")),
            None => eprintln!("skipped: there is no {compiler}"),
        }
    }
}
