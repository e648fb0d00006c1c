//! Locks on tables: how strong each is, and whom it keeps waiting.

/// A mode of a lock on a relation, the weakest first (manual, 13.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

use LockMode::*;

/// Every mode with its name in SQL and in the view `pg_locks`.
const NAMES: [(LockMode, &str, &str); 8] = [
    (AccessShare, "ACCESS SHARE", "AccessShareLock"),
    (RowShare, "ROW SHARE", "RowShareLock"),
    (RowExclusive, "ROW EXCLUSIVE", "RowExclusiveLock"),
    (ShareUpdateExclusive, "SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusiveLock"),
    (Share, "SHARE", "ShareLock"),
    (ShareRowExclusive, "SHARE ROW EXCLUSIVE", "ShareRowExclusiveLock"),
    (Exclusive, "EXCLUSIVE", "ExclusiveLock"),
    (AccessExclusive, "ACCESS EXCLUSIVE", "AccessExclusiveLock"),
];

impl LockMode {
    /// As `LOCK TABLE … IN … MODE` has it.
    pub fn name(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// The mode by its name in SQL or in `pg_locks`.
    pub fn named(name: &str) -> Option<LockMode> {
        let same = |(_, sql, view): &&(LockMode, &str, &str)| name.eq_ignore_ascii_case(sql) || name == *view;
        NAMES.iter().find(same).map(|(mode, _, _)| *mode)
    }

    /// Whether two sessions cannot hold the two at once (manual, table 13.2).
    pub fn conflicts(self, other: LockMode) -> bool {
        let weakest_refused = match self {
            AccessShare => AccessExclusive,
            RowShare => Exclusive,
            RowExclusive => Share,
            // Against themselves and everything stronger.
            ShareUpdateExclusive => ShareUpdateExclusive,
            // Several sessions may hold SHARE, but a writer or a vacuum holds it off.
            Share => return !matches!(other, AccessShare | RowShare | Share),
            ShareRowExclusive => RowExclusive,
            Exclusive => RowShare,
            AccessExclusive => AccessShare,
        };
        other >= weakest_refused
    }

    /// SELECT waits.
    pub fn blocks_reads(self) -> bool {
        self.conflicts(AccessShare)
    }

    /// INSERT, UPDATE and DELETE wait.
    pub fn blocks_writes(self) -> bool {
        self.conflicts(RowExclusive)
    }

    /// Validation, concurrent index builds, VACUUM and ANALYZE wait, and every stronger change of the table with them.
    pub fn blocks_ddl(self) -> bool {
        self.conflicts(ShareUpdateExclusive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_are_those_of_the_manual() {
        let modes = NAMES.map(|(mode, _, _)| mode);
        let row = |mode: LockMode| modes.iter().map(|other| if mode.conflicts(*other) { 'X' } else { '.' }).collect();
        let rows: Vec<String> = modes.into_iter().map(row).collect();
        let manual = [".......X", "......XX", "....XXXX", "...XXXXX", "..XX.XXX", "..XXXXXX", ".XXXXXXX", "XXXXXXXX"];
        assert_eq!(rows, manual);
        for (index, (mode, sql, view)) in NAMES.into_iter().enumerate() {
            assert_eq!((mode as usize, LockMode::named(sql), LockMode::named(view)), (index, Some(mode), Some(mode)));
        }
    }
}
