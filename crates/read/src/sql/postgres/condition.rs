//! Conditions of PL/pgSQL that ask the catalog whether something is there: the model can often answer them.

use std::cell::OnceCell;
use std::rc::Rc;

use model::expr::SubqueryKind;
use model::object::Object;
use model::query::Source;
use model::{Expr, Kind, Name, Path, QName, Query, Schema};
use squawk_syntax::ast;

use super::expr::expr;
use super::{Context, Scope};

/// The condition of an IF. It is asked once, when the first statement that depends on it is reached: what stands
/// behind it may change the answer.
#[derive(Debug)]
pub(crate) struct Condition {
    written: Option<ast::Expr>,
    answer: OnceCell<Option<bool>>,
}

impl Condition {
    pub(super) fn new(written: Option<ast::PlpgsqlExpr>) -> Rc<Condition> {
        let only = |written: ast::PlpgsqlExpr| {
            let mut targets = written.target_list()?.targets();
            targets.next().filter(|_| targets.next().is_none())?.expr()
        };
        Rc::new(Condition { written: written.and_then(only), answer: OnceCell::new() })
    }

    /// Whether it holds, when the schema can tell.
    pub(super) fn holds(&self, cx: Context<'_>) -> Option<bool> {
        let ask = || holds(cx.schema(), &expr(cx, &Scope::default(), self.written.as_ref()?));
        *self.answer.get_or_init(ask)
    }
}

fn holds(schema: &Schema, condition: &Expr) -> Option<bool> {
    match condition {
        Expr::Bool(value) => Some(*value),
        Expr::Unary { op, operand } if op == "NOT" => holds(schema, operand).map(|holds| !holds),
        Expr::Binary { op, left, right } if op == "AND" || op == "OR" => {
            let settles = op == "OR";
            match (holds(schema, left), holds(schema, right)) {
                (Some(one), _) | (_, Some(one)) if one == settles => Some(settles),
                (Some(_), Some(_)) => Some(!settles),
                _ => None,
            }
        }
        Expr::Subquery(subquery) if matches!(subquery.kind, SubqueryKind::Exists) => exists(schema, &subquery.query),
        Expr::Test { operand, test } if test == "IS NULL" || test == "IS NOT NULL" => {
            let is_there = regclass(schema, operand)?;
            Some(is_there == (test == "IS NOT NULL"))
        }
        _ => None,
    }
}

/// `to_regclass('orders')`: whether there is such a relation.
fn regclass(schema: &Schema, value: &Expr) -> Option<bool> {
    let Expr::Call(call) = value.without_casts() else { return None };
    let [argument] = call.args.as_slice() else { return None };
    (call.function.name == "to_regclass").then_some(())?;
    Some(schema.relation(&relation_name(literal(argument)?)?).is_some())
}

/// A name in a string, as far as it needs no unfolding.
fn relation_name(text: &str) -> Option<QName> {
    let plain = |word: &str| word.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let mut words = text.split('.').map(str::to_lowercase);
    let (first, second) = (words.next()?, words.next());
    if words.next().is_some() || !plain(&first) || !second.as_deref().is_none_or(plain) {
        return None;
    }
    Some(match second {
        Some(name) => QName::new(first, name),
        None => QName::new(model::name::PUBLIC, first),
    })
}

/// Whether a row of the catalog is there.
fn exists(schema: &Schema, query: &Query) -> Option<bool> {
    let [Source::Table(table)] = query.from.as_slice() else { return None };
    let asks_more = query.set.is_some() || !query.group_by.is_empty() || query.having.is_some();
    if asks_more || query.limit.is_some() && query.limit != Some(Expr::Number("1".into())) {
        return None;
    }
    let mut asked = Asked { facts: Vec::new(), whole: true };
    asked.read(query.filter.as_ref()?);
    match asked.is_there(schema, &table.name.name)? {
        // Whatever else is asked of it, there is none.
        false => Some(false),
        true => (asked.whole && asked.facts.is_empty()).then_some(true),
    }
}

/// What the rows of a catalog must say: a column and its text.
struct Asked {
    facts: Vec<(Name, Name)>,
    /// Nothing else is asked of them.
    whole: bool,
}

impl Asked {
    fn read(&mut self, filter: &Expr) {
        let Expr::Binary { op, left, right } = filter else {
            self.whole = false;
            return;
        };
        if op == "AND" {
            self.read(left);
            return self.read(right);
        }
        let fact = |column: &Expr, text: &Expr| match column.without_casts() {
            Expr::Column(column) if op == "=" && is_current_schema(text) => {
                Some((column.name.clone(), model::name::PUBLIC))
            }
            Expr::Column(column) if op == "=" => Some((column.name.clone(), literal(text)?.clone())),
            _ => None,
        };
        match fact(left, right).or_else(|| fact(right, left)) {
            Some(fact) => self.facts.push(fact),
            None => self.whole = false,
        }
    }

