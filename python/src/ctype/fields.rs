//! Members of records, found by the address of an interned name.

use farcall::ctype::{Bits, CType as Node, Member, RecordBody, TypeId};
use hashbrown::HashMap;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::CType;
use crate::slot::Object;
use crate::state::types;

/// The named members of a record, those inside anonymous members too.
pub(crate) struct Fields {
    list: Vec<Field>,
    by_name: HashMap<usize, usize>,
}

/// A member.
pub(crate) struct Field {
    /// Interned, so that its address stands for it.
    pub(crate) name: Py<PyString>,
    pub(crate) ctype: Py<CType>,
    pub(crate) offset: usize,
    pub(crate) bits: Option<Bits>,
    /// Whether it is the array without a length at the record's end.
    pub(crate) flexible: bool,
}

/// Up to so many names are compared one after the other.
const FEW: usize = 6;

impl Fields {
    pub(super) fn of(py: Python<'_>, record: TypeId) -> PyResult<Option<Fields>> {
        let Node::Record(id) = types().get(record) else {
            return Ok(None);
        };
        let Some(body) = types().record(id).body() else {
            return Ok(None);
        };
        let mut list = Vec::new();
        named(body, &mut |name, member| {
            list.push(Field {
                name: PyString::intern(py, name).unbind(),
                ctype: super::of(py, member.ty)?.unbind(),
                offset: member.offset as usize,
                bits: member.bits,
                flexible: body.flexible && member.field.index() + 1 == body.fields.len(),
            });
            Ok(())
        })?;
        let by_name = list.iter().enumerate();
        let by_name = by_name.map(|(index, field)| (field.name.as_ptr() as usize, index));
        let by_name = by_name.collect();
        Ok(Some(Fields { list, by_name }))
    }

    /// The member of this name: of an interned string at once, of any other by its text.
    #[inline]
    pub(crate) fn get(&self, py: Python<'_>, name: Object) -> Option<&Field> {
        if self.list.len() <= FEW {
            let same = |field: &&Field| field.name.as_ptr() == name;
            if let Some(field) = self.list.iter().find(same) {
                return Some(field);
            }
        } else if let Some(&index) = self.by_name.get(&(name as usize)) {
            return self.list.get(index);
        }
        self.get_by_text(py, name)
    }

    #[cold]
    fn get_by_text(&self, py: Python<'_>, name: Object) -> Option<&Field> {
        let name = crate::slot::borrowed(py, &name).cast::<PyString>().ok()?;
        let text = name.to_str().ok()?;
        let same = |field: &&Field| field.name.bind(py).to_str().is_ok_and(|own| own == text);
        self.list.iter().find(same)
    }

    /// In the order of declaration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.list.iter()
    }
}

/// Visits members in the order of declaration, those of anonymous members in their place.
fn named(
    body: &RecordBody,
    visit: &mut dyn FnMut(&str, &Member) -> PyResult<()>,
) -> PyResult<()> {
    fn names<'a>(body: &'a RecordBody, into: &mut Vec<&'a str>) {
        for field in &body.fields {
            match (&field.name, types().get(types().plain(field.ty))) {
                (Some(name), _) => into.push(name),
                (None, Node::Record(id)) if field.bits.is_none() => {
                    if let Some(inner) = types().record(id).body() {
                        names(inner, into);
                    }
                }
                (None, _) => {}
            }
        }
    }
    let mut all = Vec::new();
    names(body, &mut all);
    for name in all {
        if let Some(member) = body.member(name) {
            visit(name, member)?;
        }
    }
    Ok(())
}
