//! A backfill as one DO block that goes through the rows in the order of a key, and commits after each batch.

use model::name::quoted;
use model::planned::Backfill;

/// It has to run outside of any transaction. What was done when it was interrupted is not done again.
pub(super) fn block(backfill: &Backfill) -> String {
    let Backfill { table, key, condition, batch, .. } = backfill;
    let columns: Vec<_> = key.iter().map(|column| quoted(column)).collect();
    let columns = columns.join(", ");
    let variables = |word: &str| -> Vec<String> { (1..=key.len()).map(|at| format!("{word}_{at}")).collect() };
    let (last, next) = (variables("palladio_last"), variables("palladio_next"));
    let mut declared = String::new();
    for names in [&last, &next] {
        for (name, column) in names.iter().zip(key) {
            declared += &format!("    {name} {table}.{}%TYPE;\n", quoted(column));
        }
    }
    let (first, list, ends) = (&last[0], last.join(", "), next.join(", "));
    let backwards: Vec<String> = key.iter().map(|column| format!("{} DESC", quoted(column))).collect();
    let after = format!("({first} IS NULL OR ({columns}) > ({list}))");
    let write = backfill.statement_where(&format!("{after} AND ({columns}) <= ({ends}) AND ({condition})"));
    let goes_on: String = last.iter().zip(&next).map(|(last, next)| format!("        {last} := {next};\n")).collect();
    format!(
        "DO $batches$
DECLARE
{declared}BEGIN
    LOOP
        SELECT {columns} INTO {ends} FROM (
            SELECT {columns} FROM {table} WHERE {after} ORDER BY {columns} LIMIT {batch}
        ) AS batch ORDER BY {} LIMIT 1;
        EXIT WHEN NOT FOUND;
        {write};
        COMMIT;
{goes_on}    END LOOP;
END
$batches$;",
        backwards.join(", ")
    )
}
