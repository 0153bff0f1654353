//! Members that are not records without a name.

use std::fmt::Write;

use super::types::Inner;
use super::{Generator, Members};

impl Generator<'_> {
    pub(super) fn member(&mut self, body: &mut String, members: &mut Members) {
        let Inner {
            name: ty,
            in_arrays,
            alignas,
            in_declarators,
            ..
        } = self.any_type();
        let name = self.name();
        let ahead = self.attribute_ahead();
        let mut declarator = match in_declarators {
            true => self.declarator(&name),
            false => name.clone(),
        };
        let alignas = match alignas {
            Some(least) if declarator == name && self.one_in(15) => self.alignas(least),
            _ => String::new(),
        };
        if in_arrays && declarator == name && self.one_in(5) {
            let dimensions = if self.one_in(5) { 2 } else { 1 };
            for _ in 0..dimensions {
                write!(declarator, "[{}]", self.rng.u32(0..6)).ok();
            }
        }
        let after = self.member_attributes();
        write!(body, "{ahead}{alignas}{ty} {declarator}{after}; ").ok();
        members.plain.push(name);
    }

    fn alignas(&mut self, least: u32) -> String {
        match least <= 8 && self.one_in(6) {
            true => "_Alignas(long long) ".into(),
            false => format!("_Alignas({}) ", self.power(least, 32)),
        }
    }

    pub(super) fn bit_field(&mut self, body: &mut String, members: &mut Members) {
        let (ty, bits) = self.bit_field_type();
        let ahead = self.attribute_ahead();
        write!(body, "{ahead}{ty}").ok();
        match self.rng.u32(0..8) {
            0 => write!(body, " : 0").ok(),
            1 => write!(body, " : {}", self.rng.u32(1..=bits)).ok(),
            _ => {
                let name = self.name();
                let width = if self.one_in(5) {
                    bits
                } else {
                    self.rng.u32(1..=bits)
                };
                write!(body, " {name} : {width}").ok();
                members.bit_fields.push(name);
                None
            }
        };
        let after = self.member_attributes();
        write!(body, "{after}; ").ok();
    }
}
