//! What can be configured, printed: as a JSON schema, as a page, as a commented file, with the origin of each value.

use serde_json::Value;

use super::{Config, Loaded, Naming};
use crate::files::shown;

/// A key of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub name: String,
    pub meaning: String,
    /// As TOML.
    pub default: String,
    /// The words it may be, when it is one of a few.
    pub values: Vec<String>,
}

/// Every key, in the order in which the struct has them.
pub fn keys() -> Vec<Key> {
    let schema = schemars::schema_for!(Config);
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let defaults = toml_values(&Config::default());
    let default = |name: &str| defaults.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    ORDER.iter().filter_map(|name| Some(key(name, properties.get(*name)?, default(name)))).collect()
}

/// The keys of `[naming]`.
fn naming_keys() -> Vec<Key> {
    let schema = schemars::schema_for!(Naming);
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    NAMING_ORDER.iter().filter_map(|name| Some(key(name, properties.get(*name)?, None))).collect()
}

fn key(name: &str, property: &Value, default: Option<String>) -> Key {
    let words = property.get("enum").and_then(Value::as_array).into_iter().flatten();
    let one_of = property.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    // An option is one of its values or null.
    let any_of = property.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let inner = any_of.filter_map(|one| one.get("enum").and_then(Value::as_array)).flatten();
    let words = words.chain(one_of.filter_map(|one| one.get("const"))).chain(inner);
    Key {
        name: name.to_owned(),
        meaning: property.get("description").and_then(Value::as_str).unwrap_or("").replace('\n', " "),
        default: default.unwrap_or_else(|| "none".to_owned()),
        values: words.filter_map(|word| word.as_str().map(str::to_owned)).collect(),
    }
}

/// JSON objects have no order; this is the one for people. A test holds it complete.
const ORDER: &[&str] = &[
    "sources",
    "exclude",
    "pg-version",
    "target",
    "select",
    "extend-select",
    "ignore",
    "fail-on",
    "baseline",
    "stats",
    "min-days",
    "severity",
    "per-path-ignores",
    "naming",
    "databases",
];

const NAMING_ORDER: &[&str] = &[
    "tables",
    "table-case",
    "column-case",
    "primary-key",
    "foreign-key",
    "index",
    "constraint",
    "boolean-prefixes",
    "time-suffixes",
];

/// The usual style, key by key.
const USUAL: &[&str] = &[
    "\"plural\"",
    "\"snake_case\"",
    "\"snake_case\"",
    "\"id\"",
    "\"{table}_id\"",
    "\"idx_{table}_{columns}\"",
    "\"{table}_{column}_{type}\"",
    "[\"is\", \"has\", \"can\"]",
    "[\"at\"]",
];

/// The JSON schema, for editors.
pub fn schema() -> String {
    let mut schema = serde_json::to_value(schemars::schema_for!(Config)).expect("a schema is JSON");
    strip_formats(&mut schema);
    serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
}

/// `"format": "uint16"` is no format that validators know; they warn about it.
fn strip_formats(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("format");
            members.values_mut().for_each(strip_formats);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_formats),
        _ => {}
    }
}

/// The page about the file.
pub fn markdown() -> String {
    let mut out = "# palladio.toml\n\n\
        How Palladio reads and checks this project. Paths and globs count from the folder of the file.\n\
        The nearest file above the current folder counts; `--config FILE` names another, `--isolated` takes none.\n\
        Options of the command line win over it. `palladio config --show-origin` prints what is in force,\n\
        `palladio config schema` the JSON schema. An unknown key is an error.\n\n\
        | key | default | meaning |\n|---|---|---|\n"
        .to_owned();
    for Key { name, meaning, default, values } in keys() {
        let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        let values = if values.is_empty() { String::new() } else { format!(" One of {}.", values.join(", ")) };
        let default = if default == "none" { default } else { format!("`{default}`") };
        out += &format!("| `{name}` | {default} | {meaning}{values} |\n");
    }
    out += "\n## [naming]\n\n\
        The house style. The usual one is in the last column: it counts where the names of a project do not agree.\n\
        A style that is written here makes each name that differs a finding; one that was recognized makes one finding of all.\n\n\
        | key | meaning | usual |\n|---|---|---|\n";
    for (Key { name, meaning, values, .. }, usual) in naming_keys().into_iter().zip(USUAL) {
        let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        let values = if values.is_empty() { String::new() } else { format!(" One of {}.", values.join(", ")) };
        out += &format!("| `{name}` | {meaning}{values} | `{usual}` |\n");
    }
    out + "\n```toml\n\
        pg-version = 16\n\
        extend-select = [\"ALL\"]\n\
        \n\
        [severity]\n\
        index-blocks-writes = \"error\"\n\
        \n\
        [naming]\n\
        tables = \"singular\"\n\
        index = \"ix_{table}_{columns}\"\n\
        \n\
        [per-path-ignores]\n\
        \"db/legacy/**\" = [\"ALL\"]\n\
        \n\
        [databases.production]\n\
        url = \"postgres://palladio:${PALLADIO_PASSWORD}@db.example.org/shop?sslmode=verify-full\"\n\
        ```\n"
}

