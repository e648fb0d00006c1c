//! `stats`: what is in a file of statistics, for people.

use std::fmt::Write;

use live::statistics::{PlannerStats, Table, Values};
use report::count::{bytes, counted, number};

/// `Statistics of PostgreSQL 17.2: 18 tables, 41 indexes, values included`
pub fn summary(stats: &PlannerStats) -> String {
    let values = match stats.values {
        Values::Kept => "values of the data included",
        Values::Left => "without values of the data",
    };
    let (tables, indexes) = (counted(stats.tables.len(), "table"), counted(stats.indexes.len(), "index"));
    format!("Statistics of PostgreSQL {}: {tables}, {indexes}, {values}\n", stats.server)
}

/// What the role did not see, where there is something.
pub fn missing(stats: &PlannerStats) -> String {
    if stats.missing.is_empty() {
        return String::new();
    }
    let list: String = stats.missing.iter().map(|what| format!("  {what}\n")).collect();
    let next = "The owner of the tables sees most of it: export as that role\n";
    format!("Not in it, so the planner guesses:\n{list}{next}")
}

/// Tables, the largest first, and what is known of each.
pub fn show(stats: &PlannerStats) -> String {
    let mut out = summary(stats);
    let mut tables: Vec<&Table> = stats.tables.iter().collect();
    tables.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.name.cmp(&other.name)));
    if !tables.is_empty() {
        let line = |out: &mut String, words: [&str; 5]| {
            let [name, rows, size, columns, indexes] = words;
            writeln!(out, "{name:<36} {rows:>14} {size:>10} {columns:>8} {indexes:>8}").expect("a string takes it");
        };
        out.push('\n');
        line(&mut out, ["table", "rows", "size", "columns", "indexes"]);
        for table in tables {
            let rows = if table.rows < 0.0 { "unknown".to_owned() } else { number(table.rows as usize) };
            let mut columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            columns.sort_unstable();
            columns.dedup();
            let indexes = stats.indexes.iter().filter(|index| index.table == table.name).count();
            line(&mut out, [&table.name, &rows, &bytes(table.bytes), &number(columns.len()), &number(indexes)]);
        }
    }
    let missing = missing(stats);
    if missing.is_empty() { out } else { out + "\n" + &missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_shown() {
        let text = r#"{"version":1,"server":"17.2","values":"left","page":8192,
            "locale":{"encoding":"UTF8","collate":"C","ctype":"C"},"settings":{},
            "missing":["public.a_lower: statistics of its expressions are for the owner and for pg_read_all_data"],
            "tables":[
            {"name":"public.a","kind":"table","rows":-1,"bytes":8192,"dead_rows":0,"pages":1,"analyzed_pages":0,
             "all_visible":0},
            {"name":"public.orders","kind":"table","rows":41200000,"bytes":10093173145,"dead_rows":0,"pages":1232077,
             "analyzed_pages":1232077,"all_visible":0,"columns":[{"name":"id","null_frac":0,"avg_width":8,"n_distinct":-1}]}],
            "indexes":[{"name":"public.orders_pkey","table":"public.orders","method":"btree","bytes":9,"scans":1,
             "rows":41200000,"pages":2,"analyzed_pages":2,"height":0}]}"#;
        let shown = show(&PlannerStats::parse(text).expect("it is sound"));
        let expected = "\
Statistics of PostgreSQL 17.2: 2 tables, 1 index, without values of the data

table                                          rows       size  columns  indexes
public.orders                            41,200,000     9.4 GB        1        1
public.a                                    unknown       8 kB        0        0

Not in it, so the planner guesses:
  public.a_lower: statistics of its expressions are for the owner and for pg_read_all_data
The owner of the tables sees most of it: export as that role
";
        assert_eq!(shown, expected, "\n{shown}");
    }
}
