//! The conditions of WHERE and ON that an index may find rows by.

use model::expr::SubqueryKind;
use model::{Expr, Type};

use super::Resolver;
use super::frame::{Frame, Output};
use crate::asked::{Condition, ConditionKind};

impl Resolver<'_> {
    /// Notes what the parts of a condition ask of tables; all of them hold.
    pub(super) fn conditions(&mut self, condition: &Expr, frame: &Frame<'_>) {
        for part in condition.conjuncts() {
            self.condition(part, frame, false);
        }
    }

    fn condition(&mut self, part: &Expr, frame: &Frame<'_>, branch: bool) {
        match part {
            Expr::Binary { op, left, right } => match op.as_str() {
                "OR" => self.branches(part, frame),
                "AND" => part.conjuncts().into_iter().for_each(|part| self.condition(part, frame, branch)),
                "=" | "<" | ">" | "<=" | ">=" => self.comparison(op, left, right, frame, branch),
                "LIKE" => self.pattern(left, right, frame, branch),
                "ILIKE" | "~" | "~*" | "SIMILAR TO" => {
                    self.against_value(left, right, ConditionKind::Search, frame, branch);
                }
                "@>" | "<@" | "?" | "?|" | "?&" | "&&" | "@@" | "@?" => {
                    let kind = |op: &str| ConditionKind::Contains(op.into());
                    self.against_value(left, right, kind(op), frame, branch);
                    let turned = match op.as_str() {
                        "@>" => "<@",
                        "<@" => "@>",
                        same => same,
                    };
                    self.against_value(right, left, kind(turned), frame, branch);
                }
                _ => {}
            },
            Expr::In { operand, list, negated: false } => {
                let constant = list.iter().all(is_constant);
                if list.iter().all(|item| self.is_value(item, frame)) {
                    let value = constant.then(|| part.clone());
                    self.keys(operand, ConditionKind::In, value.as_ref(), frame, branch);
                }
            }
            Expr::Quantified { op, left, all: false, right } if op == "=" => {
                self.against_value(left, right, ConditionKind::In, frame, branch);
            }
            Expr::Between { operand, low, high, negated: false, .. }
                if self.is_other(operand, low, frame) && self.is_other(operand, high, frame) =>
            {
                self.keys(operand, ConditionKind::Range, None, frame, branch);
            }
            Expr::Test { operand, test } => {
                let kind = match test.as_str() {
                    "IS NULL" => ConditionKind::Null,
                    "IS NOT NULL" => ConditionKind::NotNull,
                    "IS TRUE" => ConditionKind::True,
                    "IS FALSE" => ConditionKind::False,
                    _ => return,
                };
                self.keys(operand, kind, None, frame, branch);
            }
            Expr::Subquery(subquery) => {
                if let SubqueryKind::In { operand, negated: false }
                | SubqueryKind::Quantified { operand, all: false, .. } = &subquery.kind
                {
                    self.keys(operand, ConditionKind::Join, None, frame, branch);
                }
            }
            Expr::Column(_) => self.truth(part, ConditionKind::True, frame, branch),
            Expr::Unary { op, operand } if op == "NOT" => self.truth(operand, ConditionKind::False, frame, branch),
            _ => {}
        }
    }

    fn truth(&mut self, key: &Expr, kind: ConditionKind, frame: &Frame<'_>, branch: bool) {
        for (asked, key) in self.keyed(key, frame) {
            let column = key.as_column().and_then(|column| self.schema.column(&self.asked[asked].table, column));
            if column.is_some_and(|column| column.ty == Type::Boolean) {
                self.note(asked, key, kind.clone(), None, branch);
            }
        }
    }

    /// What holds in every branch holds; the rest may serve a bitmap for each branch.
    fn branches(&mut self, whole: &Expr, frame: &Frame<'_>) {
        let mut branches = Vec::new();
        arms(whole, &mut branches);
        let parts: Vec<Vec<&Expr>> = branches.iter().map(|branch| branch.conjuncts()).collect();
        let first = parts.first().expect("an OR has two branches");
        let is_common = |part: &Expr| parts.iter().all(|parts| parts.contains(&part));
        for part in first.iter().filter(|part| is_common(part)) {
            self.condition(part, frame, false);
        }
        for part in parts.iter().flatten().filter(|part| !is_common(part)) {
            self.condition(part, frame, true);
        }
    }

    fn comparison(&mut self, op: &str, left: &Expr, right: &Expr, frame: &Frame<'_>, branch: bool) {
        if let (Expr::Row(left), Expr::Row(right)) = (left, right) {
            // Of a range over a row an index finds the start.
            let pairs = left.iter().zip(right);
            let count = if op == "=" { left.len() } else { 1 };
            pairs.take(count).for_each(|(left, right)| self.comparison(op, left, right, frame, branch));
            return;
        }
        for (side, other) in [(left, right), (right, left)] {
            if !self.is_other(side, other, frame) {
                continue;
            }
            let kind = match (op, self.is_value(other, frame)) {
                ("=", true) => ConditionKind::Equal,
                ("=", false) => ConditionKind::Join,
                _ => ConditionKind::Range,
            };
            let value = is_constant(other).then_some(other);
            self.keys(side, kind, value, frame, branch);
        }
    }

    fn pattern(&mut self, key: &Expr, pattern: &Expr, frame: &Frame<'_>, branch: bool) {
        let kind = match pattern.without_casts() {
            Expr::String(text) if !text.starts_with(['%', '_']) => ConditionKind::Prefix,
            Expr::String(_) => ConditionKind::Search,
            // A pattern that is not known yet: prepared statements cannot count on its start.
            _ => ConditionKind::Search,
        };
        self.against_value(key, pattern, kind, frame, branch);
    }

    fn against_value(&mut self, key: &Expr, value: &Expr, kind: ConditionKind, frame: &Frame<'_>, branch: bool) {
        if self.is_value(value, frame) {
            let constant = is_constant(value).then_some(value);
            self.keys(key, kind, constant, frame, branch);
        }
    }

    fn keys(&mut self, key: &Expr, kind: ConditionKind, value: Option<&Expr>, frame: &Frame<'_>, branch: bool) {
        for (asked, key) in self.keyed(key, frame) {
            self.note(asked, key, kind.clone(), value.cloned(), branch);
        }
    }

    pub(super) fn note(&mut self, asked: usize, key: Expr, kind: ConditionKind, value: Option<Expr>, branch: bool) {
        let condition = Condition { key, kind, value, branch };
        let conditions = &mut self.asked[asked].conditions;
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }

    /// `x IN (SELECT y …)` joins y as well.
    pub(super) fn semi_join(&mut self, kind: &SubqueryKind, outputs: &[Output]) {
        let joins = matches!(kind, SubqueryKind::In { .. } | SubqueryKind::Quantified { .. });
        let Some(first) = outputs.first().filter(|_| joins) else { return };
        for origin in first.origins.clone() {
            self.note(origin.asked, Expr::column(origin.column), ConditionKind::Join, None, false);
        }
    }

    /// The expression as each table that it is made of would name it; nothing where several tables are in it.
    pub(super) fn keyed(&self, expr: &Expr, frame: &Frame<'_>) -> Vec<(usize, Expr)> {
        let expr = self.without_relabel(expr, frame);
        if let Expr::Column(column) = expr {
            let origins = frame.origins(column, self);
            return origins.into_iter().map(|origin| (origin.asked, Expr::column(origin.column))).collect();
        }
        let (mut table, mut is_one) = (None, true);
        expr.walk(&mut |part| match part {
            Expr::Column(column) => match &frame.origins(column, self)[..] {
                [origin] if table.is_none_or(|table| table == origin.asked) => table = Some(origin.asked),
                _ => is_one = false,
            },
            Expr::Call(call) if call.over.is_some() || call.is_aggregate() => is_one = false,
            Expr::Subquery(_) | Expr::Text(_) | Expr::Parameter(_) => is_one = false,
            _ => {}
        });
        match table.filter(|_| is_one) {
            Some(asked) => vec![(asked, self.bare(expr, frame))],
            None => Vec::new(),
        }
    }

    /// Text under another name compares as it is: `varchar` as `text`.
    fn without_relabel<'e>(&self, expr: &'e Expr, frame: &Frame<'_>) -> &'e Expr {
        let Expr::Cast { operand, ty: Type::Text | Type::Varchar(None) } = expr else { return expr };
        let Expr::Column(column) = &**operand else { return expr };
        let is_text = |ty: &Type| matches!(ty, Type::Text | Type::Varchar(_));
        let origins = frame.origins(column, self);
        let mut columns =
            origins.iter().map(|origin| self.schema.column(&self.asked[origin.asked].table, &origin.column));
        match columns.all(|column| column.is_some_and(|column| is_text(&column.ty))) {
            true => operand,
            false => expr,
        }
    }

    fn bare(&self, expr: &Expr, frame: &Frame<'_>) -> Expr {
        fn strip(expr: &mut Expr, resolver: &Resolver<'_>, frame: &Frame<'_>) {
            if let Expr::Column(column) = expr {
                if let [origin] = &frame.origins(column, resolver)[..] {
                    column.name = origin.column.clone();
                }
                column.qualifier = None;
            }
            expr.children_mut().into_iter().for_each(|child| strip(child, resolver, frame));
        }
        let mut bare = expr.clone();
        strip(&mut bare, self, frame);
        bare
    }

    /// The same for every row of the table at hand: no column of any table of the query.
    fn is_value(&self, expr: &Expr, frame: &Frame<'_>) -> bool {
        let mut value = true;
        expr.walk(&mut |part| match part {
            Expr::Column(column) => value &= frame.origins(column, self).is_empty() && column.qualifier.is_none(),
            Expr::Text(_) => value = false,
            _ => {}
        });
        value
    }

    /// Nothing in it comes from the table that the side is about.
    fn is_other(&self, side: &Expr, other: &Expr, frame: &Frame<'_>) -> bool {
        let mine: Vec<usize> = self.keyed(side, frame).into_iter().map(|(asked, _)| asked).collect();
        let mut is_other = true;
        other.walk(&mut |part| {
            if let Expr::Column(column) = part {
                is_other &= frame.origins(column, self).iter().all(|origin| !mine.contains(&origin.asked));
            }
        });
        is_other
    }
}

fn arms<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Binary { op, left, right } if op == "OR" => {
            arms(left, found);
            arms(right, found);
        }
        other => found.push(other),
    }
}

pub(crate) fn is_constant(expr: &Expr) -> bool {
    matches!(expr.without_casts(), Expr::Number(_) | Expr::String(_) | Expr::Bool(_))
}