/// A file with every key in a comment, apart from those that are set.
pub fn commented(set: &[(&str, String)]) -> String {
    let mut out = "# How Palladio reads and checks this project; every key: palladio config\n".to_owned();
    for Key { name, meaning, default, values } in keys() {
        out += "\n";
        for line in report::rules::wrap(&meaning, 76) {
            out += &format!("# {line}\n");
        }
        if !values.is_empty() {
            out += &format!("# One of {}.\n", values.join(", "));
        }
        match set.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => out += &format!("{name} = {value}\n"),
            None => out += &format!("# {name} = {}\n", example(&name, &default)),
        }
    }
    out
}

/// What to show where there is no default to show.
fn example(name: &str, default: &str) -> String {
    match (name, default) {
        ("baseline", _) => "\"palladio-baseline.json\"".to_owned(),
        ("stats", _) => "\"stats.json\"".to_owned(),
        (_, default) => default.to_owned(),
    }
}

/// Every value in force, with where it came from when that is asked.
pub fn origins(loaded: &Loaded, show_origin: bool) -> String {
    let values = toml_values(&loaded.config);
    let file = loaded.file.as_ref().map_or(String::new(), |file| {
        let folder = std::env::current_dir().unwrap_or_default();
        shown(file.strip_prefix(&folder).unwrap_or(file))
    });
    let mut out = String::new();
    for Key { name, .. } in keys() {
        let value = values.iter().find(|(key, _)| *key == name);
        let line = value.map_or(format!("# {name} is not set"), |(_, value)| format!("{name} = {value}"));
        let origin = match loaded.lines.get(&name) {
            Some(line) => format!("{file}:{line}"),
            None => "default".to_owned(),
        };
        out += &if show_origin { format!("{line:<40}  # {origin}\n") } else { format!("{line}\n") };
    }
    out
}

/// The keys that have a value, each as one line of TOML.
fn toml_values(config: &Config) -> Vec<(String, String)> {
    let value = toml::Value::try_from(config).expect("the configuration is TOML");
    let table = value.as_table().cloned().unwrap_or_default();
    table.into_iter().map(|(key, value)| (key, inline(&value))).collect()
}

fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) if table.is_empty() => "{}".to_owned(),
        toml::Value::Table(table) => {
            let entry = |(key, value): (&String, &toml::Value)| {
                format!("{} = {}", toml::Value::String(key.clone()), inline(value))
            };
            format!("{{ {} }}", table.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        toml::Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_order() {
        let schema = serde_json::to_value(schemars::schema_for!(Config)).expect("a schema is JSON");
        let mut names: Vec<&str> =
            schema["properties"].as_object().expect("properties").keys().map(String::as_str).collect();
        let mut order = ORDER.to_vec();
        names.sort_unstable();
        order.sort_unstable();
        assert_eq!(names, order);
        assert!(keys().iter().all(|key| !key.meaning.is_empty()));
    }

    #[test]
    fn what_init_writes_is_what_is_read() {
        let text = commented(&[("pg-version", "16".to_owned())]);
        let config: Config = toml::from_str(&text).expect("it is TOML");
        assert_eq!(config, Config { pg_version: 16, ..Config::default() });
        let all: String = text
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.contains(" = "))
            .map(|line| format!("{line}\n"))
            .collect();
        toml::from_str::<Config>(&all).expect("what is in comments could be set");
    }
}
