use model::object::{Column, Generated, Table};
use model::{Change, Expr, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{column_path, keeps_past, words_of};

rule! {
    /// A column can be computed from the others of its row and is stored all the same; let the database compute it.
    ///
    /// `total` is right as long as every statement that changes the quantity also changes the total. One that does not, and the
    /// bill says 3 × 5 = 10. A generated column cannot be wrong.
    ///
    /// ```sql,bad
    /// CREATE TABLE lines (id bigint PRIMARY KEY, quantity integer NOT NULL, unit_price numeric NOT NULL, line_total numeric NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE people (id bigint PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, full_name text NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE lines (
    ///     id bigint PRIMARY KEY,
    ///     quantity integer NOT NULL,
    ///     unit_price numeric NOT NULL,
    ///     line_total numeric GENERATED ALWAYS AS (quantity * unit_price) STORED
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE lines (
    ///     id bigint PRIMARY KEY,
    ///     quantity integer NOT NULL,
    ///     unit_price numeric NOT NULL,
    ///     discount numeric NOT NULL,
    ///     line_total numeric NOT NULL
    /// );
    /// ```
    "D009", note, fix, Check::Table(check)
}

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    if table.foreign.is_some() || keeps_past(&table.name.name) {
        return;
    }
    for column in table.columns.iter().filter(|column| !column.inherited && column.generated.is_none()) {
        let Some(expr) = product(table, column).or_else(|| whole_name(table, column)) else { continue };
        let path = column_path(table, column);
        let mut computed = Column::new(column.name.clone(), column.ty.clone());
        computed.generated = Some(Box::new(Generated { expr: expr.clone(), stored: true }));
        let draft = findings
            .at(&path, format!("{}.{} may disagree with {expr}", table.name, column.name))
            .why("each statement that changes one of them has to change it too");
        let used = table.indexes.iter().any(|index| index.columns().contains(&&column.name))
            || table.constraints.iter().any(|constraint| constraint.columns().contains(&column.name));
        if !used {
            draft.unsafe_fix(
                "let the database compute it",
                vec![Change::drop(path), Change::add_column(&table.name, computed)],
            );
        }
    }
}

/// `line_total` beside `quantity` and `unit_price`, and nothing else that could go into it.
fn product(table: &Table, column: &Column) -> Option<Expr> {
    const OTHERS: &[&str] = &["coupon", "discount", "fee", "rate", "rebate", "shipping", "surcharge", "tax", "vat"];
    let is_number = |ty: &Type| ty.is_integer() || matches!(ty, Type::Numeric(_));
    let named = |names: &[&str]| {
        let found = table.columns.iter().find(|column| names.contains(&column.name.as_str()));
        found.filter(|column| is_number(&column.ty)).map(|column| &column.name)
    };
    let is_total =
        matches!(column.name.as_str(), "line_total" | "total" | "total_price" | "subtotal" | "amount" | "total_amount");
    if !is_total || !is_number(&column.ty) {
        return None;
    }
    let quantity = named(&["quantity", "qty"])?;
    let price = named(&["unit_price", "price_per_unit", "price_each"])?;
    let other =
        |column: &std::sync::Arc<Column>| words_of(&column.name).iter().any(|word| OTHERS.contains(&word.as_str()));
    let computable = !table.columns.iter().any(other);
    computable.then(|| Expr::binary("*", Expr::column(quantity.clone()), Expr::column(price.clone())))
}

/// `full_name` beside `first_name` and `last_name`.
fn whole_name(table: &Table, column: &Column) -> Option<Expr> {
    if column.name != "full_name" {
        return None;
    }
    let (first, last) = (table.column("first_name")?, table.column("last_name")?);
    let texts = [&first.ty, &last.ty, &column.ty].into_iter().all(Type::is_text);
    let blank = || Expr::String(" ".into());
    let joined =
        || Expr::binary("||", Expr::binary("||", Expr::column("first_name"), blank()), Expr::column("last_name"));
    (texts && !first.is_nullable() && !last.is_nullable()).then(joined)
}
