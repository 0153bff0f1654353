//! One signature: its values, its calls, and what is wrong with them.

use std::ffi::c_void;

use crate::Error;
use crate::ctype::{CType, Signature};
use crate::describe::describe;
use crate::dice::Dice;
use crate::layout::{Answers, Layouts};
use crate::native::{Callback, Engine, Function, Guarded, Judge, Prepared, Variable};
use crate::report::Source;
use crate::value::Value;

/// A way from the caller to the callee.
#[derive(Clone, Copy)]
pub(crate) enum Route<'p> {
    /// The engine, with a packed frame.
    Frame(&'p Prepared),
    /// The engine, with pointers to the arguments.
    Pointers(&'p Prepared),
    /// A C caller.
    C,
    /// A C caller, to a callback of the engine's.
    Callback(&'p Callback, Variable),
}

/// Where frames, arguments and results are put, reused from signature to signature.
pub(crate) struct Memory {
    frame: Guarded,
    result: Guarded,
    arguments: Vec<Guarded>,
}

/// A signature with values for its arguments and result.
pub(crate) struct Attempt<'a> {
    source: &'a Source,
    signature: &'a Signature,
    layouts: Layouts<'a>,
    function: Function,
    at: usize,
    judge: &'a mut Judge,
    memory: &'a mut Memory,
    arguments: Vec<Value>,
    result: Option<Value>,
}

impl Memory {
    pub(crate) fn new() -> Result<Memory, Error> {
        Ok(Memory {
            frame: Guarded::new()?,
            result: Guarded::new()?,
            arguments: Vec::new(),
        })
    }

    fn place_arguments(&mut self, values: &[Value]) -> Result<Vec<*const c_void>, Error> {
        while self.arguments.len() < values.len() {
            self.arguments.push(Guarded::new()?);
        }
        let places = self.arguments.iter_mut().zip(values);
        places
            .map(|(place, value)| Ok(place.place(&value.bytes, value.slack)?.cast_const().cast()))
            .collect()
    }
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(
        source: &'a Source,
        signature: &'a Signature,
        answers: &Answers,
        function: Function,
        at: usize,
        judge: &'a mut Judge,
        memory: &'a mut Memory,
    ) -> Result<Attempt<'a>, Error> {
        let target = source.target;
        let layouts = Layouts::read(target, signature, answers)?;
        let mut dice = Dice::new(source.seed, signature.index, 1);
        let mut value = |ty: &CType| Value::random(target, signature, &layouts, ty, &mut dice);
        let arguments = signature.params.iter().map(&mut value).collect();
        let result = signature.result.as_ref().map(&mut value);
        Ok(Attempt {
            source,
            signature,
            layouts,
            function,
            at,
            judge,
            memory,
            arguments,
            result,
        })
    }

    pub(crate) fn has_callers(&self) -> bool {
        self.judge.has_callers()
    }

    pub(crate) fn prepare(&self, engine: &Engine) -> Result<Prepared, String> {
        engine.prepare(self.signature, &self.layouts)
    }

    pub(crate) fn callback(&self, engine: &Engine, variable: Variable) -> Result<Callback, String> {
        let result = self.result.as_ref().map(|value| value.bytes.clone());
        let result = result.unwrap_or_default();
        engine.callback(self.signature, &self.layouts, result, variable)
    }

    pub(crate) fn is_variadic(&self) -> bool {
        self.signature.fixed.is_some()
    }

    /// Makes the call; tells what was wrong, if anything was.
    pub(crate) fn call(&mut self, route: Route<'_>) -> Result<Option<String>, Error> {
        let returned = self.result.as_ref().map_or(&[][..], |value| &value.bytes);
        self.judge.arm(returned);
        let blank = vec![0xc5; returned.len()];
        let result = self.memory.result.place(&blank, 0)?;
        let arguments = self.memory.place_arguments(&self.arguments)?;
        let frame = match route {
            Route::Frame(prepared) => Some(self.packed(prepared)),
            _ => None,
        };
        let frame_start = self
            .memory
            .frame
            .place(frame.as_deref().unwrap_or_default(), 0)?;
        let lost = self
            .judge
            .keep(&mut || self.enter(route, frame_start, &arguments, result));
        let mut wrong = match route {
            Route::Callback(callback, _) => self.compare_frame(callback.recorded()),
            _ => match self.judge.recorded() {
                Some(recorded) => self.compare_arguments(&recorded),
                None => vec!["the callee did not get to its end".into()],
            },
        };
        wrong.extend(self.verdict(frame.as_deref()));
        if lost != 0 {
            wrong.push(format!("registers of the caller were lost ({lost:#x})"));
        }
        Ok((!wrong.is_empty()).then(|| self.describe(route.name(), &wrong)))
    }

    #[allow(
        unsafe_code,
        reason = "the one place that pairs values with the function they were made for"
    )]
    fn enter(
        &self,
        route: Route<'_>,
        frame: *const u8,
        arguments: &[*const c_void],
        result: *mut u8,
    ) {
        // SAFETY: frame, arguments and result were laid out for `self.signature`, from which the callee, its
        // C caller and the stub were all made.
        unsafe {
            match route {
                Route::Frame(prepared) => prepared.call_frame(self.function, frame, result),
                Route::Pointers(prepared) => {
                    prepared.call_pointers(self.function, arguments, result)
                }
                Route::C => self
                    .judge
                    .call_from_c(self.at, self.function, arguments, result),
                Route::Callback(callback, _) => {
                    let function = callback.function();
                    self.judge.call_from_c(self.at, function, arguments, result)
                }
            }
        }
    }

    fn packed(&self, prepared: &Prepared) -> Vec<u8> {
        let layout = prepared.frame();
        let mut frame = vec![0xc5; layout.size() as usize];
        for (value, &offset) in self.arguments.iter().zip(layout.offsets()) {
            frame[offset as usize..][..value.bytes.len()].copy_from_slice(&value.bytes);
        }
        frame
    }

    /// Every difference between what should have come of the call and what did.
    fn verdict(&mut self, frame: Option<&[u8]>) -> Vec<String> {
        let mut wrong = self.compare_result();
        let memory = &mut *self.memory;
        if !memory.result.intact() {
            wrong.push("result: bytes ahead of it were written".into());
        }
        if frame.is_some_and(|frame| memory.frame.bytes() != frame) {
            wrong.push("the caller's frame was changed".into());
        }
        for (at, (place, value)) in memory.arguments.iter_mut().zip(&self.arguments).enumerate() {
            if place.bytes() != value.bytes {
                wrong.push(format!("arg {at}: the caller's own copy was changed"));
            }
        }
        wrong
    }

    /// What a callback was given.
    fn compare_frame(&self, recorded: Option<Vec<Vec<u8>>>) -> Vec<String> {
        let Some(recorded) = recorded else {
            return vec!["the callback was not called".into()];
        };
        if recorded.len() != self.arguments.len() {
            let (got, want) = (recorded.len(), self.arguments.len());
            return vec![format!("the callback was given {got} of {want} arguments")];
        }
        let params = self.signature.params.iter().zip(&self.arguments);
        let mut wrong = Vec::new();
        for (at, ((ty, value), got)) in params.zip(&recorded).enumerate() {
            for leaf in &value.leaves {
                let name = format!("arg {at} {}", self.signature.path(ty, &leaf.leaf.path));
                wrong.extend(self.differences(&name, leaf, &leaf.read(got)));
            }
        }
        wrong
    }

    fn compare_arguments(&self, recorded: &[u8]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut rest = recorded;
        let mut next = |count: usize| {
            let (now, later) = rest.split_at(count.min(rest.len()));
            rest = later;
            now
        };
        wrong.extend(self.misaligned_stack(next(4)));
        for (at, (ty, value)) in self
            .signature
            .params
            .iter()
            .zip(&self.arguments)
            .enumerate()
        {
            for leaf in &value.leaves {
                let got = next(leaf.leaf.recorded(self.source.target));
                let name = format!("arg {at} {}", self.signature.path(ty, &leaf.leaf.path));
                wrong.extend(self.differences(&name, leaf, got));
            }
            if let Some(want) = self.widened(ty, value) {
                let got = next(8);
                if got != want {
                    wrong.push(format!(
                        "arg {at} widened: want {} got {}",
                        hex(&want),
                        hex(got)
                    ));
                }
            }
        }
        if !rest.is_empty() {
            wrong.push(format!(
                "{} bytes more than expected were recorded",
                rest.len()
            ));
        }
        wrong
    }

    fn misaligned_stack(&self, got: &[u8]) -> Option<String> {
        let want = self.source.target.frame_address?;
        let got = got.first().copied().map_or(u32::MAX, u32::from);
        (got != want).then(|| {
            format!("stack: the frame address should end in {want:x}, and ends in {got:x}")
        })
    }

    /// What C's conversion to `long long` makes of a small integer argument.
    fn widened(&self, ty: &CType, value: &Value) -> Option<[u8; 8]> {
        let CType::Scalar(scalar) = ty else {
            return None;
        };
        let prim = scalar.small_integer(self.source.target)?;
        let negative = prim.is_signed() && value.bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide[..value.bytes.len()].copy_from_slice(&value.bytes);
        Some(wide)
    }

    fn compare_result(&mut self) -> Vec<String> {
        let (Some(ty), Some(value)) = (&self.signature.result, &self.result) else {
            return Vec::new();
        };
        let got = self.memory.result.bytes();
        let mut wrong = Vec::new();
        for leaf in &value.leaves {
            let name = format!("result {}", self.signature.path(ty, &leaf.leaf.path));
            wrong.extend(self.differences(&name, leaf, &leaf.read(&got)));
        }
        wrong
    }

    fn differences(&self, name: &str, leaf: &crate::value::LeafValue, got: &[u8]) -> Vec<String> {
        let name = name.trim_end();
        let target = self.source.target;
        let (step, meaningful) = match leaf.leaf.bits {
            Some(_) => (8, 8),
            None => {
                let prim = leaf.leaf.scalar.shape(target).prim();
                (prim.size(target) as usize, prim.meaningful(target) as usize)
            }
        };
        if got.len() != leaf.bytes.len() {
            return vec![format!("{name}: not recorded")];
        }
        let lanes = leaf
            .bytes
            .chunks_exact(step)
            .zip(got.chunks_exact(step))
            .enumerate();
        lanes
            .filter(|(_, (want, got))| want[..meaningful] != got[..meaningful])
            .map(|(lane, (want, got))| {
                let lane = if leaf.bytes.len() > step {
                    format!("[{lane}]")
                } else {
                    String::new()
                };
                format!(
                    "{name}{lane}: want {} got {}",
                    hex(&want[..meaningful]),
                    hex(&got[..meaningful])
                )
            })
            .collect()
    }

    /// The text of a failure.
    pub(crate) fn describe(&self, route: &str, wrong: &[String]) -> String {
        describe(self.source, self.signature, route, wrong)
    }

    pub(crate) fn may_use_libffi(&self) -> bool {
        self.signature.may_use_libffi()
    }
}

impl Route<'_> {
    fn name(self) -> &'static str {
        match self {
            Route::Frame(_) => "packed frame",
            Route::Pointers(_) => "pointer array",
            Route::C => "C caller",
            Route::Callback(_, Variable::Known) => "callback",
            Route::Callback(_, Variable::Listed) => "callback with a va_list",
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .join(" ")
}
