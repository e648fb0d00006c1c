//! Columns that the database numbers: the numbers go on behind the last one that was given out, also when its row is
//! gone, and an application that gives its own goes on until it is gone.

use model::change::Aspect;
use model::name::{literal, quoted};
use model::object::{Identity, Object};
use model::planned::Phase;
use model::{Change, Kind, Path, Sql};

use super::Planner;
use crate::diff::Act;

impl Planner<'_> {
    /// The column was there and is numbered from now on, or in another way.
    pub(super) fn counts_on(&mut self, path: &Path, identity: &Identity, act: &Act, title: String) {
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

/// Notes the last number for the rest of the transaction.
pub(super) fn remember(path: &Path) -> String {
    format!("SELECT set_config('{}', pg_sequence_last_value({}::regclass)::text, true)", setting(path), sequence(path))
}

pub(super) fn remembered(path: &Path) -> Act {
    Act::new(Change::alter(path.clone(), Aspect::Other(Sql::text(remember(path)))))
}

/// Goes on from the number that was noted, if one was, and never behind one that a row has, which the index of the key
/// knows.
pub(super) fn go_on(path: &Path) -> String {
    format!(
        "SELECT setval({}, coalesce(last, 1), last IS NOT NULL) FROM \
         (SELECT GREATEST(max({}), nullif(current_setting('{}', true), '')::bigint) AS last FROM {}) AS numbers",
        sequence(path),
        quoted(&path.part),
        setting(path),
        path.qname(),
    )
}

fn goes_on(path: &Path) -> Act {
    Act::new(Change::alter(path.clone(), Aspect::Other(Sql::text(go_on(path)))))
}

fn sequence(path: &Path) -> String {
    format!("pg_get_serial_sequence({}, {})", literal(&path.qname().to_string()), literal(&path.part))
}

fn setting(path: &Path) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let name: String = format!("{}_{}_{}", path.schema, path.name, path.part).chars().map(plain).collect();
    format!("palladio.last_{name}")
}
