//! What completes records and enumerations: all that one text says of them, or nothing.

use hashbrown::HashMap;

use super::{
    DeclaredMember, EnumBody, EnumId, Enumeration, Record, RecordBody, RecordId, TypeId, TypeTable,
};

/// Bodies that belong together.
#[derive(Default)]
pub(crate) struct Completions {
    pub(crate) records: HashMap<RecordId, RecordBody>,
    /// Records with `...;`, and the members they name.
    pub(crate) partial: HashMap<RecordId, Box<[DeclaredMember]>>,
    pub(crate) enums: HashMap<EnumId, EnumBody>,
}

impl TypeTable {
    /// Completes records and enumerations. Two texts may have been read at the same time and define one type: sizes of
    /// others were computed from each one's body, so that none of a text counts if one of its types has been completed
    /// meanwhile. The error is that type.
    pub(crate) fn complete(&self, new: Completions) -> Result<(), TypeId> {
        let _lock = self.lock();
        let records = new.records.keys().chain(new.partial.keys());
        let mut records = records.map(|&id| self.record(id));
        if let Some(record) = records.find(|record| record.is_defined()) {
            return Err(record.ty);
        }
        let mut enums = new
            .enums
            .iter()
            .map(|(&id, body)| (self.enumeration(id), body));
        if let Some((enumeration, _)) = enums.find(|(enumeration, body)| !enumeration.takes(body)) {
            return Err(enumeration.ty);
        }
        // Nobody else sets them while the lock is held.
        for (id, body) in new.records {
            let _ = self.record(id).body.set(body);
        }
        for (id, members) in new.partial {
            let _ = self.record(id).partial.set(members);
        }
        for (id, body) in new.enums {
            self.enumeration(id).set(body);
        }
        Ok(())
    }

    /// Completes a record. The first completion stays; the answer says whether this was it.
    pub fn complete_record(&self, id: RecordId, body: RecordBody) -> bool {
        let records = HashMap::from([(id, body)]);
        let new = Completions {
            records,
            ..Completions::default()
        };
        self.complete(new).is_ok()
    }

    /// Completes an enumeration. The first completion stays; the answer says whether this was it.
    pub fn complete_enumeration(&self, id: EnumId, body: EnumBody) -> bool {
        let enums = HashMap::from([(id, body)]);
        let new = Completions {
            enums,
            ..Completions::default()
        };
        self.complete(new).is_ok()
    }
}

impl Record {
    pub(super) fn is_defined(&self) -> bool {
        self.body.get().is_some() || self.partial.get().is_some()
    }
}

impl Enumeration {
    /// Whether a body may follow what is known: the constants come once, after or with the underlying type (C23 6.7.3.3).
    fn takes(&self, body: &EnumBody) -> bool {
        let again = self.body.get().is_some() && body.is_definition();
        let declared = self.body();
        !again && declared.is_none_or(|declared| declared.underlying == body.underlying)
    }

    fn set(&self, body: EnumBody) {
        let slot = if body.is_definition() {
            &self.body
        } else {
            &self.declared
        };
        let _ = slot.set(body);
    }
}
