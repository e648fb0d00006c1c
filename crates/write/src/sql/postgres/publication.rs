//! Publications.

use model::name::quoted;
use model::object::{Publication, PublishedTable};

use super::words;

pub(super) fn create(publication: &Publication) -> String {
    let objects = if publication.all_tables {
        " FOR ALL TABLES".to_owned()
    } else {
        objects(publication).map(|objects| format!(" FOR {objects}")).unwrap_or_default()
    };
    format!("CREATE PUBLICATION {}{objects}{};", quoted(&publication.name), words::with(&publication.options))
}

/// What ALTER PUBLICATION says to arrive at this state.
pub(super) fn alter(was: Option<&Publication>, publication: &Publication) -> Vec<String> {
    let alter = format!("ALTER PUBLICATION {}", quoted(&publication.name));
    let objects = objects(publication).map(|objects| format!("{alter} SET {objects};"));
    let gone = was.filter(|was| !was.tables.is_empty() && publication.tables.is_empty() && objects.is_none());
    let gone = gone.map(|was| {
        let tables: Vec<String> = was.tables.iter().map(|table| table.table.to_string()).collect();
        format!("{alter} DROP TABLE {};", tables.join(", "))
    });
    let mut options = publication.options.clone();
    // An option cannot be reset: it is set to what it is without being said.
    for name in was.iter().flat_map(|was| was.options.keys()) {
        if let Some(usual) = usual(name).filter(|_| !options.contains_key(name)) {
            options.insert(name.clone(), usual.into());
        }
    }
    let options = (!options.is_empty()).then(|| format!("{alter} SET ({});", words::parameters(&options)));
    objects.into_iter().chain(gone).chain(options).collect()
}

fn usual(option: &str) -> Option<&'static str> {
    match option {
        "publish" => Some("insert, update, delete, truncate"),
        "publish_via_partition_root" => Some("false"),
        "publish_generated_columns" => Some("none"),
        _ => None,
    }
}

/// `TABLE a, TABLE b (id) WHERE (id > 0), TABLES IN SCHEMA app`
fn objects(publication: &Publication) -> Option<String> {
    let tables = publication.tables.iter().map(table);
    let schemas = publication.schemas.iter().map(|schema| match schema.as_str() {
        "CURRENT_SCHEMA" => "TABLES IN SCHEMA CURRENT_SCHEMA".to_owned(),
        schema => format!("TABLES IN SCHEMA {}", quoted(schema)),
    });
    let objects: Vec<String> = tables.chain(schemas).collect();
    (!objects.is_empty()).then(|| objects.join(", "))
}

fn table(table: &PublishedTable) -> String {
    let columns = if table.columns.is_empty() { String::new() } else { format!(" ({})", words::names(&table.columns)) };
    let filter = table.filter.as_ref().map(|filter| format!(" WHERE ({filter})")).unwrap_or_default();
    format!("TABLE {}{columns}{filter}", table.table)
}
