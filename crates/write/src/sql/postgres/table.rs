//! Tables: their columns, then their constraints, then how they are kept.

use std::collections::BTreeSet;

use model::name::quoted;
use model::object::{Column, Constraint, PartitionBy, PartitionKey, PartitionStrategy, ReplicaIdentity, Table};
use model::{Name, Path, QName, Schema};

use super::partition::{self, Birth};
use super::serial::Serials;
use super::{column, constraint, index, words};

/// How the parts of a table are divided between CREATE TABLE and the statements behind it.
pub(super) struct Plan<'a> {
    pub serials: &'a Serials<'a>,
    /// Defaults (by column) and constraints that are said later, because what they need comes after the table.
    pub late: &'a BTreeSet<Path>,
}

impl Plan<'_> {
    /// The constraint stands in CREATE TABLE.
    pub(super) fn is_inline(&self, table: &Table, constraint: &Constraint) -> bool {
        !constraint::is_added_unproven(constraint)
            && !is_repeated(table, constraint)
            && !self.late.contains(&Path::constraint(&table.name, constraint.name.clone()))
    }

    fn column(&self, table: &Table, column: &Column) -> String {
        if self.serials.contains_key(&(&table.name, &column.name)) {
            return column::serial(column);
        }
        column::definition(&self.in_time(table, column), table)
    }

    /// The column without what is said of it later.
    fn in_time(&self, table: &Table, column: &Column) -> Column {
        let mut column = column.clone();
        if self.late.contains(&Path::column(&table.name, column.name.clone())) {
            column.default = None;
        }
        column
    }
}

/// `CREATE TABLE`, and `ATTACH PARTITION` where the partition is made before it becomes one. Its indexes are between
/// the two, because those that the parent has too must be there when it is attached.
pub(super) fn create(schema: &Schema, table: &Table, plan: &Plan) -> Vec<String> {
    let Some(partition) = &table.partition_of else { return vec![ordinary(table, plan)] };
    if partition::birth(schema, table, partition) == Birth::FromParent {
        let parts = own_parts(table, plan);
        let head = format!("{} PARTITION OF {}", head(table), partition.parent);
        let head = if parts.is_empty() { head } else { words::block(&head, &parts) };
        return vec![format!("{head}\n{}{}{};", words::INDENT, partition.bound, tail(table))];
    }
    let columns = table.columns.iter().map(|column| plan.column(table, column));
    let constraints = table.constraints.iter().filter(|constraint| {
        constraint.as_foreign_key().is_none_or(|_| !constraint.inherited) && plan.is_inline(table, constraint)
    });
    let parts: Vec<String> = columns.chain(constraints.map(constraint::definition)).collect();
    let create = format!("{}{};", words::block(&head(table), &parts), tail(table));
    let made_by_parent = table.indexes.iter().filter(|index| partition::is_made_by_parent(schema, index));
    let indexes = made_by_parent.map(|index| index::create(&table.name, index, index::Reach::Partitions));
    let attach = format!("ALTER TABLE {} ATTACH PARTITION {} {};", partition.parent, table.name, partition.bound);
    std::iter::once(create).chain(indexes).chain([attach]).collect()
}

fn ordinary(table: &Table, plan: &Plan) -> String {
    let parts = own_parts(table, plan);
    let head = match &table.of_type {
        Some(ty) => format!("{} OF {ty}", head(table)),
        None => head(table),
    };
    let head = if parts.is_empty() && table.of_type.is_some() { head } else { words::block(&head, &parts) };
    let inherits = if table.inherits.is_empty() {
        String::new()
    } else {
        format!("\nINHERITS ({})", words::qnames(&table.inherits))
    };
    format!("{head}{inherits}{};", tail(table))
}

/// Columns and constraints that do not come from a parent; of a type's columns, what the table adds to them.
fn own_parts(table: &Table, plan: &Plan) -> Vec<String> {
    let columns = table.columns.iter().filter_map(|column| match (column.inherited, &table.of_type) {
        (false, None) => Some(plan.column(table, column)),
        (_, Some(_)) => {
            let properties = column::properties(&plan.in_time(table, column), table);
            (!properties.is_empty()).then(|| format!("{} WITH OPTIONS{properties}", quoted(&column.name)))
        }
        (true, None) => None,
    });
    let own = table.constraints.iter().filter(|constraint| !constraint.inherited && plan.is_inline(table, constraint));
    columns.chain(own.map(constraint::definition)).collect()
}

fn head(table: &Table) -> String {
    let foreign = if table.foreign.is_some() { "FOREIGN " } else { "" };
    let name = words::created(&table.name, table.persistence);
    format!("CREATE {}{foreign}TABLE {name}", words::persistence(table.persistence))
}

fn tail(table: &Table) -> String {
    let mut sql = String::new();
    if let Some(partition_by) = &table.partition_by {
        sql += &format!("\n{}", self::partition_by(partition_by));
    }
    if let Some(method) = &table.access_method {
        sql += &format!("\nUSING {}", quoted(method));
    }
    if table.foreign.is_none() && !table.options.is_empty() {
        sql += &format!("\n{}", words::with(&table.options).trim_start());
    }
    if let Some(tablespace) = &table.tablespace {
        sql += &format!("\nTABLESPACE {}", quoted(tablespace));
    }
    if let Some(foreign) = &table.foreign {
        sql += &format!("\nSERVER {}{}", quoted(&foreign.server), words::foreign_options(&foreign.options));
    }
    sql
}

