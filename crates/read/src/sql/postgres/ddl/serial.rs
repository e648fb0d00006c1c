//! `serial` and its family: a sequence of its own, a default that draws from it, and NOT NULL.

use model::change::Aspect;
use model::object::{Column, NotNull, Object, Sequence};
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
    taken: &mut Vec<QName>,
    node: &SyntaxNode,
) -> Serial {
    let name = sequence_name(cx, table, &column.name, taken);
    taken.push(name.clone());
    let mut sequence = Sequence::new(name.clone(), ty.clone());
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
pub(super) fn next_value(sequence: &QName) -> Expr {
    let name = Expr::String(sequence.to_string().into());
    let class = Expr::Cast { operand: Box::new(name), ty: Type::builtin("regclass") };
    Expr::call(QName::new("", "nextval"), vec![class])
}

/// `table_column_seq`, shortened and numbered as PostgreSQL does until nothing else has the name.
pub(super) fn sequence_name(cx: Context<'_>, table: &QName, column: &Name, taken: &[QName]) -> QName {
    let mut number = 0;
    loop {
        let label = if number == 0 { "seq".to_string() } else { format!("seq{number}") };
        let name = QName::new(table.schema.clone(), object_name(&table.name, column, &label));
        if cx.schema.relation(&name).is_none() && !taken.contains(&name) {
            return name;
        }
        number += 1;
    }
}

/// `first_second_label` in 63 bytes: the longer of the first two gives way.
fn object_name(first: &str, second: &str, label: &str) -> Name {
    let room = model::name::LONGEST - label.len() - 2;
    let (mut left, mut right) = (first.len(), second.len());
    while left + right > room {
        if left > right { left -= 1 } else { right -= 1 }
    }
    format!("{}_{}_{label}", cut(first, left), cut(second, right)).into()
}

fn cut(text: &str, mut end: usize) -> &str {
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
