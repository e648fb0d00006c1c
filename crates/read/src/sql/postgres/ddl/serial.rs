//! `serial` and its family: a sequence of its own, a default that draws from it, and NOT NULL.

use model::apply::naming::{choose_relation_name, make_object_name};
use model::change::Aspect;
use model::object::{Column, NotNull, Object, Persistence, Sequence};
use model::{Change, Expr, Kind, Name, Path, QName, Type};
use squawk_syntax::SyntaxNode;

use super::super::Context;
use super::super::statement::Placed;

/// What a column of such a type brings: the sequence before its table or column, and its owner after it.
pub(super) struct Serial {
    pub(super) before: Placed,
    pub(super) after: Placed,
}

/// Makes the column draw from a new sequence. `taken` are the names that the same statement uses already.
pub(super) fn expand(
    cx: Context<'_>,
    table: &QName,
    column: &mut Column,
    ty: Type,
    persistence: Persistence,
    taken: &mut Vec<QName>,
    node: &SyntaxNode,
) -> Serial {
    let name = sequence_name(cx, table, &column.name, taken);
    taken.push(name.clone());
    let mut sequence = Sequence { persistence, ..Sequence::new(name.clone(), ty.clone()) };
    column.ty = ty;
    column.default = Some(next_value(&name));
    column.not_null.get_or_insert_with(NotNull::default);
    let path = Path::object(Kind::Sequence, &name);
    let create = Change::Create { path: path.clone(), object: Object::Sequence(sequence.clone()) };
    sequence.owned_by = Some((table.clone(), column.name.clone()));
    let owned = Change::alter(path, Aspect::Sequence(Box::new(sequence)));
    Serial { before: Placed::new(cx, node, create), after: Placed::new(cx, node, owned) }
}

/// `nextval('orders_id_seq'::regclass)`
fn next_value(sequence: &QName) -> Expr {
    let name = Expr::String(sequence.to_string().into());
    let class = Expr::Cast { operand: Box::new(name), ty: Type::builtin("regclass") };
    Expr::call(QName::new("", "nextval"), vec![class])
}

/// `table_column_seq`, shortened and numbered as PostgreSQL does until nothing else has the name.
fn sequence_name(cx: Context<'_>, table: &QName, column: &Name, taken: &[QName]) -> QName {
    let named = |name: Name| QName::new(table.schema.clone(), name);
    let free = named(choose_relation_name(cx.schema(), &table.schema, &table.name, Some(column), "seq"));
    // The statement itself may have taken the name, where two long columns are shortened alike.
    let numbered = (1..).map(|number: u32| make_object_name(&table.name, Some(column), &format!("seq{number}")));
    let mut candidates = std::iter::once(free).chain(numbered.map(named));
    let is_free = |name: &QName| cx.schema().relation(name).is_none() && !taken.contains(name);
    candidates.find(is_free).expect("the numbers do not end")
}