fn partition_by(partition_by: &PartitionBy) -> String {
    let strategy = match partition_by.strategy {
        PartitionStrategy::Range => "RANGE",
        PartitionStrategy::List => "LIST",
        PartitionStrategy::Hash => "HASH",
    };
    let keys = partition_by.keys.iter().map(partition_key).collect::<Vec<_>>().join(", ");
    format!("PARTITION BY {strategy} ({keys})")
}

fn partition_key(key: &PartitionKey) -> String {
    let opclass = key.opclass.as_ref().map(|opclass| format!(" {opclass}")).unwrap_or_default();
    index::key_expression(&key.expr) + &column::collate(key.collation.as_ref()) + &opclass
}

/// What CREATE TABLE cannot say of a table and its columns, and needs nothing but the table.
pub(super) fn afterwards(schema: &Schema, table: &Table) -> Vec<String> {
    let mut statements = inherited_differences(schema, table);
    for column in &table.columns {
        if !inherits_everything(schema, table, column) {
            statements.extend(column::afterwards(column, table));
        }
        if let Some(not_null) = column.not_null.as_ref().filter(|not_null| not_null.not_valid && !column.inherited) {
            let name = not_null.name.as_ref().map(|name| format!("CONSTRAINT {} ", quoted(name))).unwrap_or_default();
            statements.push(format!(
                "ALTER TABLE {} ADD {name}NOT NULL {} NOT VALID;",
                table.name,
                quoted(&column.name)
            ));
        }
    }
    let repeated = table.constraints.iter().filter(|one| !one.inherited && is_repeated(table, one));
    statements.extend(repeated.map(|one| constraint::add(&table.name, one)));
    statements.extend(row_security(table));
    statements
}

/// CREATE TABLE makes one key of two that say the same (`transformIndexConstraints`); ALTER TABLE makes both.
fn is_repeated(table: &Table, constraint: &Constraint) -> bool {
    let Some(key) = constraint.as_key() else { return false };
    let earlier = table.constraints.iter().take_while(|other| other.name != constraint.name);
    earlier.filter_map(|other| Some((other, other.as_key()?))).any(|(other, earlier)| {
        other.deferrable == constraint.deferrable
            && earlier.columns == key.columns
            && earlier.include == key.include
            && earlier.nulls_not_distinct == key.nulls_not_distinct
    })
}

/// Storage and compression pass to a partition with the column.
fn inherits_everything(schema: &Schema, table: &Table, column: &Column) -> bool {
    let parent = table.partition_of.as_ref().and_then(|partition| schema.column(&partition.parent, &column.name));
    parent.is_some_and(|parent| {
        parent.storage == column.storage
            && parent.compression == column.compression
            && column.statistics.is_none()
            && column.options.is_empty()
    })
}

/// Where an inherited column has a default or a NOT NULL other than its parents' have.
fn inherited_differences(schema: &Schema, table: &Table) -> Vec<String> {
    let parents: Vec<&Table> = table.inherits.iter().filter_map(|parent| schema.table(parent)).collect();
    let mut statements = Vec::new();
    for column in table.columns.iter().filter(|column| column.inherited && !parents.is_empty()) {
        let alter = format!("ALTER TABLE {} ALTER COLUMN {}", table.name, quoted(&column.name));
        let above: Vec<&Column> = parents.iter().filter_map(|parent| parent.column(&column.name)).collect();
        if above.iter().all(|above| above.default != column.default) {
            statements.push(match &column.default {
                Some(default) => format!("{alter} SET DEFAULT {default};"),
                None => format!("{alter} DROP DEFAULT;"),
            });
        }
        if column.not_null.is_some() && above.iter().all(|above| above.not_null.is_none()) {
            statements.push(format!("{alter} SET NOT NULL;"));
        }
    }
    statements
}

pub(super) fn row_security(table: &Table) -> Vec<String> {
    let enable = table.row_security.enabled.then(|| format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;", table.name));
    let force = table.row_security.forced.then(|| format!("ALTER TABLE {} FORCE ROW LEVEL SECURITY;", table.name));
    enable.into_iter().chain(force).collect()
}

/// What identifies a row for logical replication, if that is not as usual.
pub(super) fn replica_identity(table: &QName, identity: &ReplicaIdentity) -> String {
    let identity = match identity {
        ReplicaIdentity::Default => "DEFAULT".to_owned(),
        ReplicaIdentity::Full => "FULL".to_owned(),
        ReplicaIdentity::Nothing => "NOTHING".to_owned(),
        ReplicaIdentity::Index(index) => format!("USING INDEX {}", quoted(index)),
    };
    format!("ALTER TABLE {table} REPLICA IDENTITY {identity};")
}

/// The default of a column, said by itself.
pub(super) fn set_default(table: &QName, column: &Name, default: &model::Expr) -> String {
    format!("ALTER TABLE {table} ALTER COLUMN {} SET DEFAULT {default};", quoted(column))
}
