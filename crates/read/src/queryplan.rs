//! Query plans: what `EXPLAIN (FORMAT JSON)` prints, as psql shows it or as a client returns it.

mod node_places;

use model::plan::{Actual, PlanNode, QueryPlan};
use model::{FileId, Place, Problem, ProblemKind};
use serde_json::{Map, Value};

/// Deeper plans than any planner makes are cut off.
const DEEPEST: usize = 500;

/// Every plan of a file: the array that EXPLAIN prints, one of its elements, or several statements' arrays.
pub(crate) fn read(file: FileId, text: &str) -> (Vec<QueryPlan>, Vec<Problem>) {
    let place = Place::new(file, 0, text.len() as u32);
    let problem = |message: String, place| (Vec::new(), vec![Problem { kind: ProblemKind::Syntax, place, message }]);
    let json = undecorated(text);
    let value: Value = match serde_json::from_str(&json) {
        Ok(value) => value,
        Err(error) => return problem(format!("no JSON of a query plan: {error}"), Some(place_of(file, text, &error))),
    };
    let mut plans = Vec::new();
    collect(&value, place, &mut plans);
    place_nodes(&mut plans, file, text);
    if plans.is_empty() {
        return problem("no query plan: nothing in it has a \"Plan\"".to_owned(), Some(place));
    }
    (plans, Vec::new())
}

/// psql prints a header, a rule, `+` at the end of each line and a count of rows around the JSON.
fn undecorated(text: &str) -> String {
    let lines = text.trim_start_matches('\u{feff}').lines().map(|line| {
        let line = line.trim_end();
        let bare = line.trim();
        let decoration = bare == "QUERY PLAN"
            || (!bare.is_empty() && bare.bytes().all(|byte| byte == b'-'))
            || (bare.starts_with('(') && (bare.ends_with("row)") || bare.ends_with("rows)")));
        // A line less would move the places of errors.
        if decoration { "" } else { line.strip_suffix('+').unwrap_or(line) }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Where the parser stopped. Columns may be off by psql's decoration, lines are right.
fn place_of(file: FileId, text: &str, error: &serde_json::Error) -> Place {
    let start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (start + error.column().saturating_sub(1)).min(text.len()) as u32;
    Place::new(file, at, at)
}

/// The parser forgets where it was, so the text says again where its nodes stand.
fn place_nodes(plans: &mut [QueryPlan], file: FileId, text: &str) {
    let places = node_places::find(text);
    let nodes = || plans.iter().map(|plan| plan.nodes.len()).sum::<usize>();
    // A plan that was cut off has fewer nodes than its text.
    if places.len() == nodes() {
        let nodes = plans.iter_mut().flat_map(|plan| &mut plan.nodes);
        nodes.zip(places).for_each(|(node, place)| node.place = Place::new(file, place.start as u32, place.end as u32));
    }
}

fn collect(value: &Value, place: Place, plans: &mut Vec<QueryPlan>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, place, plans)),
        Value::Object(object) => {
            if let Some(Value::Object(root)) = object.get("Plan") {
                let mut nodes = Vec::new();
                flatten(root, None, 0, place, &mut nodes);
                let (planning_ms, execution_ms) = (number(object, "Planning Time"), number(object, "Execution Time"));
                plans.push(QueryPlan { nodes, planning_ms, execution_ms, place });
            } else if object.contains_key("QUERY PLAN") {
                // Clients that give rows as objects wrap the array in the name of its column.
                collect(&object["QUERY PLAN"], place, plans);
            }
        }
        _ => {}
    }
}

fn flatten(node: &Map<String, Value>, parent: Option<usize>, depth: usize, place: Place, nodes: &mut Vec<PlanNode>) {
    let word = |key: &str| node.get(key).and_then(Value::as_str);
    let conditions = ["Index Cond", "Hash Cond", "Merge Cond", "Recheck Cond", "TID Cond"];
    let actual = number(node, "Actual Rows").map(|rows| Actual {
        rows,
        loops: number(node, "Actual Loops").unwrap_or(1.0),
        total_ms: number(node, "Actual Total Time").unwrap_or(0.0),
        removed: ["Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck"]
            .iter()
            .filter_map(|key| number(node, key))
            .sum(),
    });
    let sort_space = word("Sort Space Type").zip(number(node, "Sort Space Used"));
    let own = nodes.len();
    nodes.push(PlanNode {
        parent,
        kind: word("Node Type").unwrap_or("?").into(),
        schema: word("Schema").map(Into::into),
        relation: word("Relation Name").map(Into::into),
        index: word("Index Name").map(Into::into),
        filter: word("Filter").or_else(|| word("Join Filter")).map(str::to_owned),
        condition: conditions.iter().find_map(|key| word(key)).map(str::to_owned),
        cost: number(node, "Total Cost").unwrap_or(0.0),
        estimated_rows: number(node, "Plan Rows").unwrap_or(0.0),
        width: number(node, "Plan Width").unwrap_or(0.0),
        actual,
        sort_space: sort_space.map(|(place, used)| (place.into(), used as u64)),
        place,
    });
    if depth < DEEPEST {
        let children = node.get("Plans").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for child in children.iter().filter_map(Value::as_object) {
            flatten(child, Some(own), depth + 1, place, nodes);
        }
    }
}

fn number(object: &Map<String, Value>, key: &str) -> Option<f64> {
    object.get(key)?.as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each node indented below its parent, then the problems.
    fn check(text: &str, expected: &str) {
        let (plans, problems) = read(FileId(0), text);
        let mut found = String::new();
        for plan in &plans {
            for node in &plan.nodes {
                let mut depth = 0;
                let mut above = node.parent;
                while let Some(parent) = above {
                    depth += 1;
                    above = plan.nodes[parent].parent;
                }
                let relation = node.relation.as_deref().unwrap_or("-");
                found += &format!("{}{} {relation} {}", "  ".repeat(depth), node.kind, node.estimated_rows);
                found +=
                    &node.actual.map_or(String::new(), |actual| format!(" actual {} x {}", actual.rows, actual.loops));
                found += "\n";
            }
        }
        for problem in problems {
            found += &format!("! {} at {}\n", problem.message, problem.place.unwrap().start);
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn a_join_with_its_children() {
        check(
            r#"[{"Plan": {"Node Type": "Hash Join", "Plan Rows": 10, "Plans": [
                {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 5, "Actual Rows": 7, "Actual Loops": 2},
                {"Node Type": "Hash", "Plan Rows": 1, "Plans": [{"Node Type": "Index Scan", "Relation Name": "users", "Plan Rows": 1}]}
            ]}, "Execution Time": 1.5}]"#,
            "Hash Join - 10\n  Seq Scan orders 5 actual 7 x 2\n  Hash - 1\n    Index Scan users 1\n",
        );
    }

    #[test]
    fn as_psql_prints_it() {
        check(
            "     QUERY PLAN\n---------------------\n [                  +\n   {\"Plan\": {       +\n     \"Node Type\": \"Result\"}}+\n ]\n(1 row)\n",
            "Result - 0\n",
        );
    }

    #[test]
    fn a_single_object() {
        check(r#"{"Plan": {"Node Type": "Result"}}"#, "Result - 0\n");
    }

    #[test]
    fn broken_json_is_a_problem_with_its_place() {
        check("[\n  {\"Plan\": }\n]", "! no JSON of a query plan: expected value at line 2 column 12 at 13\n");
        check("[]", "! no query plan: nothing in it has a \"Plan\" at 0\n");
        check("", "! no JSON of a query plan: EOF while parsing a value at line 1 column 0 at 0\n");
    }
}
