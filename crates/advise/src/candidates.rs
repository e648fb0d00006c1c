//! Which indexes could serve what a query asks: first one key each, then those that go further on the keys that the
//! planner took.

use std::collections::BTreeSet;

use model::object::{Index, IndexKey, Table};
use model::stats::TableStats;
use model::{Expr, Name, QName, Type};

use crate::asked::{Asked, Condition, ConditionKind, OrderKey};
use crate::parts::{self, Constants};

/// An index that could be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub table: QName,
    pub index: Index,
}

/// No index has more keys than this, and no more columns beside them than the other.
const KEYS: usize = 3;
const INCLUDED: usize = 6;

impl Candidate {
    fn btree(table: &QName, keys: Vec<IndexKey>) -> Candidate {
        let index = Index { keys, ..Index::btree(Name::default(), []) };
        Candidate { table: table.clone(), index }
    }

    /// What it is, whatever its name: the order of candidates, and how two are told apart.
    pub(crate) fn identity(&self) -> String {
        format!("{:?}", (&self.table, &self.index))
    }
}

/// What candidates are made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ground<'a> {
    pub(crate) table: &'a Table,
    pub(crate) stats: &'a TableStats,
    pub(crate) asked: &'a Asked,
    /// Extensions that the database has: `pg_trgm`.
    pub(crate) trigrams: bool,
    /// Text is sorted byte by byte, so that a plain index knows prefixes.
    pub(crate) bytewise: bool,
    /// What the whole workload compares columns to.
    pub(crate) constants: &'a Constants,
}

/// How far candidates of several keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Keys alone.
    Keys,
    /// Columns beside them and parts of the table as well.
    Whole,
}

fn plain(expr: &Expr) -> IndexKey {
    IndexKey { expr: expr.clone(), ..IndexKey::column(Name::default()) }
}

fn with_class(expr: &Expr, class: &str) -> IndexKey {
    IndexKey { opclass: Some(QName::builtin(class)), ..plain(expr) }
}

