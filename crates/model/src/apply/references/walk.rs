//! The way through everything that an object names. It is said once and made twice: to look, and to rewrite.

use crate::expr::{Call, ColumnRef, Expr, Piece, Sql};
use crate::name::{Name, PG_CATALOG, QName};
use crate::object::*;
use crate::path::{Kind, Path};
use crate::query::{Distinct, JoinCondition, Query, Source as From, TargetValue};
use crate::ty::Type;

/// A table that a bare or qualified column may belong to.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The alias, or the table's own name.
    name: Name,
    pub(crate) table: QName,
    aliased: bool,
}

/// The tables in sight of an expression, innermost first.
#[derive(Debug)]
struct Scope<'a> {
    sources: Vec<Source>,
    /// The columns of a table's own expressions are surely its own; those of a query may be another's.
    certain: bool,
    outer: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    const NONE: Scope<'static> = Scope { sources: Vec::new(), certain: false, outer: None };

    /// What a table's own checks, defaults and policies see.
    fn of_table(table: &QName) -> Scope<'static> {
        let own = Source { name: table.name.clone(), table: table.clone(), aliased: false };
        Scope { sources: vec![own], certain: true, outer: None }
    }

    /// What triggers and rules see besides.
    fn of_rows(table: &QName) -> Scope<'static> {
        let mut scope = Scope::of_table(table);
        for row in ["new", "old"] {
            scope.sources.push(Source { name: row.into(), table: table.clone(), aliased: true });
        }
        scope
    }

    fn level_of(&self, qualifier: &str) -> Option<(bool, &Source)> {
        let found = self.sources.iter().find(|source| source.name == qualifier);
        found.map(|source| (self.certain, source)).or_else(|| self.outer?.level_of(qualifier))
    }

    /// The innermost level that has a FROM list.
    fn nearest(&self) -> (bool, &[Source]) {
        match self.outer {
            Some(outer) if self.sources.is_empty() => outer.nearest(),
            _ => (self.certain, &self.sources),
        }
    }
}

fn sources_of(query: &Query) -> Vec<Source> {
    let tables = query.tables().into_iter().filter(|table| !table.cte).map(|table| (&table.name, &table.alias));
    let written = query.write.iter().map(|write| (&write.table, &write.alias));
    let source = |(name, alias): (&QName, &Option<Name>)| Source {
        name: alias.clone().unwrap_or_else(|| name.name.clone()),
        table: name.clone(),
        aliased: alias.is_some(),
    };
    tables.chain(written).map(source).collect()
}