    fn take(&mut self, column: &str) -> Option<Name> {
        let position = self.facts.iter().position(|(known, _)| known == column)?;
        Some(self.facts.remove(position).1)
    }

    /// Whether there is a thing of that catalog with the names that are asked for. `None` when the model does not know
    /// everything of the sort.
    fn is_there(&mut self, schema: &Schema, catalog: &str) -> Option<bool> {
        let namespace = self.take("table_schema").or_else(|| self.take("schemaname"));
        let namespace = namespace.or_else(|| self.take("constraint_schema")).or_else(|| self.take("trigger_schema"));
        let table = self.take("table_name").or_else(|| self.take("tablename"));
        let table = table.or_else(|| self.take("event_object_table"));
        // `conrelid = 'orders'::regclass`
        let by_number = self.take("conrelid").or_else(|| self.take("tgrelid")).or_else(|| self.take("attrelid"));
        let by_number = by_number.map(|text| relation_name(&text));
        let (namespace, table) = match by_number {
            Some(name) => name.map(|name| (Some(name.schema), Some(name.name)))?,
            None => (namespace, table),
        };
        let inside = |path: &Path| namespace.as_ref().is_none_or(|namespace| path.schema == *namespace);
        let of_table = |path: &Path| inside(path) && table.as_ref().is_none_or(|table| path.name == *table);
        let tables = || schema.tables().filter(|table| of_table(&Path::table(&table.name)));
        let relation = |name: &Name, kinds: &[Kind]| {
            let mut known = schema.objects().map(|(path, _)| path);
            known.any(|path| path.name == *name && inside(path) && kinds.contains(&path.kind))
        };
        let index = |name: &Name| {
            let in_table = tables().any(|table| {
                let keys = table.constraints.iter().filter(|constraint| constraint.has_index());
                table.index(name).is_some() || keys.into_iter().any(|constraint| constraint.name == *name)
            });
            let views = schema.views().filter(|view| of_table(&Path::object(Kind::MaterializedView, &view.name)));
            in_table || views.into_iter().any(|view| view.indexes.iter().any(|index| index.name == *name))
        };
        const RELATIONS: [Kind; 4] = [Kind::Table, Kind::View, Kind::MaterializedView, Kind::Sequence];
        const TYPES: [Kind; 5] = [Kind::Enum, Kind::Domain, Kind::Composite, Kind::Range, Kind::BaseType];
        Some(match catalog {
            "columns" | "pg_attribute" => {
                let column = self.take(if catalog == "columns" { "column_name" } else { "attname" })?;
                let in_view = |view: &&model::object::View| of_table(&Path::object(Kind::View, &view.name));
                // Not every column of a view is known.
                if schema.views().any(|view| in_view(&view)) && table.is_some() {
                    return None;
                }
                tables().any(|table| table.column(&column).is_some())
            }
            "tables" => relation(&table?, &[Kind::Table, Kind::View]),
            "pg_tables" => relation(&table?, &[Kind::Table]),
            "views" => relation(&table?, &[Kind::View]),
            "pg_views" => relation(&self.take("viewname")?, &[Kind::View]),
            "pg_matviews" => relation(&self.take("matviewname")?, &[Kind::MaterializedView]),
            "pg_class" => {
                let name = self.take("relname")?;
                relation(&name, &RELATIONS) || index(&name)
            }
            "pg_indexes" => index(&self.take("indexname")?),
            "pg_type" => {
                let name = self.take("typname")?;
                let known = relation(&name, &TYPES) || relation(&name, &RELATIONS[..3]);
                // Extensions bring types that nobody writes down.
                if !known && schema.extensions().next().is_some() {
                    return None;
                }
                known
            }
            "pg_constraint" | "table_constraints" => {
                let own = if catalog == "pg_constraint" { "conname" } else { "constraint_name" };
                let name = self.take(own)?;
                let of_domain = |object: &Object| match object {
                    Object::Domain(domain) => domain.checks.iter().any(|check| check.name == name),
                    _ => false,
                };
                tables().any(|table| table.constraint(&name).is_some()) || schema.of_kind(Kind::Domain).any(of_domain)
            }
            "pg_trigger" | "triggers" => {
                let name = self.take(if catalog == "triggers" { "trigger_name" } else { "tgname" })?;
                tables().any(|table| table.triggers.iter().any(|trigger| trigger.name == name))
            }
            "pg_policies" => {
                let name = self.take("policyname")?;
                tables().any(|table| table.policies.iter().any(|policy| policy.name == name))
            }
            "pg_publication" => schema.contains(&Path::global(Kind::Publication, self.take("pubname")?)),
            _ => return None,
        })
    }
}

fn literal(value: &Expr) -> Option<&Name> {
    match value.without_casts() {
        Expr::String(text) => Some(text),
        _ => None,
    }
}

fn is_current_schema(value: &Expr) -> bool {
    match value.without_casts() {
        Expr::Call(call) => call.function.name == "current_schema",
        Expr::Keyword(word) => word == "CURRENT_SCHEMA",
        _ => false,
    }
}
