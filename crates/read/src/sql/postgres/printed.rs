//! Texts that PostgreSQL itself prints, each by itself: an expression, a type, the query of a view, the body of a
//! function. What a running database says becomes the same values as what stands in a file.
//!
//! They are printed under an empty search path: every name outside `pg_catalog` is qualified.

use model::object::{Body, Named, Object, Rule, Trigger};
use model::{Change, Expr, Name, Path, QName, Query, Schema, Sql, Type};
use squawk_syntax::ast::{self, AstNode};

use super::body::body;
use super::expr::{expr, expr_or_null};
use super::output::target_list;
use super::parse::parse;
use super::query::view_query;
use super::read::read;
use super::ty::ty;
use super::{Context, Scope};

/// A database whose printed texts are read: the names in them are looked up in its schema.
#[derive(Clone, Copy, Debug)]
pub struct Printed<'a> {
    pub schema: &'a Schema,
}

impl Printed<'_> {
    fn context(&self) -> Context<'_> {
        Context::new(self.schema, &[], 0)
    }

    /// An expression over the columns of a table, as `pg_get_expr` prints it.
    pub fn expression(&self, table: &QName, text: &str) -> Option<Expr> {
        let scope = Scope::of(table, self.context().columns_of(table).unwrap_or_default());
        self.in_scope(&scope, text)
    }

    /// Several expressions with commas between them, as `pg_get_expr` prints those of an index.
    pub fn expressions(&self, table: &QName, text: &str) -> Vec<Expr> {
        let scope = Scope::of(table, self.context().columns_of(table).unwrap_or_default());
        let parsed = parse(&format!("SELECT {text}"));
        let targets = parsed
            .stmt
            .into_iter()
            .filter_map(|stmt| target_list(stmt.syntax()))
            .flat_map(|list| list.targets().collect::<Vec<_>>());
        targets.map(|target| expr_or_null(self.context(), &scope, target.expr())).collect()
    }

    /// An expression over the value of a domain.
    pub fn domain_check(&self, domain: &QName, text: &str) -> Option<Expr> {
        self.in_scope(&Scope::of(domain, vec![Name::new_static("value")]), text)
    }

    /// An expression that sees no column.
    pub fn value(&self, text: &str) -> Option<Expr> {
        self.in_scope(&Scope::default(), text)
    }

    fn in_scope(&self, scope: &Scope, text: &str) -> Option<Expr> {
        let parsed = parse(&format!("SELECT {text}"));
        let Some(ast::Stmt::Select(select)) = parsed.stmt.filter(|_| parsed.errors.is_empty()) else { return None };
        let node = target_list(select.syntax())?.targets().next()?.expr()?;
        Some(expr(self.context(), scope, &node))
    }

    /// A type, as `format_type` prints it.
    pub fn data_type(&self, text: &str) -> Option<Type> {
        let parsed = parse(&format!("SELECT NULL::{text}"));
        let stmt = parsed.stmt.filter(|_| parsed.errors.is_empty())?;
        Some(ty(self.context(), &stmt.syntax().descendants().find_map(ast::Type::cast)?))
    }

    /// The query of a view, as `pg_get_viewdef` prints it.
    pub fn query(&self, text: &str) -> Option<Query> {
        let parsed = parse(text);
        let stmt = parsed.stmt.filter(|_| parsed.errors.is_empty())?;
        Some(view_query(self.context(), stmt.syntax()).0)
    }

    /// The rule of `pg_get_ruledef`.
    pub fn rule(&self, text: &str) -> Option<Rule> {
        match self.created(text)? {
            (_, Object::Rule(rule)) => Some(*rule),
            _ => None,
        }
    }

    /// The trigger of `pg_get_triggerdef`: its condition is printed nowhere else.
    pub fn trigger(&self, text: &str) -> Option<Trigger> {
        match self.created(text)? {
            (_, Object::Trigger(trigger)) => Some(*trigger),
            _ => None,
        }
    }

    /// The body of a function in standard SQL, as `pg_get_function_sqlbody` prints it, with the queries in it.
    pub fn parsed_body(&self, text: &str) -> Option<(Body, Vec<Query>)> {
        match self.created(&format!("CREATE PROCEDURE public.p() LANGUAGE sql {text}"))? {
            (_, Object::Routine(routine)) => Some((routine.body.clone(), routine.queries.clone())),
            _ => None,
        }
    }

    /// The queries in the source of a routine, and whether there is more in it that cannot be seen.
    pub fn source(&self, language: &str, source: &str) -> (Vec<Query>, bool) {
        let found = body(self.context(), language, source, 0);
        (found.queries, found.opaque)
    }

    /// An object that the model keeps as its CREATE statement.
    pub fn named(&self, create: &str) -> Option<(Path, Named)> {
        match self.created(create)? {
            (path, Object::Named(named)) => Some((path, named)),
            _ => None,
        }
    }

    /// A clause whose names are references, like the bound of a partition.
    pub fn bound(&self, text: &str) -> Sql {
        let create = format!("CREATE TABLE public.p PARTITION OF public.q {text}");
        match self.created(&create) {
            Some((_, Object::Table(table))) => {
                table.partition_of.as_ref().map_or_else(|| Sql::text(text), |of| of.bound.clone())
            }
            _ => Sql::text(text),
        }
    }

    fn created(&self, text: &str) -> Option<(Path, Object)> {
        let (statement, _) = read(self.context(), text, None);
        if !statement.problems.is_empty() {
            return None;
        }
        statement.changes.into_iter().find_map(|placed| match placed.change {
            Change::Create { path, object } | Change::Replace { path, object } => Some((path, object)),
            _ => None,
        })
    }
}
