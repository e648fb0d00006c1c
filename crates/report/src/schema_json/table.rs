//! Tables and views with their columns, constraints and indexes.

use std::collections::BTreeMap;

use model::object::{self, ConstraintKind, Persistence, ReplicaIdentity};
use model::{Kind, Path, QName, Schema};
use schemars::JsonSchema;
use serde::Serialize;
use write::relation::{action, strategy};

use super::object::Numbers;
use super::routine::{Policy, Rule, Trigger};
use super::{About, Privileges, Reference, options, part_comment, privileges, text, texts};

/// A table of any sort: ordinary, partitioned, a partition, foreign.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Table {
    #[serde(flatten)]
    pub id: Reference,
    /// `permanent`, `unlogged` or `temporary`
    pub persistence: &'static str,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    /// Without the indexes behind keys and exclusion constraints.
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
    pub rules: Vec<Rule>,
    pub policies: Vec<Policy>,
    pub row_security: bool,
    /// Policies hold for the owner too.
    pub force_row_security: bool,
    pub partition_by: Option<PartitionBy>,
    pub partition_of: Option<PartitionOf>,
    pub inherits: Vec<Reference>,
    pub of_type: Option<Reference>,
    /// Set for a foreign table.
    pub foreign: Option<Foreign>,
    /// `default`, `full`, `nothing`, or `index` and its name
    pub replica_identity: String,
    pub options: BTreeMap<String, String>,
    pub tablespace: Option<String>,
    pub access_method: Option<String>,
    #[serde(flatten)]
    pub about: About,
}

/// A column of a table.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub ty: String,
    pub collation: Option<String>,
    pub not_null: bool,
    /// What a statement said of the NOT NULL constraint itself.
    pub not_null_constraint: Option<NotNull>,
    pub default: Option<String>,
    pub identity: Option<Identity>,
    pub generated: Option<Generated>,
    pub storage: Option<String>,
    pub compression: Option<String>,
    pub statistics: Option<i32>,
    pub options: BTreeMap<String, String>,
    /// It came from a parent table.
    pub inherited: bool,
    pub comment: Option<String>,
    /// Privileges on this column alone.
    pub granted: Vec<Privileges>,
    pub revoked: Vec<Privileges>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct NotNull {
    /// Null leaves it to the database.
    pub name: Option<String>,
    pub valid: bool,
    pub no_inherit: bool,
}

/// The database numbers the rows.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Identity {
    /// ALWAYS; otherwise BY DEFAULT.
    pub always: bool,
    pub sequence: Reference,
    #[serde(flatten)]
    pub numbers: Numbers,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Generated {
    pub expression: String,
    /// STORED; otherwise VIRTUAL.
    pub stored: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct PartitionBy {
    /// `range`, `list` or `hash`
    pub strategy: &'static str,
    pub keys: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct PartitionOf {
    pub parent: Reference,
    pub bound: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Foreign {
    pub server: String,
    pub options: BTreeMap<String, String>,
}

/// A constraint. Which of the fields apply is told by its kind.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Constraint {
    pub name: String,
    /// `primary key`, `unique`, `foreign key`, `check` or `exclude`
    pub kind: &'static str,
    /// The columns it speaks of; of a key, in order and without those of INCLUDE.
    pub columns: Vec<String>,
    pub include: Vec<String>,
    pub nulls_not_distinct: bool,
    /// The last column is a period that must not overlap.
    pub without_overlaps: bool,
    /// Of the index behind it.
    pub options: BTreeMap<String, String>,
    pub tablespace: Option<String>,
    /// Of a foreign key.
    pub references: Option<Target>,
    /// Of a check.
    pub expression: Option<String>,
    /// Of an exclusion constraint.
    pub exclude: Option<Exclude>,
    #[serde(flatten)]
    pub deferrable: Deferrable,
    /// False after NOT VALID, until it is validated.
    pub valid: bool,
    pub enforced: bool,
    pub no_inherit: bool,
    pub inherited: bool,
    pub comment: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Deferrable {
    pub deferrable: bool,
    pub initially_deferred: bool,
}

/// Where a foreign key points, and what it does.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Target {
    #[serde(flatten)]
    pub table: Reference,
    pub columns: Vec<String>,
    /// `no action`, `restrict`, `cascade`, `set null` or `set default`
    pub on_delete: &'static str,
    pub on_update: &'static str,
    /// The columns that SET NULL or SET DEFAULT sets; empty means all.
    pub set_columns: Vec<String>,
    pub match_full: bool,
    /// The last column is a period.
    pub period: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Exclude {
    pub method: String,
    pub elements: Vec<ExcludeElement>,
    pub predicate: Option<String>,
}

/// One part of an exclusion: no two rows may have this key in this relation.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExcludeElement {
    #[serde(flatten)]
    pub key: IndexKey,
    pub operator: String,
}

/// An index on a table or materialized view.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Index {
    pub name: String,
    pub method: String,
    pub unique: bool,
    pub nulls_not_distinct: bool,
    pub keys: Vec<IndexKey>,
    pub include: Vec<String>,
    pub predicate: Option<String>,
    pub options: BTreeMap<String, String>,
    pub tablespace: Option<String>,
    pub valid: bool,
    /// The index of the partitioned table that it is a part of.
    pub attached_to: Option<Reference>,
    pub inherited: bool,
    pub clustered: bool,
    /// Statistics targets by the position of the key, from 1.
    pub statistics: BTreeMap<u16, i32>,
    pub comment: Option<String>,
}

/// One key of an index, and how it is compared.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IndexKey {
    /// The column, when the key is nothing but a column.
    pub column: Option<String>,
    pub expression: String,
    pub collation: Option<String>,
    pub opclass: Option<String>,
    pub opclass_options: BTreeMap<String, String>,
    pub descending: bool,
    pub nulls_first: bool,
}

