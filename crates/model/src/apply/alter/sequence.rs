//! ALTER SEQUENCE, for sequences that stand alone and those behind identity columns.

use crate::apply::references::{Ref, look, regclass};
use crate::apply::work::{Outcome, Work, invalid};
use crate::name::QName;
use crate::object::{Object, Sequence};
use crate::path::{Kind, Path};

pub(super) fn set(work: &mut Work, path: &Path, new: &Sequence) -> Outcome {
    if let Some((table, column)) = &new.owned_by
        && work.table(table).is_ok()
    {
        work.need_column(table, column)?;
    }
    let holder = match path.kind {
        Kind::Sequence if !work.schema.objects.contains_key(path) => work.schema.relation(&path.qname()).cloned(),
        _ => None,
    };
    let path = holder.as_ref().unwrap_or(path);
    if path.kind == Kind::Column {
        let column = work.table_mut(&path.qname())?.column_mut(&path.part);
        let Some(identity) = column.and_then(|column| column.identity.as_mut()) else {
            return Err(invalid(format!("{path} is not an identity column")));
        };
        let old = &mut identity.sequence;
        *old = Sequence { name: old.name.clone(), owned_by: old.owned_by.clone(), ..new.clone() };
        return Ok(());
    }
    *work.object_mut(path)? = Object::Sequence(Sequence { name: path.qname(), ..new.clone() });
    Ok(())
}

/// The sequences that the defaults of a table draw from and that belong to it.
pub(super) fn owned_by(work: &Work, table: &QName) -> Vec<Path> {
    let path = Path::table(table);
    let Some(object) = work.schema.object(&path) else { return Vec::new() };
    let mut found = Vec::new();
    look::object(&path, object, &mut |_, reference| {
        let name = if let Ref::Regclass(text) = reference { regclass(text) } else { None };
        let sequence = name.as_ref().and_then(|name| work.schema.sequence(name));
        if let Some(sequence) = sequence.filter(|own| own.owned_by.as_ref().is_some_and(|(owner, _)| owner == table)) {
            found.push(Path::object(Kind::Sequence, &sequence.name));
        }
    });
    found
}
