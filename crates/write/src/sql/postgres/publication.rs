//! Publications.

use model::Schema;
use model::name::quoted;
use model::object::{Publication, PublishedTable};

use super::words;

pub(super) fn create(schema: &Schema, publication: &Publication) -> String {
    let objects = if publication.all_tables {
        " FOR ALL TABLES".to_owned()
    } else {
        objects(schema, publication).map(|objects| format!(" FOR {objects}")).unwrap_or_default()
    };
    format!("CREATE PUBLICATION {}{objects}{};", quoted(&publication.name), words::with(&publication.options))
}

/// What ALTER PUBLICATION says to arrive at this state. What it was before says what has to be taken back.
pub(super) fn alter(schema: &Schema, before: Option<&Publication>, publication: &Publication) -> Vec<String> {
    let alter = format!("ALTER PUBLICATION {}", quoted(&publication.name));
    let same = before.is_some_and(|was| was.tables == publication.tables && was.schemas == publication.schemas);
    let objects = match objects(schema, publication) {
        _ if same => None,
        Some(objects) => Some(format!("{alter} SET {objects};")),
        // An empty list cannot be set.
        None => before.and_then(|before| left(schema, before)).map(|left| format!("{alter} DROP {left};")),
    };
    let mut options = publication.options.clone();
    let lost =
        before.into_iter().flat_map(|was| was.options.keys()).filter(|name| !publication.options.contains_key(*name));
    for name in lost {
        options.extend(usual(name).map(|usual| (name.clone(), usual.into())));
    }
    options.retain(|name, value| before.is_none_or(|was| was.options.get(name) != Some(value)));
    let options = (!options.is_empty()).then(|| format!("{alter} SET ({});", words::parameters(&options)));
    objects.into_iter().chain(options).collect()
}

/// What a publication is without the option (CREATE PUBLICATION).
fn usual(option: &str) -> Option<&'static str> {
    match option {
        "publish" => Some("insert, update, delete, truncate"),
        "publish_via_partition_root" => Some("false"),
        "publish_generated_columns" => Some("none"),
        _ => None,
    }
}

/// The members by their names alone, as DROP wants them.
fn left(schema: &Schema, publication: &Publication) -> Option<String> {
    let bare = |table: &PublishedTable| PublishedTable { columns: Vec::new(), filter: None, ..table.clone() };
    let tables = publication.tables.iter().map(bare).collect();
    objects(schema, &Publication { tables, ..publication.clone() })
}

/// `TABLE a, b (id) WHERE (id > 0), TABLES IN SCHEMA app`; before 15 the word may stand only once.
fn objects(schema: &Schema, publication: &Publication) -> Option<String> {
    let tables = publication.tables.iter().map(|own| table(schema, own)).enumerate();
    let tables = tables.map(|(at, own)| if at == 0 { format!("TABLE {own}") } else { own });
    let schemas = publication.schemas.iter().map(|schema| match schema.as_str() {
        "CURRENT_SCHEMA" => "TABLES IN SCHEMA CURRENT_SCHEMA".to_owned(),
        schema => format!("TABLES IN SCHEMA {}", quoted(schema)),
    });
    let objects: Vec<String> = tables.chain(schemas).collect();
    (!objects.is_empty()).then(|| objects.join(", "))
}

/// ONLY where the tables that inherit from it would be members with it.
fn table(schema: &Schema, table: &PublishedTable) -> String {
    let only = if schema.inheriting(&table.table).next().is_some() { "ONLY " } else { "" };
    let columns = if table.columns.is_empty() { String::new() } else { format!(" ({})", words::names(&table.columns)) };
    let filter = table.filter.as_ref().map(|filter| format!(" WHERE ({filter})")).unwrap_or_default();
    format!("{only}{}{columns}{filter}", table.table)
}
