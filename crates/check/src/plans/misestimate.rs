//! Where the planner was wrong about rows, and the likely cause.

use model::name::quoted;
use model::plan::PlanNode;
use model::{Expr, QName};

use super::{Look, table};
use crate::findings::Findings;

/// So many times too few or too many rows change plans.
pub(crate) const FACTOR: f64 = 10.0;
/// Below this no choice of the planner matters.
const FEW_ROWS: f64 = 1_000.0;
/// A value that this part of the rows have is among the most common ones that ANALYZE keeps (100 by default).
const COMMON: f64 = 0.01;

pub(crate) struct Misestimate {
    pub(crate) node: usize,
    /// Rows that came, over those expected.
    pub(crate) factor: f64,
    pub(crate) cause: Cause,
    /// Milliseconds that another plan might save.
    pub(crate) gain: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cause {
    /// The statistics are older than the rows; whether they are was looked up, or follows from the plan.
    Stale {
        table: QName,
        known: bool,
    },
    /// Several columns of one table, which the planner takes for independent.
    Columns {
        table: QName,
        columns: Vec<String>,
        kinds: &'static str,
    },
    /// An expression that it has no statistics of.
    Expression {
        table: QName,
        expression: String,
    },
    /// A function, of which it knows nothing but a number.
    Function,
    /// A single column, though the statistics are fresh: their sample is too small for it.
    Sample {
        table: QName,
        column: String,
    },
    Unknown,
}

/// Each place where a wrong number arose; what it passed on to the nodes above is the same mistake.
pub(crate) fn all(look: &Look<'_>, findings: &Findings<'_>) -> Vec<Misestimate> {
    let off = |index: usize, node: &PlanNode| factor(look, index, node);
    let mut found = Vec::new();
    for (index, node) in look.nodes() {
        let Some(factor) = off(index, node) else { continue };
        let inherited = look.plan.inputs(index).any(|below| {
            let below_node = look.node(below);
            !below_node.never_ran() && off(below, below_node).is_some_and(|below| (below > 1.0) == (factor > 1.0))
        });
        if inherited {
            continue;
        }
        let cause = cause(look, index, node, factor, findings);
        found.push(Misestimate { node: index, factor, cause, gain: gain(look, index) });
    }
    found
}

/// Far too few were expected; far too many only where groups are counted, for a LIMIT above may stop any other node
/// before it is done.
fn factor(look: &Look<'_>, index: usize, node: &PlanNode) -> Option<f64> {
    let actual = node.actual.filter(|actual| actual.loops >= 1.0)?;
    // What stands for the rows of other nodes has no number of its own.
    if matches!(node.kind.as_str(), "Gather" | "Gather Merge" | "Materialize" | "Hash" | "Memoize") {
        return None;
    }
    // A parallel plan expects rows of each process.
    let rows = actual.rows;
    let factor = rows / node.estimated_rows.max(1.0);
    if rows * actual.loops >= FEW_ROWS && factor >= FACTOR {
        return Some(factor);
    }
    let groups = node.kind == "Aggregate" && node.keys.group.iter().any(|keys| keys.len() > 1);
    let too_many = groups && node.estimated_rows >= FEW_ROWS && rows >= 1.0 && node.estimated_rows / rows >= FACTOR;
    too_many.then_some(factor).filter(|_| look.plan.above(index).all(|above| look.node(above).kind != "Limit"))
}

fn cause(look: &Look<'_>, index: usize, node: &PlanNode, factor: f64, findings: &Findings<'_>) -> Cause {
    if matches!(node.kind.as_str(), "Function Scan" | "ProjectSet" | "Table Function Scan") {
        return Cause::Function;
    }
    if node.kind == "Aggregate" {
        return group_cause(look, index, node);
    }
    let heap = if node.kind == "Bitmap Index Scan" {
        look.plan.above(index).find_map(|above| Some(look.node(above)).filter(|node| node.relation.is_some()))
    } else {
        Some(node)
    };
    let Some((node, table)) = heap.and_then(|heap| Some((heap, table(heap)?))) else { return Cause::Unknown };
    if findings.is_stale(&table) == Some(true) {
        return Cause::Stale { table, known: true };
    }
    let fresh = findings.is_stale(&table) == Some(false);
    let conditions = [&node.conditions.index, &node.conditions.recheck, &node.conditions.filter];
    let exprs: Vec<&Expr> = conditions.into_iter().flatten().map(|condition| &condition.expr).collect();
    // The index and the heap are asked the same.
    let mut parts: Vec<&Expr> = Vec::new();
    for part in exprs.into_iter().flat_map(Expr::conjuncts) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.is_empty() && node.is_seq_scan() {
        // Without a condition the number of rows is all that was estimated.
        return if fresh { Cause::Unknown } else { Cause::Stale { table, known: true } };
    }
    if let Some(expression) = parts.iter().find_map(|part| expression_in(part)) {
        return Cause::Expression { table, expression };
    }
    let mut columns: Vec<String> = Vec::new();
    for part in &parts {
        if let Some(column) = compared_column(part).filter(|column| !columns.contains(column)) {
            columns.push(column);
        }
    }
    match &columns[..] {
        [] => Cause::Unknown,
        [column] => {
            let (kept, removed) = super::kept_and_removed(node);
            let common = removed > 0.0 && kept / (kept + removed) >= COMMON;
            if fresh {
                Cause::Sample { table, column: column.clone() }
            } else {
                // Of a value that many rows have, fresh statistics would know.
                Cause::Stale { table, known: common || factor >= 100.0 }
            }
        }
        _ => Cause::Columns { table, columns, kinds: "dependencies, mcv" },
    }
}

fn group_cause(look: &Look<'_>, index: usize, node: &PlanNode) -> Cause {
    let tables: Vec<QName> = look.plan.below(index).into_iter().filter_map(|below| table(look.node(below))).collect();
    let Some(first) = tables.first().filter(|first| tables.iter().all(|table| table == *first)) else {
        return Cause::Unknown;
    };
    let keys = node.keys.group.iter().max_by_key(|keys| keys.len());
    let plain = |key: &String| {
        let column = key.rsplit('.').next().unwrap_or(key);
        let is_name = column.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '"');
        is_name.then(|| column.to_owned())
    };
    let columns: Option<Vec<String>> = keys.map(|keys| keys.iter().map(plain).collect()).unwrap_or_default();
    match columns.filter(|columns| columns.len() > 1) {
        Some(columns) => Cause::Columns { table: first.clone(), columns, kinds: "ndistinct" },
        None => Cause::Unknown,
    }
}

