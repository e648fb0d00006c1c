//! Whether what a rule claims of a statement is what the server did.

use model::{Claim, LockMode, QName, Verdict};
use postgres::error::SqlState;

use crate::name::qualified;
use crate::refusal::Refusal;
use crate::trace::{RelationKind, Trace, Tracer};

/// The verdict on a claim about a statement that ran and whose transaction may still be open.
pub(super) fn judge(
    claim: &Claim,
    trace: &Trace,
    tracer: &mut Tracer<'_>,
) -> Result<Option<Verdict>, postgres::Error> {
    Ok(match claim {
        Claim::Lock { relation, mode } => Some(lock(relation, *mode, trace, tracer)?),
        Claim::Rewrite { relation } => Some(rewrite(relation, trace, tracer)),
        Claim::Scan { relation } => Some(scan(relation, trace, tracer)),
        Claim::Refusal { sqlstate } => {
            Some(Verdict::Refuted(format!("took the statement instead of refusing it with SQLSTATE {sqlstate}")))
        }
        Claim::RefusalWithRows { .. } => None,
    })
}

fn lock(relation: &QName, mode: LockMode, trace: &Trace, tracer: &mut Tracer<'_>) -> Result<Verdict, postgres::Error> {
    let taken = trace.locks.iter().filter(|lock| lock.relation == *relation).map(|lock| lock.mode).max();
    let Some(held) = taken.max(tracer.held(relation)) else {
        return Ok(Verdict::Refuted(format!("took no lock on {relation}")));
    };
    if held < mode {
        return Ok(Verdict::Refuted(format!("took {} on {relation}, not {}", held.name(), mode.name())));
    }
    let waited = tracer.who_waits(relation)?;
    let waited = match waited.as_slice() {
        [] => String::new(),
        waiting => format!(", and {} waited", waiting.join(" and ")),
    };
    Ok(Verdict::Shown(format!("{} on {relation}{waited}", held.name())))
}

fn rewrite(relation: &QName, trace: &Trace, tracer: &Tracer<'_>) -> Verdict {
    if trace.rewritten.contains(relation) {
        return Verdict::Shown(format!("{relation} was written anew"));
    }
    match tracer.kind(relation) {
        // Its rows are in its partitions.
        Some(RelationKind::PartitionedTable) if !trace.rewritten.is_empty() => {
            Verdict::Shown(format!("the partitions of {relation} were written anew"))
        }
        Some(RelationKind::PartitionedTable) => Verdict::Untried(format!("{relation} has no partition here")),
        _ => Verdict::Refuted(format!("did not write {relation} anew")),
    }
}

fn scan(relation: &QName, trace: &Trace, tracer: &Tracer<'_>) -> Verdict {
    if trace.scans.iter().any(|scan| scan.relation == *relation) {
        return Verdict::Shown(format!("{relation} was read from end to end"));
    }
    match tracer.kind(relation) {
        Some(RelationKind::PartitionedTable) if !trace.scans.is_empty() => {
            Verdict::Shown(format!("the partitions of {relation} were read from end to end"))
        }
        Some(RelationKind::PartitionedTable) => Verdict::Untried(format!("{relation} has no partition here")),
        _ => Verdict::Refuted(format!("did not read {relation} from end to end")),
    }
}

/// The verdict on a claim that the server refuses the statement.
pub(super) fn refused(refusal: &Refusal, sqlstate: &str) -> Verdict {
    match refusal.sqlstate == sqlstate {
        true => Verdict::Shown(format!("“{}”", refusal.message)),
        false => Verdict::Untried(format!("the server refused it for another reason: {}", refusal.message)),
    }
}

impl Tracer<'_> {
    /// Who would have to wait for the open transaction: tried by the observer, not concluded.
    fn who_waits(&mut self, relation: &QName) -> Result<Vec<&'static str>, postgres::Error> {
        if !self.in_transaction() {
            return Ok(Vec::new());
        }
        let name = qualified(relation);
        let reads = ("SELECT", format!("SELECT 1 FROM {name} LIMIT 0"));
        let writes = ("DELETE", format!("DELETE FROM {name} WHERE false"));
        let mut waiting = Vec::new();
        for (word, statement) in [reads, writes] {
            let observer = self.observer();
            observer.batch_execute("BEGIN; SET LOCAL lock_timeout = '5ms'")?;
            let outcome = observer.execute(statement.as_str(), &[]);
            observer.batch_execute("ROLLBACK")?;
            if outcome.is_err_and(|error| error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE)) {
                waiting.push(word);
            }
        }
        Ok(waiting)
    }
}
