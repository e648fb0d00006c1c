//! Columns that the database numbers: the numbers go on behind the rows that are there, and an application that gives
//! its own goes on until it is gone.

use model::change::Aspect;
use model::name::{literal, quoted};
use model::object::{Identity, Object};
use model::planned::Phase;
use model::{Change, Kind, Path, Sql};

use super::Planner;
use crate::diff::Act;

impl Planner<'_> {
    /// The column was there and is numbered from now on, or in another way.
    pub(super) fn numbered(&mut self, path: &Path, identity: &Identity, act: &Act, title: String) {
        let before = self.name_before(&path.qname()).and_then(|table| self.before.column(&table, &path.part));
        let was = before.and_then(|column| column.identity.as_ref());
        if was.is_some_and(|was| !was.always && identity.always) {
            // Until it is gone the old application may give numbers of its own.
            return self.together(1, Phase::Contract, title, vec![act.clone()]);
        }
        if was.is_some() {
            return self.together(0, Phase::Expand, title, vec![act.clone()]);
        }
        if self.replaces_serial(path) {
            // There is no moment without numbers.
            return self.switch(title, vec![act.clone(), goes_on(path)]);
        }
        let gentle = Identity { always: false, ..identity.clone() };
        let change = Change::alter(path.clone(), Aspect::Identity(Some(Box::new(gentle))));
        self.together(0, Phase::Expand, title.clone(), vec![Act::new(change), goes_on(path)]);
        if identity.always {
            let title = format!("{path} takes no other numbers");
            self.together(1, Phase::Contract, title, vec![act.clone()]);
        }
    }

    /// The column counted by a sequence of its own, and has an identity instead.
    pub(super) fn replaces_serial(&self, path: &Path) -> bool {
        let Some(table) = self.name_before(&path.qname()) else { return false };
        let counts = self.before.column(&table, &path.part).is_some_and(|own| own.default.is_some());
        let identity = self.after.column(&path.qname(), &path.part).is_some_and(|own| own.identity.is_some());
        counts && identity
    }

    /// The sequence belongs to such a column.
    pub(super) fn is_replaced_serial(&self, path: &Path) -> bool {
        let Some(Object::Sequence(sequence)) = self.before.object(path) else { return false };
        let owner = sequence.owned_by.as_ref();
        path.kind == Kind::Sequence
            && owner.is_some_and(|(table, column)| self.replaces_serial(&Path::column(table, column.clone())))
    }
}

fn goes_on(path: &Path) -> Act {
    Act::new(Change::alter(path.clone(), Aspect::Other(Sql::text(counted_on(path)))))
}

/// The sequence of the column stands behind its largest number, which the index of the key knows.
pub(super) fn counted_on(path: &Path) -> String {
    let (table, column) = (path.qname().to_string(), quoted(&path.part));
    format!(
        "SELECT setval(pg_get_serial_sequence({}, {}), GREATEST((SELECT max({column}) FROM {table}), 1))",
        literal(&table),
        literal(&path.part),
    )
}
