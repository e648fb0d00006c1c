//! The house style of names, as the configuration writes it.

use check::{Case, House, Plurality};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How this project names things. What is left out is what most of its names do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Naming {
    /// Tables are called after many rows (`orders`) or after one (`order`).
    pub tables: Option<Tables>,
    /// How tables join their words.
    pub table_case: Option<Casing>,
    /// How columns join their words.
    pub column_case: Option<Casing>,
    /// The name of a numbered key: `id`, or a pattern with `{table}`, which is in the singular.
    pub primary_key: Option<String>,
    /// The name of a foreign key column: `{table}_id`, or `{table}` when it does not end in `_id`.
    pub foreign_key: Option<String>,
    /// How names of indexes begin and end: `idx_{table}_{columns}`.
    pub index: Option<String>,
    /// How names of foreign keys, checks and unique constraints begin and end: `{table}_{column}_{type}`, where the type is `fkey`, `check` or `key`.
    pub constraint: Option<String>,
    /// The words of which booleans begin with one.
    pub boolean_prefixes: Option<Vec<String>>,
    /// The words of which instants end with one.
    pub time_suffixes: Option<Vec<String>>,
}

/// After how many rows a table is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Tables {
    Plural,
    Singular,
}

/// How the words of a name are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Casing {
    #[serde(rename = "snake_case")]
    Snake,
    #[serde(rename = "camelCase")]
    Camel,
    #[serde(rename = "PascalCase")]
    Pascal,
    #[serde(rename = "UPPER_CASE")]
    Upper,
}

impl From<&Naming> for House {
    fn from(naming: &Naming) -> House {
        let case = |casing: Casing| match casing {
            Casing::Snake => Case::Snake,
            Casing::Camel => Case::Camel,
            Casing::Pascal => Case::Pascal,
            Casing::Upper => Case::Upper,
        };
        House {
            tables: naming.tables.map(|tables| match tables {
                Tables::Plural => Plurality::Plural,
                Tables::Singular => Plurality::Singular,
            }),
            table_case: naming.table_case.map(case),
            column_case: naming.column_case.map(case),
            primary_key: naming.primary_key.clone(),
            foreign_key: naming.foreign_key.clone(),
            index: naming.index.clone(),
            constraint: naming.constraint.clone(),
            boolean_prefixes: naming.boolean_prefixes.clone(),
            time_suffixes: naming.time_suffixes.clone(),
        }
    }
}
