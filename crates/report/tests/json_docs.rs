//! `docs/json.md` is printed from the structs of the format: `UPDATE=1 cargo test` rewrites it.

use report::proven::Proof;
use report::schema_json::Database;
use serde_json::{Map, Value};

#[test]
fn docs_say_what_the_structs_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/json.md");
    let printed = page(&schemars::schema_for!(Database).to_value()) + &proof(&schemars::schema_for!(Proof).to_value());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &printed).expect("docs/json.md can be written");
    }
    let kept = std::fs::read_to_string(path).expect("docs/json.md is there");
    assert_eq!(kept, printed, "run UPDATE=1 cargo test -p report");
}

fn page(schema: &Value) -> String {
    let mut out = "\
# A schema as JSON

`palladio inspect SOURCE --format json` prints every object that was read. The format has a version of its own; it
grows when a field changes its meaning or goes away, not when one is added, so ignore what you do not know.

Every field is always there: what does not apply is `null`, `false` or empty. Types and expressions are canonical SQL.
Objects are in the order of schema and name; columns, constraints and enum values keep their own.

This page is printed from the code.
"
    .to_string();
    out += &section("The whole", schema);
    let defs = schema["$defs"].as_object().expect("the parts are definitions");
    for (name, part) in defs {
        out += &section(name, part);
    }
    out + &explained()
}

fn explained() -> String {
    let schema = schemars::schema_for!(report::explained::Document).to_value();
    let mut out = "
# A query plan as JSON

`palladio explain FILE --format json` prints a plan with what was found in it, worst first. A file with several plans
gives a list of them.
"
    .to_string();
    out += &section("The plan", &schema);
    for (name, part) in schema["$defs"].as_object().expect("the parts are definitions") {
        out += &section(name, part);
    }
    out + &health()
}

fn health() -> String {
    let schema = schemars::schema_for!(report::health::Document).to_value();
    let mut out = "
# The health of indexes as JSON

`palladio health --db URL --format json` prints what is wrong with the indexes of a database, the gravest first. Its
format has a version of its own, with the same promise.
"
    .to_string();
    out += &section("The whole health", &schema);
    for (name, part) in schema["$defs"].as_object().expect("the parts are definitions") {
        out += &section(name, part);
    }
    out + &advice()
}

fn advice() -> String {
    let schema = schemars::schema_for!(report::advice::Document<'static>).to_value();
    let mut out = "
# Advice as JSON

`palladio advise --db URL --format json` prints which indexes, rewrites and views a workload is worth, and what logs say
was asked. Its format has a version of its own, with the same promise.
"
    .to_string();
    out += &section("The whole advice", &schema);
    for (name, part) in schema["$defs"].as_object().expect("the parts are definitions") {
        out += &section(&format!("Advice: {name}"), part);
    }
    out.replace("](#", "](#advice-")
}

/// The parts of a proof stand below it: their names are also those of parts of a schema.
fn proof(schema: &Value) -> String {
    let mut out = "
# A proof as JSON

`palladio migrate prove plan.json --format json` prints what a rehearsal showed. Its format has a version of its own, with the
same promise.
"
    .to_string();
    out += &section("The whole proof", schema);
    let defs = schema["$defs"].as_object().expect("the parts are definitions");
    for (name, part) in defs {
        out += &section(&format!("Proof: {name}"), part);
    }
    out.replace("](#", "](#proof-")
}

fn section(name: &str, part: &Value) -> String {
    let mut out = format!("\n## {name}\n\n");
    if let Some(description) = part["description"].as_str() {
        out += &format!("{description}\n\n");
    }
    out += "| field | type | meaning |\n|---|---|---|\n";
    for (field, value) in part["properties"].as_object().into_iter().flatten() {
        let meaning = value["description"].as_str().unwrap_or("").replace('|', "\\|");
        out += &format!("| `{field}` | {} | {} |\n", kind(value), meaning.replace('\n', " "));
    }
    out
}

/// The type of a field in words, with links to the parts.
fn kind(value: &Value) -> String {
    let empty = Map::new();
    let value = value.as_object().unwrap_or(&empty);
    if let Some(name) = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next()) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(choices) = value.get("anyOf").and_then(Value::as_array) {
        let choices: Vec<String> = choices.iter().map(kind).collect();
        return choices.join(" or ");
    }
    match value.get("type") {
        Some(Value::String(name)) if name == "array" => format!("list of {}", kind(&value["items"])),
        Some(Value::String(name)) if name == "object" => match values(value) {
            Some(values) => format!("object of {}", kind(values)),
            None => name.clone(),
        },
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_string(),
    }
}

/// What the values of an object that serves as a map are.
fn values(value: &Map<String, Value>) -> Option<&Value> {
    let by_pattern = || value.get("patternProperties")?.as_object()?.values().next();
    value.get("additionalProperties").filter(|values| values.is_object()).or_else(by_pattern)
}
