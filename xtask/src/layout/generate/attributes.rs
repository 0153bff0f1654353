//! Attributes of records, members and typedefs, in all the places where they may stand.

use std::fmt::Write;

use super::Generator;

impl Generator<'_> {
    /// `aligned` with a number up to a largest one, or without.
    fn aligned(&mut self, most: u32) -> String {
        match self.one_in(10) {
            true => "aligned".into(),
            false => format!("aligned({})", self.power(1, most)),
        }
    }

    /// Attributes after a record's brace, perhaps several of a kind.
    pub(super) fn record_attributes(&mut self) -> String {
        let mut out = String::new();
        if self.one_in(6) {
            out += " __attribute__((packed))";
        }
        for _ in 0..2 {
            if self.one_in(12) {
                let aligned = self.aligned(64);
                write!(out, " __attribute__(({aligned}))").ok();
            }
        }
        if self.one_in(10) {
            let rules = self.pick(&["ms_struct", "gcc_struct"]);
            write!(out, " __attribute__(({rules}))").ok();
        }
        out
    }

    /// Attributes between a record's keyword and its tag.
    pub(super) fn record_attributes_ahead(&mut self) -> String {
        let attribute = match self.rng.u32(0..40) {
            0 => "__attribute__((packed)) ".into(),
            1 => format!("__attribute__(({})) ", self.aligned(32)),
            2 => self.declspec_align(1),
            _ => String::new(),
        };
        match self.one_in(80) {
            true => attribute.clone() + "__attribute__((aligned(8), packed)) ",
            false => attribute,
        }
    }

    /// Microsoft's way to align what follows, once in so many times.
    pub(super) fn declspec_align(&mut self, one_in: u32) -> String {
        match self.is_msvc() && self.one_in(one_in) {
            true => format!("__declspec(align({})) ", self.power(1, 32)),
            false => String::new(),
        }
    }

    /// Attributes after a member.
    pub(super) fn member_attributes(&mut self) -> String {
        let mut out = String::new();
        if self.one_in(12) {
            out += " __attribute__((packed))";
        }
        for _ in 0..2 {
            if self.one_in(20) {
                let aligned = self.aligned(32);
                write!(out, " __attribute__(({aligned}))").ok();
            }
        }
        out
    }

    /// An attribute before a member's type, rarely.
    pub(super) fn attribute_ahead(&mut self) -> String {
        match self.rng.u32(0..30) {
            0 => format!("__attribute__(({})) ", self.aligned(32)),
            1 => "__attribute__((packed)) ".into(),
            2 => self.declspec_align(1),
            _ => String::new(),
        }
    }

    /// An attribute before a record that is a member without a name: gcc passes over it.
    pub(super) fn attribute_ahead_of_anonymous(&mut self) -> String {
        match self.rng.u32(0..15) {
            0 => format!("__attribute__(({})) ", self.aligned(32)),
            1 => "__attribute__((packed)) ".into(),
            2 => "__extension__ __attribute__((aligned(8), packed)) const ".into(),
            _ => String::new(),
        }
    }

    /// A declared name, rarely with attributes inside its declarator.
    pub(super) fn declarator(&mut self, name: &str) -> String {
        match self.rng.u32(0..40) {
            0 => format!("(__attribute__(({})) {name})", self.aligned(32)),
            1 => format!("* __attribute__(({})) {name}", self.aligned(32)),
            2 => format!("(* __attribute__(({})) {name})(void)", self.aligned(32)),
            3 => format!("* __attribute__(({})) *{name}", self.aligned(32)),
            4 => format!("__attribute__(({})) {name}", self.aligned(32)),
            _ => name.into(),
        }
    }
}