/// A view or materialized view.
#[derive(Debug, Serialize, JsonSchema)]
pub struct View {
    #[serde(flatten)]
    pub id: Reference,
    pub materialized: bool,
    pub columns: Vec<ViewColumn>,
    /// The query.
    pub definition: String,
    pub options: BTreeMap<String, String>,
    /// `permanent`, `unlogged` or `temporary`
    pub persistence: &'static str,
    pub populated: bool,
    pub tablespace: Option<String>,
    pub access_method: Option<String>,
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
    pub rules: Vec<Rule>,
    #[serde(flatten)]
    pub about: About,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ViewColumn {
    pub name: String,
    pub default: Option<String>,
    pub comment: Option<String>,
}

impl Table {
    pub(super) fn of(schema: &Schema, table: &object::Table, about: About) -> Table {
        let name = &table.name;
        Table {
            id: name.into(),
            persistence: persistence(table.persistence),
            columns: table.columns.iter().map(|column| Column::of(schema, name, column)).collect(),
            constraints: table.constraints.iter().map(|constraint| Constraint::of(schema, name, constraint)).collect(),
            indexes: table.indexes.iter().map(|index| Index::of(schema, name, index)).collect(),
            triggers: table.triggers.iter().map(|trigger| Trigger::of(schema, name, trigger)).collect(),
            rules: table.rules.iter().map(|rule| Rule::of(schema, name, rule)).collect(),
            policies: table.policies.iter().map(|policy| Policy::of(schema, name, policy)).collect(),
            row_security: table.row_security.enabled,
            force_row_security: table.row_security.forced,
            partition_by: table.partition_by.as_ref().map(|by| PartitionBy {
                strategy: strategy(by.strategy),
                keys: by.keys.iter().map(|key| text(&key.expr)).collect(),
            }),
            partition_of: table
                .partition_of
                .as_ref()
                .map(|of| PartitionOf { parent: (&of.parent).into(), bound: text(&of.bound) }),
            inherits: table.inherits.iter().map(Reference::from).collect(),
            of_type: table.of_type.as_ref().map(Reference::from),
            foreign: table
                .foreign
                .as_ref()
                .map(|foreign| Foreign { server: text(&foreign.server), options: options(&foreign.options) }),
            replica_identity: match &table.replica_identity {
                ReplicaIdentity::Default => "default".to_string(),
                ReplicaIdentity::Full => "full".to_string(),
                ReplicaIdentity::Nothing => "nothing".to_string(),
                ReplicaIdentity::Index(index) => format!("index {index}"),
            },
            options: options(&table.options),
            tablespace: table.tablespace.as_ref().map(text),
            access_method: table.access_method.as_ref().map(text),
            about,
        }
    }
}

pub(super) fn persistence(persistence: Persistence) -> &'static str {
    match persistence {
        Persistence::Permanent => "permanent",
        Persistence::Unlogged => "unlogged",
        Persistence::Temporary => "temporary",
    }
}

impl Column {
    fn of(schema: &Schema, table: &QName, column: &object::Column) -> Column {
        let grants = schema.grants_on(&Path::column(table, column.name.clone()));
        Column {
            name: text(&column.name),
            ty: text(&column.ty),
            collation: column.collation.as_ref().map(text),
            not_null: !column.is_nullable(),
            not_null_constraint: column.not_null.as_ref().map(|not_null| NotNull {
                name: not_null.name.as_ref().map(text),
                valid: !not_null.not_valid,
                no_inherit: not_null.no_inherit,
            }),
            default: column.default.as_ref().map(text),
            identity: column.identity.as_ref().map(|identity| Identity {
                always: identity.always,
                sequence: (&identity.sequence.name).into(),
                numbers: Numbers::of(&identity.sequence),
            }),
            generated: column
                .generated
                .as_ref()
                .map(|generated| Generated { expression: text(&generated.expr), stored: generated.stored }),
            storage: column.storage.as_ref().map(text),
            compression: column.compression.as_ref().map(text),
            statistics: column.statistics,
            options: options(&column.options),
            inherited: column.inherited,
            comment: part_comment(schema, Kind::Column, table, &column.name),
            granted: grants.map(|grants| privileges(&grants.granted)).unwrap_or_default(),
            revoked: grants.map(|grants| privileges(&grants.revoked)).unwrap_or_default(),
        }
    }
}

