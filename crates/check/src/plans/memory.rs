//! How much `work_mem` holds what went to disk.

use model::plan::QueryPlan;

/// What a sort keeps for each row beside its columns: the head of the tuple, its entry in the array, the head of its
/// piece of memory. The array doubles when it is full, so that half of it may be empty.
const SORTED: f64 = 24.0 + 16.0 + 2.0 * 24.0;
/// In a hash table: the head of the tuple and of its entry, and a bucket.
const HASHED: f64 = 24.0 + 16.0 + 2.0 * 8.0;
/// Estimates of widths are averages, and pieces are rounded up.
const SPARE: f64 = 1.25;

/// Kilobytes for a sort of so many rows that took so much on disk.
pub(crate) fn for_sort(rows: f64, width: f64, on_disk: f64) -> f64 {
    let in_rows = rows * (aligned(width) + SORTED) / 1024.0;
    // On disk a row takes its width and little more: the truth when the estimated width is wrong.
    let from_disk = on_disk + rows * SORTED / 1024.0;
    in_rows.max(from_disk) * SPARE
}

/// Kilobytes of `work_mem` for a hash table of so many rows, which may take a multiple of it.
pub(crate) fn for_hash(rows: f64, width: f64, batches: f64, peak: f64, multiplier: f64) -> f64 {
    let in_rows = rows * (aligned(width) + HASHED) / 1024.0;
    let from_batches = batches * peak;
    // Batches are a power of two, at least twice too many: the rows say more where both are known.
    let need = if rows > 0.0 { in_rows.max(from_batches / 2.0) } else { from_batches };
    need * SPARE / multiplier
}

fn aligned(width: f64) -> f64 {
    (width / 8.0).ceil() * 8.0
}

/// `hash_mem_multiplier`: shown where it was changed, else 1, which is right up to version 14 and spares nothing after.
pub(crate) fn hash_multiplier(plan: &QueryPlan) -> f64 {
    plan.setting("hash_mem_multiplier").and_then(|value| value.parse().ok()).unwrap_or(1.0_f64).max(1.0)
}