/// The column of `column = value` and the like, cast or not.
fn compared_column(part: &Expr) -> Option<String> {
    let column = |expr: &Expr| expr.without_casts().as_column().map(|name| quoted(name).into_owned());
    match part {
        Expr::Binary { left, right, .. } => column(left).xor(column(right)),
        Expr::Quantified { left, .. } => column(left),
        Expr::Test { operand, .. } | Expr::In { operand, .. } | Expr::Between { operand, .. } => column(operand),
        Expr::Unary { operand, .. } => column(operand),
        other => column(other),
    }
}

/// What is computed of columns before it is compared.
fn expression_in(part: &Expr) -> Option<String> {
    let sides: Vec<&Expr> = match part {
        Expr::Binary { op, left, right } if matches!(op.as_str(), "=" | "<" | ">" | "<=" | ">=" | "<>" | "LIKE") => {
            vec![left, right]
        }
        Expr::Quantified { left, .. } => vec![left],
        Expr::In { operand, .. } | Expr::Between { operand, .. } => vec![operand],
        _ => return None,
    };
    let computed = |side: &&Expr| {
        let bare = side.without_casts();
        matches!(bare, Expr::Call(_) | Expr::Binary { .. }) && !bare.columns().is_empty()
    };
    let found = sides.into_iter().find(computed)?;
    Some(super::indexing::unqualified(found.without_casts()).to_string())
}

/// What another plan might save: a third of the scan, which the number chose; the half of what joins above took from an
/// index row by row, and nearly all of what they scanned again and again; the half of what spilled because it was taken
/// for small.
fn gain(look: &Look<'_>, node: usize) -> f64 {
    let mut gain = look.own(node) / 3.0;
    let mut below = node;
    for above in look.plan.above(node) {
        let kind = look.node(above).kind.as_str();
        let inner = look.plan.inputs(above).nth(1);
        if kind == "Nested Loop" && inner.is_some_and(|inner| inner != below) {
            let inner = inner.unwrap_or(below);
            let again = look.repeats(inner);
            let scans = look.plan.below(inner).into_iter().any(|below| look.node(below).is_seq_scan());
            let part = if scans && again > 1.0 { 1.0 - 1.0 / again } else { 0.5 };
            gain += part * look.whole(inner) + 0.5 * look.own(above);
        }
        let spilled = look.node(above).sort.as_ref().is_some_and(|sort| sort.on_disk)
            || look.node(above).aggregation.is_some_and(|aggregation| aggregation.batches > 1.0)
            || look.node(above).hash.is_some_and(|hash| hash.batches > hash.original_batches);
        if spilled {
            gain += 0.6 * look.own(above);
        }
        // Beyond a sub-plan or a CTE nobody used the number.
        if look.node(below).relationship.is_side() {
            break;
        }
        below = above;
    }
    gain
}
