//! Who may write one table writes another through a trigger, with his own rights: he gets those that he lacks for as
//! long as the trigger is there.

use std::collections::BTreeSet;

use model::change::Aspect;
use model::object::{Grant, Grantee};
use model::{Change, Name, Path, QName};

use super::Planner;
use crate::diff::Act;

/// What writers of one table need on the columns of another.
pub(super) struct Needed<'a> {
    /// Their table, and the columns by which they may have been let in.
    pub(super) writers: (&'a QName, Vec<&'a Name>),
    pub(super) table: &'a QName,
    pub(super) read: Vec<&'a Name>,
    pub(super) update: Vec<&'a Name>,
    pub(super) insert: Vec<&'a Name>,
}

impl Planner<'_> {
    /// Columns of the other table, and what is to be granted on each.
    pub(super) fn lacking(&self, needed: &Needed<'_>) -> Vec<(Path, Grant)> {
        let (table, columns) = &needed.writers;
        let mut writers = BTreeSet::new();
        let paths =
            std::iter::once(Path::table(table)).chain(columns.iter().map(|name| Path::column(table, (*name).clone())));
        for path in paths {
            for grant in self.before.grants_on(&path).into_iter().flat_map(|grants| &grants.granted) {
                if ["INSERT", "UPDATE", "ALL"].iter().any(|word| grant.privileges.contains(*word)) {
                    writers.insert(grant.grantee.clone());
                }
            }
        }
        let mut found = Vec::new();
        for grantee in writers {
            for (privilege, columns) in
                [("SELECT", &needed.read), ("UPDATE", &needed.update), ("INSERT", &needed.insert)]
            {
                for column in columns {
                    let path = Path::column(needed.table, (*column).clone());
                    if !self.may(&grantee, privilege, &path) {
                        let privileges = std::iter::once(Name::from(privilege)).collect();
                        found.push((path, Grant { grantee: grantee.clone(), privileges, grantable: false }));
                    }
                }
            }
        }
        found
    }

    /// Whether the role has the privilege on the column, or everybody has, all the time.
    fn may(&self, grantee: &Grantee, privilege: &str, column: &Path) -> bool {
        [self.before, self.after].into_iter().filter(|schema| schema.table(&column.qname()).is_some()).all(|schema| {
            let grants = [Path::table(&column.qname()), column.clone()];
            grants.iter().filter_map(|path| schema.grants_on(path)).flat_map(|grants| &grants.granted).any(|grant| {
                let has = grant.privileges.contains(privilege) || grant.privileges.contains("ALL");
                has && (grant.grantee == *grantee || grant.grantee == Grantee::Public)
            })
        })
    }

    pub(super) fn give(rights: &[(Path, Grant)]) -> impl Iterator<Item = Act> + '_ {
        rights.iter().map(|(path, grant)| Act::new(Change::alter(path.clone(), Aspect::Grant(grant.clone()))))
    }

    /// What the target does not grant is taken away again.
    pub(super) fn take_back(&self, rights: &[(Path, Grant)]) -> Vec<Act> {
        let stays = |path: &Path, grant: &Grant| {
            let granted = self.after.grants_on(path).into_iter().flat_map(|grants| &grants.granted);
            granted.into_iter().any(|own| own.grantee == grant.grantee && grant.privileges.is_subset(&own.privileges))
        };
        let gone = rights.iter().filter(|(path, grant)| self.after.contains(path) && !stays(path, grant));
        gone.map(|(path, grant)| Act::new(Change::alter(path.clone(), Aspect::Revoke(grant.clone())))).collect()
    }
}