macro_rules! walk {
    ($name:ident, $Ref:ident $(, $mutable:tt)?) => {
        #[allow(for_loops_over_fallibles, reason = "an option is walked like any other list")]
        pub(crate) mod $name {
            use super::*;

            /// One name that an object holds of something else.
            #[derive(Debug)]
            #[allow(dead_code, reason = "to look and to rewrite do not need the same of it")]
            pub(crate) enum $Ref<'a> {
                /// A table, view or sequence.
                Relation(&'a $($mutable)? QName),
                /// A column of that table.
                Column(&'a QName, &'a $($mutable)? Name),
                /// A column of one of these tables, as a query names it.
                Guess(&'a [Source], &'a $($mutable)? Name),
                /// The name of that table before a column's.
                Qualifier(&'a QName, &'a $($mutable)? Name),
                /// `*` in a query over these tables.
                Star(&'a [Source]),
                /// The row of a partitioned table's or another's index, by its name in the schema.
                Index(&'a $($mutable)? QName),
                Type(&'a $($mutable)? QName),
                Routine(&'a $($mutable)? QName),
                Collation(&'a $($mutable)? QName),
                Role(&'a $($mutable)? Name),
                Namespace(&'a $($mutable)? Name),
                Server(&'a $($mutable)? Name),
                /// The text of a relation's name in `nextval('…')` or `'…'::regclass`.
                Regclass(&'a $($mutable)? Name),
                /// A resolved name inside SQL text.
                Path(&'a $($mutable)? Path),
            }

            type Visit<'v> = dyn FnMut(&Path, $Ref<'_>) + 'v;

            /// Calls `visit` with every name that the object holds, and the object or the part of it that holds it.
            pub(crate) fn object(path: &Path, object: &$($mutable)? Object, visit: &mut Visit<'_>) {
                let none = &Scope::NONE;
                match object {
                    Object::Table(shared) => {
                        let table = walk!(@open shared $($mutable)?);
                        self::table(path, table, visit);
                    }
                    Object::View(shared) => {
                        let view = walk!(@open shared $($mutable)?);
                        self::view(path, view, visit);
                    }
                    Object::Sequence(sequence) => self::sequence(path, sequence, visit),
                    Object::Domain(shared) => {
                        let domain = walk!(@open shared $($mutable)?);
                        ty(path, &$($mutable)? domain.base, visit);
                        for expr in &$($mutable)? domain.default {
                            self::expr(path, none, expr, visit);
                        }
                        for check in &$($mutable)? domain.checks {
                            self::expr(path, none, &$($mutable)? check.expr, visit);
                        }
                        for name in &$($mutable)? domain.collation {
                            visit(path, $Ref::Collation(name));
                        }
                    }
                    Object::Composite(shared) => {
                        let composite = walk!(@open shared $($mutable)?);
                        for attribute in &$($mutable)? composite.attributes {
                            ty(path, &$($mutable)? attribute.ty, visit);
                        }
                    }
                    Object::Range(range) => ty(path, &$($mutable)? range.subtype, visit),
                    Object::Routine(shared) => {
                        let routine = walk!(@open shared $($mutable)?);
                        self::routine(path, routine, visit);
                    }
                    Object::Aggregate(aggregate) => {
                        sql(path, &$($mutable)? aggregate.arguments, visit);
                        for (_, option) in &$($mutable)? aggregate.options {
                            sql(path, option, visit);
                        }
                    }
                    Object::EventTrigger(trigger) => visit(path, $Ref::Routine(&$($mutable)? trigger.function)),
                    Object::Statistics(statistics) => {
                        let scope = Scope::of_table(&statistics.table);
                        for key in &$($mutable)? statistics.keys {
                            self::expr(path, &scope, key, visit);
                        }
                        visit(path, $Ref::Relation(&$($mutable)? statistics.table));
                    }
                    Object::Publication(publication) => self::publication(path, publication, visit),
                    Object::DefaultPrivileges(defaults) => {
                        for role in &$($mutable)? defaults.role {
                            visit(path, $Ref::Role(role));
                        }
                        for name in &$($mutable)? defaults.schema {
                            visit(path, $Ref::Namespace(name));
                        }
                    }
                    Object::Named(named) => {
                        sql(path, &$($mutable)? named.create, visit);
                        for alter in &$($mutable)? named.alters {
                            sql(path, alter, visit);
                        }
                    }
                    Object::Role(role) => {
                        for other in &$($mutable)? role.member_of {
                            visit(path, $Ref::Role(other));
                        }
                    }
                    Object::Extension(extension) => {
                        for name in &$($mutable)? extension.schema {
                            visit(path, $Ref::Namespace(name));
                        }
                    }
                    // Parts are visited with what they stand in.
                    Object::Namespace(_)
                    | Object::Enum(_)
                    | Object::Column(_)
                    | Object::Constraint(_)
                    | Object::Index(_)
                    | Object::Trigger(_)
                    | Object::Rule(_)
                    | Object::Policy(_) => {}
                }
            }

            fn table(path: &Path, table: &$($mutable)? Table, visit: &mut Visit<'_>) {
                let name = table.name.clone();
                let scope = &Scope::of_table(&name);
                for column in &$($mutable)? table.columns {
                    self::column(&name, scope, walk!(@open column $($mutable)?), visit);
                }
                for constraint in &$($mutable)? table.constraints {
                    self::constraint(&name, scope, constraint, visit);
                }
                for index in &$($mutable)? table.indexes {
                    self::index(&name, scope, index, visit);
                }
                for trigger in &$($mutable)? table.triggers {
                    self::trigger(&name, trigger, visit);
                }
                for rule in &$($mutable)? table.rules {
                    self::rule(&name, rule, visit);
                }
                for policy in &$($mutable)? table.policies {
                    self::policy(&name, scope, policy, visit);
                }
                for by in &$($mutable)? table.partition_by {
                    for key in &$($mutable)? by.keys {
                        self::expr(path, scope, &$($mutable)? key.expr, visit);
                    }
                }
                for of in &$($mutable)? table.partition_of {
                    sql(path, &$($mutable)? of.bound, visit);
                    visit(path, $Ref::Relation(&$($mutable)? of.parent));
                }
                for parent in &$($mutable)? table.inherits {
                    visit(path, $Ref::Relation(parent));
                }
                for ty in &$($mutable)? table.of_type {
                    visit(path, $Ref::Type(ty));
                }
                for foreign in &$($mutable)? table.foreign {
                    visit(path, $Ref::Server(&$($mutable)? foreign.server));
                }
            }

            fn column(table: &QName, scope: &Scope<'_>, column: &$($mutable)? Column, visit: &mut Visit<'_>) {
                let path = &Path::column(table, column.name.clone());
                ty(path, &$($mutable)? column.ty, visit);
                for name in &$($mutable)? column.collation {
                    visit(path, $Ref::Collation(name));
                }
                for default in &$($mutable)? column.default {
                    self::expr(path, scope, default, visit);
                }
                for generated in &$($mutable)? column.generated {
                    self::expr(path, scope, &$($mutable)? generated.expr, visit);
                }
            }

            fn constraint(table: &QName, scope: &Scope<'_>, constraint: &$($mutable)? Constraint, visit: &mut Visit<'_>) {
                let path = &Path::constraint(table, constraint.name.clone());
                match &$($mutable)? constraint.kind {
                    ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                        for column in &$($mutable)? key.columns {
                            visit(path, $Ref::Column(table, column));
                        }
                        for column in &$($mutable)? key.include {
                            visit(path, $Ref::Column(table, column));
                        }
                    }
                    ConstraintKind::ForeignKey(key) => {
                        for column in &$($mutable)? key.columns {
                            visit(path, $Ref::Column(table, column));
                        }
                        for column in &$($mutable)? key.set_columns {
                            visit(path, $Ref::Column(table, column));
                        }
                        let target = key.table.clone();
                        for column in &$($mutable)? key.targets {
                            visit(path, $Ref::Column(&target, column));
                        }
                        visit(path, $Ref::Relation(&$($mutable)? key.table));
                    }
                    ConstraintKind::Check(check) => expr(path, scope, check, visit),
                    ConstraintKind::Exclude(exclude) => {
                        for element in &$($mutable)? exclude.elements {
                            index_key(path, scope, &$($mutable)? element.key, visit);
                        }
                        for column in &$($mutable)? exclude.include {
                            visit(path, $Ref::Column(table, column));
                        }
                        for predicate in &$($mutable)? exclude.predicate {
                            expr(path, scope, predicate, visit);
                        }
                    }
                }
            }

            fn index(table: &QName, scope: &Scope<'_>, index: &$($mutable)? Index, visit: &mut Visit<'_>) {
                let path = &Path::index(table, index.name.clone());
                for key in &$($mutable)? index.keys {
                    index_key(path, scope, key, visit);
                }
                for column in &$($mutable)? index.include {
                    visit(path, $Ref::Column(table, column));
                }
                for predicate in &$($mutable)? index.predicate {
                    expr(path, scope, predicate, visit);
                }
                for parent in &$($mutable)? index.attached_to {
                    visit(path, $Ref::Index(parent));
                }
            }

            fn index_key(path: &Path, scope: &Scope<'_>, key: &$($mutable)? IndexKey, visit: &mut Visit<'_>) {
                expr(path, scope, &$($mutable)? key.expr, visit);
                for name in &$($mutable)? key.collation {
                    visit(path, $Ref::Collation(name));
                }
            }

            fn trigger(table: &QName, trigger: &$($mutable)? Trigger, visit: &mut Visit<'_>) {
                let path = &Path::part(Kind::Trigger, table, trigger.name.clone());
                let scope = &Scope::of_rows(table);
                for event in &$($mutable)? trigger.events {
                    if let Event::Update(columns) = event {
                        for column in columns {
                            visit(path, $Ref::Column(table, column));
                        }
                    }
                }
                for when in &$($mutable)? trigger.when {
                    expr(path, scope, when, visit);
                }
                visit(path, $Ref::Routine(&$($mutable)? trigger.function));
                for constraint in &$($mutable)? trigger.constraint {
                    for from in &$($mutable)? constraint.from {
                        visit(path, $Ref::Relation(from));
                    }
                }
            }

            fn rule(owner: &QName, rule: &$($mutable)? Rule, visit: &mut Visit<'_>) {
                let path = &Path::part(Kind::Rule, owner, rule.name.clone());
                for condition in &$($mutable)? rule.condition {
                    expr(path, &Scope::of_rows(owner), condition, visit);
                }
                sql(path, &$($mutable)? rule.actions, visit);
            }

            fn policy(table: &QName, scope: &Scope<'_>, policy: &$($mutable)? Policy, visit: &mut Visit<'_>) {
                let path = &Path::part(Kind::Policy, table, policy.name.clone());
                for role in &$($mutable)? policy.roles {
                    visit(path, $Ref::Role(role));
                }
                for using in &$($mutable)? policy.using {
                    expr(path, scope, using, visit);
                }
                for check in &$($mutable)? policy.check {
                    expr(path, scope, check, visit);
                }
            }

            fn view(path: &Path, view: &$($mutable)? View, visit: &mut Visit<'_>) {
                let name = view.name.clone();
                let scope = &Scope::of_table(&name);
                query(path, &Scope::NONE, &$($mutable)? view.query, visit);
                for index in &$($mutable)? view.indexes {
                    self::index(&name, scope, index, visit);
                }
                for trigger in &$($mutable)? view.triggers {
                    self::trigger(&name, trigger, visit);
                }
                for rule in &$($mutable)? view.rules {
                    self::rule(&name, rule, visit);
                }
                for (_, default) in &$($mutable)? view.defaults {
                    expr(path, &Scope::NONE, default, visit);
                }
            }

            fn sequence(path: &Path, sequence: &$($mutable)? Sequence, visit: &mut Visit<'_>) {
                for (table, column) in &$($mutable)? sequence.owned_by {
                    let owner = table.clone();
                    visit(path, $Ref::Column(&owner, column));
                    visit(path, $Ref::Relation(table));
                }
            }

            fn routine(path: &Path, routine: &$($mutable)? Routine, visit: &mut Visit<'_>) {
                for argument in &$($mutable)? routine.arguments {
                    ty(path, &$($mutable)? argument.ty, visit);
                    for default in &$($mutable)? argument.default {
                        expr(path, &Scope::NONE, default, visit);
                    }
                }
                match &$($mutable)? routine.returns {
                    Returns::Nothing => {}
                    Returns::Type(returned) | Returns::SetOf(returned) => ty(path, returned, visit),
                    Returns::Table(columns) => {
                        for (_, column) in columns {
                            ty(path, column, visit);
                        }
                    }
                }
                // A body in quotes is looked at when it runs: it keeps what it says through every rename and drop.
                if let Body::Parsed(body) = &$($mutable)? routine.body {
                    sql(path, body, visit);
                }
            }

            fn publication(path: &Path, publication: &$($mutable)? Publication, visit: &mut Visit<'_>) {
                for published in &$($mutable)? publication.tables {
                    let table = published.table.clone();
                    for column in &$($mutable)? published.columns {
                        visit(path, $Ref::Column(&table, column));
                    }
                    for filter in &$($mutable)? published.filter {
                        expr(path, &Scope::of_table(&table), filter, visit);
                    }
                    visit(path, $Ref::Relation(&$($mutable)? published.table));
                }
                for name in &$($mutable)? publication.schemas {
                    visit(path, $Ref::Namespace(name));
                }
            }

            fn ty(path: &Path, of: &$($mutable)? Type, visit: &mut Visit<'_>) {
                match of {
                    Type::Array(element) => ty(path, element, visit),
                    Type::Named(named) if named.name.schema != PG_CATALOG => {
                        visit(path, $Ref::Type(&$($mutable)? named.name));
                    }
                    _ => {}
                }
            }

            fn sql(path: &Path, sql: &$($mutable)? Sql, visit: &mut Visit<'_>) {
                for piece in &$($mutable)? sql.pieces {
                    if let Piece::Ref(reference) = piece {
                        visit(path, $Ref::Path(reference));
                    }
                }
            }

            fn expr(path: &Path, scope: &Scope<'_>, of: &$($mutable)? Expr, visit: &mut Visit<'_>) {
                match of {
                    Expr::Column(column) => self::column_ref(path, scope, column, visit),
                    Expr::Call(call) => self::call(path, call, visit),
                    Expr::Cast { operand, ty } => {
                        self::ty(path, ty, visit);
                        if is_regclass(ty) {
                            if let Expr::String(text) = &$($mutable)? **operand {
                                visit(path, $Ref::Regclass(text));
                            }
                        }
                    }
                    Expr::Collate { collation, .. } => visit(path, $Ref::Collation(collation)),
                    Expr::Subquery(subquery) => self::query(path, scope, &$($mutable)? subquery.query, visit),
                    Expr::Text(text) => sql(path, text, visit),
                    _ => {}
                }
                for child in walk!(@children of $($mutable)?) {
                    expr(path, scope, child, visit);
                }
            }

            fn call(path: &Path, call: &$($mutable)? Call, visit: &mut Visit<'_>) {
                if matches!(call.function.name.as_str(), "nextval" | "currval" | "setval") {
                    if let Some(Expr::String(text)) = walk!(@first call $($mutable)?) {
                        visit(path, $Ref::Regclass(text));
                    }
                }
                if !call.function.schema.is_empty() && call.function.schema != PG_CATALOG {
                    visit(path, $Ref::Routine(&$($mutable)? call.function));
                }
                for over in &$($mutable)? call.over {
                    sql(path, over, visit);
                }
            }

            fn column_ref(path: &Path, scope: &Scope<'_>, column: &$($mutable)? ColumnRef, visit: &mut Visit<'_>) {
                let Some(qualifier) = &$($mutable)? column.qualifier else {
                    let (certain, sources) = scope.nearest();
                    match sources {
                        [own, ..] if certain => visit(path, $Ref::Column(&own.table, &$($mutable)? column.name)),
                        sources => visit(path, $Ref::Guess(sources, &$($mutable)? column.name)),
                    }
                    return;
                };
                let Some((certain, source)) = scope.level_of(qualifier) else { return };
                if certain {
                    visit(path, $Ref::Column(&source.table, &$($mutable)? column.name));
                } else {
                    visit(path, $Ref::Guess(std::slice::from_ref(source), &$($mutable)? column.name));
                }
                if !source.aliased {
                    visit(path, $Ref::Qualifier(&source.table, qualifier));
                }
            }

            fn query(path: &Path, outer: &Scope<'_>, query: &$($mutable)? Query, visit: &mut Visit<'_>) {
                let scope = &Scope { sources: sources_of(query), certain: false, outer: Some(outer) };
                sql(path, &$($mutable)? query.sql, visit);
                for cte in &$($mutable)? query.ctes {
                    self::query(path, outer, &$($mutable)? cte.query, visit);
                }
                for set in &$($mutable)? query.set {
                    self::query(path, outer, &$($mutable)? set.left, visit);
                    self::query(path, outer, &$($mutable)? set.right, visit);
                }
                if let Distinct::On(keys) = &$($mutable)? query.distinct {
                    for key in keys {
                        expr(path, scope, key, visit);
                    }
                }
                for target in &$($mutable)? query.targets {
                    match &$($mutable)? target.value {
                        TargetValue::Expr(value) => expr(path, scope, value, visit),
                        TargetValue::Star(_) => visit(path, $Ref::Star(&scope.sources)),
                    }
                }
                for from in &$($mutable)? query.from {
                    source(path, scope, from, visit);
                }
                for filter in &$($mutable)? query.filter {
                    expr(path, scope, filter, visit);
                }
                for key in &$($mutable)? query.group_by {
                    expr(path, scope, key, visit);
                }
                for having in &$($mutable)? query.having {
                    expr(path, scope, having, visit);
                }
                for order in &$($mutable)? query.order_by {
                    expr(path, scope, &$($mutable)? order.expr, visit);
                }
                for limit in &$($mutable)? query.limit {
                    expr(path, scope, limit, visit);
                }
                for offset in &$($mutable)? query.offset {
                    expr(path, scope, &$($mutable)? offset.expr, visit);
                }
                for write in &$($mutable)? query.write {
                    let table = write.table.clone();
                    for column in &$($mutable)? write.columns {
                        visit(path, $Ref::Column(&table, column));
                    }
                    for (column, value) in &$($mutable)? write.assignments {
                        visit(path, $Ref::Column(&table, column));
                        expr(path, scope, value, visit);
                    }
                    for target in &$($mutable)? write.returning {
                        if let TargetValue::Expr(value) = &$($mutable)? target.value {
                            expr(path, scope, value, visit);
                        }
                    }
                    for inner in &$($mutable)? write.query {
                        self::query(path, outer, inner, visit);
                    }
                    visit(path, $Ref::Relation(&$($mutable)? write.table));
                }
            }

            fn source(path: &Path, scope: &Scope<'_>, of: &$($mutable)? From, visit: &mut Visit<'_>) {
                match of {
                    From::Table(table) if table.cte => {}
                    From::Table(table) => visit(path, $Ref::Relation(&$($mutable)? table.name)),
                    From::Subquery { query, .. } => self::query(path, scope, query, visit),
                    From::Function { call, .. } => expr(path, scope, call, visit),
                    From::Join(join) => {
                        source(path, scope, &$($mutable)? join.left, visit);
                        source(path, scope, &$($mutable)? join.right, visit);
                        match &$($mutable)? join.condition {
                            JoinCondition::On(condition) => expr(path, scope, condition, visit),
                            JoinCondition::Using(_) | JoinCondition::None | JoinCondition::Natural => {}
                        }
                    }
                    From::Other(text) => sql(path, text, visit),
                }
            }
        }
    };
    (@open $shared:ident mut) => { std::sync::Arc::make_mut($shared) };
    (@open $shared:ident) => { &**$shared };
    (@children $expr:ident mut) => { $expr.children_mut() };
    (@children $expr:ident) => { $expr.children() };
    (@first $call:ident mut) => { $call.args.first_mut() };
    (@first $call:ident) => { $call.args.first() };
}

walk!(look, Ref);
walk!(rewrite, RefMut, mut);

fn is_regclass(ty: &Type) -> bool {
    matches!(ty, Type::Named(named) if named.name.schema == PG_CATALOG && named.name.name == "regclass")
}
