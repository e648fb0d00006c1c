//! Which plan it is: what it runs, and between which shapes. Its words may change, and the undo of a step.

use std::fmt::Write;

use model::planned::{Planned, Work};
use sha2::{Digest, Sha256};

/// 16 hexadecimal digits.
pub fn identity(plan: &Planned) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        // With its length before it, no part can run into the next one.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    };
    add(&plan.from.to_string());
    add(&plan.to.to_string());
    for step in &plan.steps {
        add(&step.release.to_string());
        add(step.phase.name());
        match &step.work {
            Work::Together(_) => add("together"),
            Work::Alone { .. } => add("alone"),
            Work::Backfill(_) => add("backfill"),
            Work::Deploy => add("deploy"),
        }
        add(&step.work.statements().len().to_string());
        step.work.statements().into_iter().for_each(&mut add);
        if let Work::Backfill(backfill) = &step.work {
            add(&backfill.table.to_string());
            backfill.into.iter().for_each(|into| add(&into.to_string()));
            add(&backfill.condition);
            add(&backfill.key.len().to_string());
            backfill.key.iter().for_each(|column| add(column));
            for (column, value) in &backfill.set {
                add(column);
                add(value);
            }
        }
    }
    let digest = hash.finalize();
    digest[..8].iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a string takes it");
        out
    })
}