impl Constraint {
    fn of(schema: &Schema, table: &QName, constraint: &object::Constraint) -> Constraint {
        let mut said = Constraint {
            name: text(&constraint.name),
            kind: "check",
            columns: texts(constraint.columns()),
            include: Vec::new(),
            nulls_not_distinct: false,
            without_overlaps: false,
            options: BTreeMap::new(),
            tablespace: None,
            references: None,
            expression: None,
            exclude: None,
            deferrable: deferrable(constraint.deferrable),
            valid: constraint.valid,
            enforced: constraint.enforced,
            no_inherit: constraint.no_inherit,
            inherited: constraint.inherited,
            comment: part_comment(schema, Kind::Constraint, table, &constraint.name),
        };
        match &constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                let primary = matches!(constraint.kind, ConstraintKind::PrimaryKey(_));
                said.kind = if primary { "primary key" } else { "unique" };
                said.columns = texts(&key.columns);
                said.include = texts(&key.include);
                said.nulls_not_distinct = key.nulls_not_distinct;
                said.without_overlaps = key.without_overlaps;
                said.options = options(&key.options);
                said.tablespace = key.tablespace.as_ref().map(text);
            }
            ConstraintKind::ForeignKey(key) => {
                said.kind = "foreign key";
                said.references = Some(Target {
                    table: (&key.table).into(),
                    columns: texts(&key.targets),
                    on_delete: action(key.on_delete),
                    on_update: action(key.on_update),
                    set_columns: texts(&key.set_columns),
                    match_full: key.match_full,
                    period: key.period,
                });
            }
            ConstraintKind::Check(expr) => said.expression = Some(text(expr)),
            ConstraintKind::Exclude(exclude) => {
                said.kind = "exclude";
                said.include = texts(&exclude.include);
                said.options = options(&exclude.options);
                said.tablespace = exclude.tablespace.as_ref().map(text);
                said.exclude = Some(Exclude {
                    method: text(&exclude.method),
                    elements: exclude.elements.iter().map(element).collect(),
                    predicate: exclude.predicate.as_ref().map(text),
                });
            }
        }
        said
    }
}

fn element(element: &object::Excluded) -> ExcludeElement {
    ExcludeElement { key: key(&element.key), operator: text(&element.operator) }
}

pub(super) fn deferrable(deferrable: object::Deferrable) -> Deferrable {
    use object::Deferrable::{InitiallyDeferred, No};
    Deferrable { deferrable: deferrable != No, initially_deferred: deferrable == InitiallyDeferred }
}

impl Index {
    fn of(schema: &Schema, owner: &QName, index: &object::Index) -> Index {
        Index {
            name: text(&index.name),
            method: text(&index.method),
            unique: index.unique,
            nulls_not_distinct: index.nulls_not_distinct,
            keys: index.keys.iter().map(key).collect(),
            include: texts(&index.include),
            predicate: index.predicate.as_ref().map(text),
            options: options(&index.options),
            tablespace: index.tablespace.as_ref().map(text),
            valid: index.valid,
            attached_to: index.attached_to.as_ref().map(Reference::from),
            inherited: index.inherited,
            clustered: index.clustered,
            statistics: index.statistics.iter().copied().collect(),
            comment: part_comment(schema, Kind::Index, owner, &index.name),
        }
    }
}

fn key(key: &object::IndexKey) -> IndexKey {
    IndexKey {
        column: key.expr.as_column().map(text),
        expression: text(&key.expr),
        collation: key.collation.as_ref().map(text),
        opclass: key.opclass.as_ref().map(text),
        opclass_options: options(&key.opclass_options),
        descending: key.descending,
        nulls_first: key.nulls_first,
    }
}

impl View {
    pub(super) fn of(schema: &Schema, view: &object::View, about: About) -> View {
        let name = &view.name;
        let column = |column: &model::Name| ViewColumn {
            name: text(column),
            default: view.defaults.iter().find(|(name, _)| name == column).map(|(_, default)| text(default)),
            comment: part_comment(schema, Kind::Column, name, column),
        };
        View {
            id: name.into(),
            materialized: view.materialized,
            columns: view.columns.iter().map(column).collect(),
            definition: text(&view.query.sql),
            options: options(&view.options),
            persistence: persistence(view.persistence),
            populated: view.populated,
            tablespace: view.tablespace.as_ref().map(text),
            access_method: view.access_method.as_ref().map(text),
            indexes: view.indexes.iter().map(|index| Index::of(schema, name, index)).collect(),
            triggers: view.triggers.iter().map(|trigger| Trigger::of(schema, name, trigger)).collect(),
            rules: view.rules.iter().map(|rule| Rule::of(schema, name, rule)).collect(),
            about,
        }
    }
}
