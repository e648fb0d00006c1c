use model::{Kind, Name, Path, Schema, Severity};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A name is longer than PostgreSQL keeps and is cut off silently; write a shorter one.
    ///
    /// 63 bytes are kept. The database then knows the thing by a name that stands nowhere in the code, and two long names
    /// with the same beginning become one.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (
    ///     id bigint PRIMARY KEY,
    ///     the_total_amount_of_the_order_after_all_discounts_and_before_any_taxes numeric
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, discounted_total numeric);
    /// ```
    "N001", known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let longest = findings.dialect().longest_identifier;
    // A cut name ends at a character, up to three bytes before the limit.
    let is_long = |name: &Name| name.len() + 3 >= longest;
    let objects = schema.objects().map(|(path, _)| path).filter(|path| is_long(path.last()));
    let mut paths: Vec<Path> = objects.cloned().collect();
    for table in schema.tables() {
        let part = |kind, name: &Name| is_long(name).then(|| Path::part(kind, &table.name, name.clone()));
        let own = table.columns.iter().filter(|it| !it.inherited);
        paths.extend(own.filter_map(|it| part(Kind::Column, &it.name)));
        let own = table.constraints.iter().filter(|it| !it.inherited);
        paths.extend(own.filter_map(|it| part(Kind::Constraint, &it.name)));
        let own = table.indexes.iter().filter(|it| !it.inherited);
        paths.extend(own.filter_map(|it| part(Kind::Index, &it.name)));
        let own = table.triggers.iter().filter(|it| !it.inherited);
        paths.extend(own.filter_map(|it| part(Kind::Trigger, &it.name)));
        paths.extend(table.policies.iter().filter_map(|it| part(Kind::Policy, &it.name)));
    }
    for path in &paths {
        let Some(written) = findings.written_name(path).filter(|length| *length > longest) else { continue };
        // Few speak of constraints and indexes by name; many ORMs make such names.
        let unspoken = matches!(path.kind, Kind::Constraint | Kind::Index | Kind::Trigger | Kind::Policy);
        let draft = findings
            .at(path, format!("this name of {written} bytes is cut to {}", path.last()))
            .why(format!("the database keeps {longest} bytes of a name"));
        if unspoken {
            draft.severity(Severity::Note);
        }
    }
}