impl Ground<'_> {
    /// One key each.
    pub(crate) fn singles(&self) -> Vec<Candidate> {
        let mut found = Vec::new();
        for condition in &self.asked.conditions {
            found.extend(self.single(condition));
        }
        for order in &self.asked.orders {
            found.extend(order.first().map(|key| self.btree(vec![self.ordered(key)])));
        }
        self.sound(found)
    }

    fn single(&self, condition: &Condition) -> Vec<Candidate> {
        let key = &condition.key;
        match &condition.kind {
            ConditionKind::Equal | ConditionKind::In | ConditionKind::Join | ConditionKind::Null => {
                vec![self.btree(vec![plain(key)])]
            }
            ConditionKind::Range => {
                let mut found = vec![self.btree(vec![plain(key)])];
                // Rows that lie in the order of the column, in a large table: a range of pages is enough.
                let known = key.as_column().and_then(|name| self.stats.columns.get(name));
                if known.is_some_and(|known| known.correlation.abs() > 0.9) && self.stats.bytes > 64 << 20 {
                    found.push(self.of_method("brin", plain(key)));
                }
                found
            }
            ConditionKind::Prefix if self.bytewise => vec![self.btree(vec![plain(key)])],
            ConditionKind::Prefix => vec![self.btree(vec![with_class(key, self.pattern_class(key))])],
            ConditionKind::Search if self.trigrams => vec![self.of_method("gin", with_class(key, "gin_trgm_ops"))],
            ConditionKind::Contains(op) => self.containment(key, op).into_iter().collect(),
            ConditionKind::True | ConditionKind::False | ConditionKind::NotNull | ConditionKind::Search => Vec::new(),
        }
    }

    fn pattern_class(&self, key: &Expr) -> &'static str {
        match key.as_column().and_then(|name| self.table.column(name)).map(|column| &column.ty) {
            Some(Type::Varchar(_)) => "varchar_pattern_ops",
            Some(Type::Char(_)) => "bpchar_pattern_ops",
            _ => "text_pattern_ops",
        }
    }

    fn containment(&self, key: &Expr, op: &str) -> Option<Candidate> {
        let ty = key.as_column().and_then(|name| self.table.column(name)).map(|column| &column.ty);
        match (ty, op) {
            // Half as large, and all that `@>` needs.
            (Some(Type::Jsonb), "@>" | "@?" | "@@") => Some(self.of_method("gin", with_class(key, "jsonb_path_ops"))),
            (Some(Type::Jsonb), "?" | "?|" | "?&") => Some(self.of_method("gin", plain(key))),
            (Some(Type::Array(_)), "@>" | "<@" | "&&") => Some(self.of_method("gin", plain(key))),
            (_, "@@") => Some(self.of_method("gin", plain(key))),
            (Some(Type::Named(_)), "@>" | "<@" | "&&") => Some(self.of_method("gist", plain(key))),
            _ => None,
        }
    }

    fn btree(&self, keys: Vec<IndexKey>) -> Candidate {
        Candidate::btree(&self.asked.table, keys)
    }

    fn of_method(&self, method: &str, key: IndexKey) -> Candidate {
        let mut candidate = self.btree(vec![key]);
        candidate.index.method = method.into();
        candidate
    }

    fn ordered(&self, order: &OrderKey) -> IndexKey {
        IndexKey { descending: order.descending, nulls_first: order.nulls_first, ..plain(&order.key) }
    }

    /// Several keys, columns beside them, and parts of the table: built on the keys that the planner took alone, or of
    /// all conditions together.
    pub(crate) fn composites(&self, taken: &[Expr], depth: Depth) -> Vec<Candidate> {
        let mut lists: Vec<Vec<IndexKey>> = Vec::new();
        let of = |kinds: &[ConditionKind]| -> Vec<&Expr> {
            let wanted = self.asked.conditions.iter().filter(|condition| !condition.branch);
            let mut keys: Vec<&Expr> =
                wanted.filter(|condition| kinds.contains(&condition.kind)).map(|condition| &condition.key).collect();
            keys.sort_by(|one, other| {
                let distinct = |key: &Expr| self.distinct(key);
                distinct(other).total_cmp(&distinct(one)).then_with(|| one.to_string().cmp(&other.to_string()))
            });
            keys.dedup();
            keys
        };
        let mut equal = of(&[ConditionKind::Equal]);
        equal.extend(of(&[ConditionKind::Null, ConditionKind::In]));
        let joins = of(&[ConditionKind::Join]);
        let ranges = of(&[ConditionKind::Range]);
        let keys = |exprs: &[&Expr]| exprs.iter().map(|expr| plain(expr)).collect::<Vec<_>>();
        let equals = &equal[..equal.len().min(KEYS)];

        lists.push(keys(equals));
        for join in &joins {
            lists.push([keys(equals), keys(&[join])].concat());
            lists.push([keys(&[join]), keys(equals)].concat());
            for range in &ranges {
                lists.push([keys(&[join]), keys(&[range])].concat());
            }
            for other in joins.iter().filter(|other| *other != join) {
                lists.push(keys(&[join, other]));
            }
        }
        for range in &ranges {
            lists.push([keys(equals), keys(&[range])].concat());
        }
        for order in &self.asked.orders {
            let ordered: Vec<IndexKey> = order.iter().map(|key| self.ordered(key)).collect();
            // Keys that are constant say nothing about the order.
            let free = |key: &&IndexKey| !equals.contains(&&key.expr);
            lists.push([keys(equals), ordered.iter().filter(free).cloned().collect()].concat());
            lists.push(ordered);
        }
        for key in taken {
            let rest = equal.iter().chain(&joins).chain(&ranges).filter(|other| **other != key);
            lists.extend(rest.map(|other| keys(&[key, other])));
            lists.push(keys(&[key]));
        }
        for list in &mut lists {
            let mut seen: Vec<Expr> = Vec::new();
            list.retain(|key| {
                !seen.contains(&key.expr) && {
                    seen.push(key.expr.clone());
                    true
                }
            });
            list.truncate(KEYS);
        }
        lists.retain(|list| !list.is_empty());

        let mut found: Vec<Candidate> = Vec::new();
        for list in lists {
            let candidate = self.btree(list);
            if depth == Depth::Whole {
                found.extend(self.covering(&candidate));
                found.extend(self.partial(&candidate));
            }
            found.push(candidate);
        }
        self.sound(found)
    }

    fn distinct(&self, key: &Expr) -> f64 {
        key.as_column().and_then(|name| self.stats.columns.get(name)).map_or(1.0, |known| known.distinct)
    }

    /// With all that the query reads of the table, so that the table itself need not be read.
    fn covering(&self, candidate: &Candidate) -> Option<Candidate> {
        if self.asked.everything {
            return None;
        }
        let keys: BTreeSet<&Name> = candidate.index.keys.iter().filter_map(|key| key.expr.as_column()).collect();
        let include: Vec<Name> = self.asked.needed.iter().filter(|name| !keys.contains(name)).cloned().collect();
        if include.is_empty() || include.len() > INCLUDED {
            return None;
        }
        let mut covering = candidate.clone();
        covering.index.include = include;
        Some(covering)
    }

    /// Only for the rows that a condition with a constant keeps.
    fn partial(&self, candidate: &Candidate) -> Vec<Candidate> {
        let mut found = Vec::new();
        for condition in self.asked.conditions.iter().filter(|condition| !condition.branch) {
            let Some(predicate) = predicate(condition) else { continue };
            if parts::reason(&self.table.name, &predicate, self.stats, self.constants).is_none() {
                continue;
            }
            let mut partial = candidate.clone();
            partial.index.keys.retain(|key| key.expr != condition.key);
            if partial.index.keys.is_empty() {
                // What the rest of the query wants is as good a key as any.
                let Some(key) = self.asked.needed.iter().find(|name| condition.key.as_column() != Some(name)) else {
                    continue;
                };
                partial.index.keys.push(IndexKey::column(key.clone()));
            }
            partial.index.predicate = Some(predicate);
            found.push(partial);
        }
        found
    }

    /// What PostgreSQL would not take, or what is there already, is no candidate.
    fn sound(&self, candidates: Vec<Candidate>) -> Vec<Candidate> {
        let mut seen = BTreeSet::new();
        let there = there(self.table);
        candidates
            .into_iter()
            .filter(|candidate| {
                let identity = candidate.identity();
                let comparable = candidate.index.method != "btree"
                    || candidate.index.keys.iter().all(|key| self.is_comparable(&key.expr));
                comparable && !there.contains(&identity) && seen.insert(identity)
            })
            .collect()
    }

    /// The type of the key has an order.
    fn is_comparable(&self, key: &Expr) -> bool {
        let ty = key.as_column().and_then(|name| self.table.column(name)).map(|column| &column.ty);
        !matches!(ty, Some(Type::Json | Type::Xml))
            && !matches!(ty, Some(Type::Named(named)) if ["point", "box", "polygon", "line", "circle", "path", "lseg"].contains(&named.name.name.as_str()))
    }
}

/// What the table has already: its indexes, and those behind its keys.
pub(crate) fn there(table: &Table) -> BTreeSet<String> {
    let indexes = table.indexes.iter().map(|index| Candidate {
        table: table.name.clone(),
        index: Index { name: Name::default(), unique: false, ..index.clone() },
    });
    let keys = table.constraints.iter().filter_map(|constraint| constraint.as_key()).map(|key| {
        Candidate::btree(&table.name, key.columns.iter().map(|name| IndexKey::column(name.clone())).collect())
    });
    indexes.chain(keys).map(|candidate| candidate.identity()).collect()
}

fn predicate(condition: &Condition) -> Option<Expr> {
    let key = condition.key.clone();
    let test = |test: &str| Expr::Test { operand: Box::new(condition.key.clone()), test: test.into() };
    Some(match &condition.kind {
        ConditionKind::Equal => Expr::binary("=", key, condition.value.clone()?),
        ConditionKind::Null => test("IS NULL"),
        ConditionKind::NotNull => test("IS NOT NULL"),
        ConditionKind::True => key,
        ConditionKind::False => Expr::Unary { op: "NOT".into(), operand: Box::new(key) },
        _ => return None,
    })
}
