//! Random signatures.

use crate::ctype::{CType, Signature};
use crate::dice::Dice;
use crate::features::{Feature, Features};
use crate::generate::records::Types;
use crate::scalar::Scalar;
use crate::target::Target;

mod records;

/// Bytes of arguments that one signature may have.
const ROOM: u32 = 12 << 10;

/// Signature number `index` of the stream that `seed` starts.
pub(crate) fn signature(
    target: &'static Target,
    features: Features,
    seed: u64,
    index: u32,
) -> Signature {
    let features = features.and(target.features);
    let mut dice = Dice::new(seed, index, 0);
    let convention = &target.conventions[dice.below(target.conventions.len() as u32) as usize];
    let mut types = Types::new(target, features, &mut dice, ROOM);
    let mut params = parameters(&mut types);
    let result = result(&mut types);
    let aligned: Vec<bool> = params.iter().map(|param| types.is_aligned(param)).collect();
    let (records, scalars) = (types.records, types.scalars);
    let variadic = features.has(Feature::Variadic) && convention.va.is_some() && dice.percent(20);
    let fixed = (variadic && !params.is_empty())
        .then(|| 1 + dice.below(params.len().min(8) as u32) as usize);
    if let Some(fixed) = fixed {
        let readable = Readable {
            target,
            aligned: features.has(Feature::AlignedVariadic),
        };
        let variable = params.iter_mut().zip(aligned).skip(fixed);
        readable.replace(variable, &scalars, &mut dice);
    }
    let dirty = dice.percent(50);
    Signature {
        index,
        convention,
        records,
        params,
        fixed,
        result,
        dirty,
    }
}

fn parameters(types: &mut Types) -> Vec<CType> {
    let most = if types.features.has(Feature::Many) {
        64
    } else {
        16
    };
    let count = match types.dice.below(100) {
        0..70 => types.dice.below(9),
        70..92 => types.dice.below(17),
        _ => types.dice.below(most + 1),
    };
    let taste = Taste::random(types);
    let mut params = Vec::new();
    while (params.len() as u32) < count && types.room > 0 {
        let param = taste.parameter(types);
        types.room = types.room.saturating_sub(types.size(&param).max(1));
        params.push(param);
    }
    params
}

/// What a signature leans to, so that registers of one class run out while others are free.
enum Taste {
    Anything,
    One(Scalar),
    Records,
}

impl Taste {
    fn random(types: &mut Types) -> Taste {
        match types.dice.below(10) {
            0 => Taste::One(types.scalar()),
            1 | 2 => Taste::Records,
            _ => Taste::Anything,
        }
    }

    fn parameter(&self, types: &mut Types) -> CType {
        let own = match self {
            Taste::Anything => 50,
            Taste::One(_) => 25,
            Taste::Records => 90,
        };
        if types.may_have_records() && types.dice.percent(own) {
            return types.record_or_known();
        }
        match self {
            Taste::One(scalar) if types.dice.percent(80) => CType::Scalar(*scalar),
            _ => CType::Scalar(types.scalar()),
        }
    }
}

fn result(types: &mut Types) -> Option<CType> {
    match types.dice.below(100) {
        0..8 => None,
        8..50 => Some(CType::Scalar(types.scalar())),
        _ if types.may_have_records() => Some(types.record_or_known()),
        _ => Some(CType::Scalar(types.scalar())),
    }
}

/// What callees may read with `va_arg`.
struct Readable {
    target: &'static Target,
    /// Whether what is aligned to 16 bytes or more may be among it.
    aligned: bool,
}

impl Readable {
    /// Replaces all that C would promote or that may not be read.
    fn replace<'a>(
        &self,
        variable: impl Iterator<Item = (&'a mut CType, bool)>,
        scalars: &[Scalar],
        dice: &mut Dice,
    ) {
        let allowed: Vec<Scalar> = scalars
            .iter()
            .copied()
            .filter(|scalar| self.allows(*scalar))
            .collect();
        for (param, aligned) in variable {
            let allowed_so = match param {
                CType::Scalar(scalar) => self.allows(*scalar),
                _ => self.aligned || !aligned,
            };
            if !allowed_so {
                *param = CType::Scalar(dice.pick(&allowed));
            }
        }
    }

    fn allows(&self, scalar: Scalar) -> bool {
        let aligned = scalar.size(self.target) >= 16;
        scalar.survives_promotion(self.target) && (self.aligned || !aligned)
    }
}
