//! The same plan, as terminals, clients and logs hand it on.

use crate::{masked, plans};

const PLAN: &str = "Hash Join  (cost=1.00..2.00 rows=3 width=4) (actual time=0.100..0.200 rows=3 loops=1)
  Hash Cond: (a.id = b.id)
  ->  Seq Scan on a  (cost=0.00..1.00 rows=3 width=4) (actual time=0.010..0.020 rows=3 loops=1)
        Filter: (\"Odd\" = 'x'::text)
  ->  Hash  (cost=0.50..0.50 rows=3 width=4) (actual time=0.030..0.030 rows=3 loops=1)
        Buckets: 1024  Batches: 1  Memory Usage: 9kB
        ->  Seq Scan on b  (cost=0.00..0.50 rows=3 width=4) (actual time=0.010..0.010 rows=3 loops=1)
Planning Time: 0.100 ms
Execution Time: 0.300 ms
";

fn check(what: &str, text: &str) {
    let (expected, _) = plans(PLAN);
    let (found, problems) = plans(text);
    assert!(problems.is_empty(), "{what}: {problems:?}");
    let bare = |plans: Vec<model::plan::QueryPlan>| -> Vec<_> {
        plans
            .into_iter()
            .map(|mut plan| {
                plan.duration_ms = None;
                plan.query = None;
                masked(plan)
            })
            .collect()
    };
    assert_eq!(bare(found), bare(expected), "{what}:\n{text}");
}

#[test]
fn however_it_was_pasted() {
    let lines = || PLAN.lines();
    let each = |of: &dyn Fn(&str) -> String| lines().map(|line| of(line) + "\n").collect::<String>();
    check("psql", &format!("  QUERY PLAN\n----------\n{}(9 rows)\n", each(&|line| format!(" {line}"))));
    check("a frame", &format!("+---+\n|  QUERY PLAN |\n+---+\n{}+---+\n", each(&|line| format!("| {line:<100} |"))));
    check(
        "a frame of unicode",
        &format!("┌──┐\n│ QUERY PLAN │\n├──┤\n{}└──┘\n", each(&|line| format!("│ {line:<100} │"))),
    );
    check("rows in quotes", &format!("\"QUERY PLAN\"\n{}", each(&|line| format!("\"{}\"", line.replace('"', "\"\"")))));
    check("colours", &each(&|line| format!("\u{1b}[32m{line}\u{1b}[0m")));
    check("a lost indentation", &each(&|line| line.trim_start().to_owned()));
    check("a lost column", PLAN.trim_start());
    check("broken lines", &PLAN.replace(" (actual", "\n(actual"));
    check(
        "a log",
        &format!(
            "2026-11-21 10:00:00.1 UTC [7] LOG:  duration: 0.300 ms  plan:\n\tQuery Text: SELECT 1\n{}2026-11-21 10:00:01 UTC [7] LOG:  done\n",
            each(&|line| format!("\t{line}"))
        ),
    );
}

#[test]
fn a_field_that_is_not_understood_is_named() {
    let (plans, problems) = plans(
        "Limit  (cost=0.00..1.00 rows=1 width=4)\n  Phase of Moon: full\n  ->  Result  (cost=0.00..0.01 rows=1 width=4)\n",
    );
    assert_eq!(plans[0].unknown[0].name, "Phase of Moon");
    assert_eq!(problems[0].message, "a field of Limit is not understood: Phase of Moon");
}

#[test]
fn what_python_prints() {
    let (plans, problems) =
        plans("[{'Plan': {'Node Type': 'Result', 'Parallel Aware': False, 'Plan Rows': 1, 'Alias': None}}]");
    assert_eq!((plans.len(), problems.len(), plans[0].nodes[0].kind.as_str()), (1, 0, "Result"));
}
