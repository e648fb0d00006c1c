//! Names of a query, followed to the tables they come from: through aliases, common table expressions, derived tables,
//! views, set operations and enclosing queries.

mod conditions;
mod frame;

use model::query::{Distinct, Join, JoinCondition, Source, TargetValue};
use model::{Expr, Name, Query, Schema};

use crate::asked::{Asked, OrderKey};
use frame::{Bound, Frame, Origin, Output, What};

/// Views may stand on views, and queries in queries; what is deeper than that is passed over.
const DEPTH: usize = 48;

/// What the query asks of each table that it names, in the order of the text.
pub fn resolve(schema: &Schema, query: &Query) -> Vec<Asked> {
    let mut resolver = Resolver { schema, asked: Vec::new(), depth: 0 };
    resolver.query(query, None);
    resolver.asked
}

struct Resolver<'a> {
    schema: &'a Schema,
    asked: Vec<Asked>,
    depth: usize,
}

impl Resolver<'_> {
    /// The columns that the query gives, each with where it comes from.
    fn query(&mut self, query: &Query, outer: Option<&Frame<'_>>) -> Vec<Output> {
        if self.depth == DEPTH {
            return Vec::new();
        }
        self.depth += 1;
        let outputs = self.level(query, outer);
        self.depth -= 1;
        outputs
    }

    fn level(&mut self, query: &Query, outer: Option<&Frame<'_>>) -> Vec<Output> {
        let mut frame = Frame::within(outer);
        for cte in &query.ctes {
            if cte.recursive {
                frame.ctes.push((cte.name.clone(), Vec::new()));
            }
            let outputs = self.query(&cte.query, Some(&frame));
            frame.ctes.push((cte.name.clone(), outputs));
        }
        if let Some(set) = &query.set {
            let mut outputs = self.query(&set.left, Some(&frame));
            for (output, other) in outputs.iter_mut().zip(self.query(&set.right, Some(&frame))) {
                output.origins.extend(other.origins);
            }
            return outputs;
        }
        if let Some(write) = &query.write {
            self.bind_table(&write.table, write.alias.as_ref(), &mut frame);
            if let Some(source) = &write.query {
                self.query(source, Some(&frame));
            }
        }
        for source in &query.from {
            self.bind(source, &mut frame);
        }
        for source in &query.from {
            self.join_conditions(source, &frame);
        }
        if let Some(filter) = &query.filter {
            self.conditions(filter, &frame);
        }
        for expr in query.expressions() {
            self.read(expr, &frame);
        }
        self.orders(query, &frame);
        let returning = query.write.iter().flat_map(|write| &write.returning);
        query.targets.iter().chain(returning).flat_map(|target| self.output(target, &frame)).collect()
    }

    fn output(&mut self, target: &model::query::Target, frame: &Frame<'_>) -> Vec<Output> {
        match &target.value {
            TargetValue::Expr(expr) => {
                let origins = match expr.without_casts() {
                    Expr::Column(column) => frame.origins(column, self),
                    _ => Vec::new(),
                };
                let own = expr.as_column().cloned().unwrap_or_default();
                vec![Output { name: target.alias.clone().unwrap_or(own), origins }]
            }
            TargetValue::Star(qualifier) => {
                let mut outputs = Vec::new();
                for bound in
                    frame.bounds.iter().filter(|bound| qualifier.as_ref().is_none_or(|name| *name == bound.name))
                {
                    match &bound.what {
                        What::Table(asked) => {
                            let columns =
                                self.schema.table(&self.asked[*asked].table).map(|table| table.columns.clone());
                            outputs.extend(columns.into_iter().flatten().map(|column| {
                                let origin = Origin { asked: *asked, column: column.name.clone() };
                                Output { name: column.name.clone(), origins: vec![origin] }
                            }));
                            if self.depth == 1 {
                                self.asked[*asked].everything = true;
                            }
                        }
                        What::Derived(columns) => outputs.extend(columns.iter().cloned()),
                        What::Unknown => {}
                    }
                }
                outputs
            }
        }
    }

    /// Gives the sources of FROM their names.
    fn bind(&mut self, source: &Source, frame: &mut Frame<'_>) {
        match source {
            Source::Table(table) if table.cte => {
                let columns = frame.cte(&table.name.name).unwrap_or_default();
                let name = table.alias.clone().unwrap_or_else(|| table.name.name.clone());
                frame.bounds.push(Bound { name, what: What::Derived(columns) });
            }
            Source::Table(table) => self.bind_table(&table.name, table.alias.as_ref(), frame),
            Source::Subquery { query, alias, lateral, .. } => {
                // Without LATERAL a derived table sees what encloses the query, not its neighbours.
                let columns = match lateral {
                    true => self.query(query, Some(frame)),
                    false => self.query(query, Some(&frame.without_sources())),
                };
                let name = alias.clone().unwrap_or_default();
                frame.bounds.push(Bound { name, what: What::Derived(columns) });
            }
            Source::Function { alias, .. } => {
                frame.bounds.push(Bound { name: alias.clone().unwrap_or_default(), what: What::Unknown });
            }
            Source::Join(join) => {
                self.bind(&join.left, frame);
                self.bind(&join.right, frame);
            }
            Source::Other(_) => frame.bounds.push(Bound { name: Name::default(), what: What::Unknown }),
        }
    }

    fn bind_table(&mut self, name: &model::QName, alias: Option<&Name>, frame: &mut Frame<'_>) {
        let called = alias.cloned().unwrap_or_else(|| name.name.clone());
        let what = match self.schema.view(name) {
            Some(view) if !view.materialized => {
                let mut columns = self.query(&view.query, None);
                for (output, name) in columns.iter_mut().zip(&view.columns) {
                    output.name = name.clone();
                }
                What::Derived(columns)
            }
            Some(_) => What::Unknown,
            None if self.schema.table(name).is_some() => {
                self.asked.push(Asked::of(name.clone()));
                What::Table(self.asked.len() - 1)
            }
            None => What::Unknown,
        };
        frame.bounds.push(Bound { name: called, what });
    }

    fn join_conditions(&mut self, source: &Source, frame: &Frame<'_>) {
        let Source::Join(join) = source else { return };
        let Join { left, right, condition, .. } = &**join;
        self.join_conditions(left, frame);
        self.join_conditions(right, frame);
        match condition {
            JoinCondition::On(condition) => self.conditions(condition, frame),
            JoinCondition::Using(columns) => {
                for column in columns {
                    self.merged(column, frame);
                }
            }
            JoinCondition::Natural | JoinCondition::None => {}
        }
    }

    /// A column of USING: equal in all sources that have it.
    fn merged(&mut self, column: &Name, frame: &Frame<'_>) {
        let origins: Vec<Origin> =
            frame.bounds.iter().flat_map(|bound| bound.origins(column, self.schema, &self.asked)).collect();
        for origin in origins {
            self.asked[origin.asked].needed.insert(origin.column.clone());
            self.note(origin.asked, Expr::column(origin.column), crate::asked::ConditionKind::Join, None, false);
        }
    }

    /// Columns that an expression reads, and the queries in it.
    fn read(&mut self, expr: &Expr, frame: &Frame<'_>) {
        match expr {
            Expr::Column(column) => {
                for origin in frame.origins(column, self) {
                    self.asked[origin.asked].needed.insert(origin.column);
                }
                // `t` for a row as a whole.
                if column.qualifier.is_none()
                    && let Some(asked) = frame.row(&column.name)
                {
                    self.asked[asked].everything = true;
                }
            }
            Expr::Subquery(subquery) => {
                let outputs = self.query(&subquery.query, Some(frame));
                self.semi_join(&subquery.kind, &outputs);
            }
            Expr::Text(sql) => {
                for path in sql.references().filter(|path| path.kind == model::Kind::Column) {
                    for asked in self.asked.iter_mut().filter(|asked| asked.table == path.qname()) {
                        asked.needed.insert(path.part.clone());
                    }
                }
            }
            Expr::Call(call) if call.over.is_some() => {
                let over = call.over.iter().flat_map(|over| over.references());
                for path in over.filter(|path| path.kind == model::Kind::Column) {
                    for asked in self.asked.iter_mut().filter(|asked| asked.table == path.qname()) {
                        asked.needed.insert(path.part.clone());
                    }
                }
            }
            _ => {}
        }
        for child in expr.children() {
            self.read(child, frame);
        }
    }

    /// ORDER BY, GROUP BY and DISTINCT whose keys are all of one table, and the ends that `min` and `max` look for.
    fn orders(&mut self, query: &Query, frame: &Frame<'_>) {
        let sorted: Vec<(Expr, bool, bool)> = query
            .order_by
            .iter()
            .map(|order| {
                let key = named_target(query, &order.expr).unwrap_or(&order.expr).clone();
                (key, order.descending, order.nulls_first.unwrap_or(order.descending))
            })
            .collect();
        let plain = |keys: &[Expr]| -> Vec<(Expr, bool, bool)> {
            keys.iter().map(|key| (named_target(query, key).unwrap_or(key).clone(), false, false)).collect()
        };
        self.order(&sorted, frame);
        self.order(&plain(&query.group_by), frame);
        if let Distinct::On(keys) = &query.distinct {
            self.order(&plain(keys), frame);
        }
        if query.distinct == Distinct::All {
            let keys: Vec<Expr> = query
                .targets
                .iter()
                .filter_map(|target| match &target.value {
                    TargetValue::Expr(expr) => Some(expr.clone()),
                    TargetValue::Star(_) => None,
                })
                .collect();
            if keys.len() == query.targets.len() {
                self.order(&plain(&keys), frame);
            }
        }
        if query.group_by.is_empty() {
            let mut ends = Vec::new();
            for target in &query.targets {
                if let TargetValue::Expr(expr) = &target.value {
                    expr.walk(&mut |part| match part {
                        Expr::Call(call)
                            if matches!(call.function.name.as_str(), "min" | "max") && call.args.len() == 1 =>
                        {
                            ends.push((call.args[0].clone(), false, false));
                        }
                        _ => {}
                    });
                }
            }
            for end in ends {
                self.order(&[end], frame);
            }
        }
    }

    fn order(&mut self, keys: &[(Expr, bool, bool)], frame: &Frame<'_>) {
        let mut found: Option<usize> = None;
        let mut order = Vec::new();
        for (key, descending, nulls_first) in keys {
            let keyed = self.keyed(key, frame);
            let [(asked, key)] = &keyed[..] else { return };
            if found.is_some_and(|found| found != *asked) {
                return;
            }
            found = Some(*asked);
            order.push(OrderKey { key: key.clone(), descending: *descending, nulls_first: *nulls_first });
        }
        if let Some(asked) = found
            && !self.asked[asked].orders.contains(&order)
        {
            self.asked[asked].orders.push(order);
        }
    }
}

/// `ORDER BY 2` and `ORDER BY total` name items of the SELECT list.
fn named_target<'q>(query: &'q Query, key: &Expr) -> Option<&'q Expr> {
    let value = |value: &'q TargetValue| match value {
        TargetValue::Expr(expr) => Some(expr),
        TargetValue::Star(_) => None,
    };
    match key {
        Expr::Number(number) => {
            let position: usize = number.parse().ok()?;
            value(&query.targets.get(position.checked_sub(1)?)?.value)
        }
        Expr::Column(column) if column.qualifier.is_none() => {
            let target = query.targets.iter().find(|target| target.alias.as_ref() == Some(&column.name))?;
            value(&target.value)
        }
        _ => None,
    }
}
