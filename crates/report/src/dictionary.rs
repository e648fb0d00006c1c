//! A data dictionary: the schema as a Markdown page for people who look something up.

mod markdown;
mod table;

use model::object::{Domain, Enum, Returns, Routine, RoutineKind, Sequence, View, Volatility};
use model::{Kind, Path, QName, Schema};
use write::relation::drawn_tables;

use markdown::{Anchors, cell, code, fenced, heading, rows};

pub fn render(schema: &Schema) -> String {
    let mut anchors = Anchors::new(["Data dictionary", "Contents", "Tables"]);
    for table in drawn_tables(schema) {
        anchors.add(table.name.clone());
    }
    anchors.skip("Views");
    for view in schema.views() {
        anchors.add(view.name.clone());
    }
    let parts = [
        heading(1, "Data dictionary"),
        counts(schema),
        contents(schema, &anchors),
        section("Tables", drawn_tables(schema).map(|table| table::describe(schema, table, &anchors))),
        section("Views", schema.views().map(|view| self::view(schema, view))),
        types(schema),
        routines(schema),
        sequences(schema),
        extensions(schema),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// `12 tables, 1 view, 2 enums`
fn counts(schema: &Schema) -> String {
    let counts = [
        (drawn_tables(schema).count(), "table"),
        (schema.views().count(), "view"),
        (schema.enums().count(), "enum"),
        (schema.domains().count(), "domain"),
        (schema.routines().count(), "function"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> =
        counts.map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" })).collect();
    if counts.is_empty() { "Nothing was found.\n".to_string() } else { counts.join(", ") + "\n" }
}

/// Tables and views, each with the first line of its comment.
fn contents(schema: &Schema, anchors: &Anchors) -> String {
    let line = |path: Path| {
        let comment = schema.comment(&path).and_then(|comment| comment.lines().next());
        let comment = comment.map(|comment| format!(": {}", cell(comment))).unwrap_or_default();
        format!("- {}{comment}\n", anchors.link(&path.qname()))
    };
    let tables: String = drawn_tables(schema).map(|table| line(Path::table(&table.name))).collect();
    let views: String = schema.views().map(|view| line(view_path(view))).collect();
    if tables.is_empty() && views.is_empty() {
        return String::new();
    }
    format!("{}\n{tables}{views}", heading(2, "Contents"))
}

fn section(title: &str, parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { String::new() } else { format!("{}\n{}", heading(2, title), parts.join("\n")) }
}

fn view_path(view: &View) -> Path {
    Path::object(if view.materialized { Kind::MaterializedView } else { Kind::View }, &view.name)
}

fn view(schema: &Schema, view: &View) -> String {
    let path = view_path(view);
    let mut parts = vec![heading(3, &view.name.to_string())];
    parts.extend(schema.comment(&path).map(|comment| format!("{}\n", cell(comment))));
    if view.materialized {
        parts.push("A materialized view: it shows what its last refresh saw.\n".to_string());
    }
    let column = |name: &model::Name| {
        let comment = schema.comment(&Path::column(&view.name, name.clone()));
        [code(name), comment.map(|comment| cell(comment)).unwrap_or_default()]
    };
    parts.push(rows(["Column", "Comment"], view.columns.iter().map(column)));
    parts.push(fenced("sql", &view.query.sql.to_string()));
    parts.push(table::indexes(schema, &view.name, &view.indexes));
    parts.push(table::triggers(&view.triggers));
    parts.push(table::grants(schema, &path));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn types(schema: &Schema) -> String {
    let enumeration = |ty: &Enum| {
        let values: Vec<String> = ty.values.iter().map(|value| code(value)).collect();
        [code(&ty.name.to_string()), values.join(", "), about(schema, Kind::Enum, &ty.name)]
    };
    let domain = |ty: &Domain| {
        let mut says: Vec<String> = ty.checks.iter().map(|check| code(&check.expr.to_string())).collect();
        says.extend(ty.not_null.as_ref().map(|_| "never null".to_string()));
        says.extend(ty.default.as_ref().map(|default| format!("default {}", code(&default.to_string()))));
        [code(&ty.name.to_string()), code(&ty.base.to_string()), says.join(", "), about(schema, Kind::Domain, &ty.name)]
    };
    let composites = schema.of_kind(Kind::Composite).filter_map(|object| match object {
        model::object::Object::Composite(ty) => Some(ty),
        _ => None,
    });
    let composite = |ty: &std::sync::Arc<model::object::Composite>| {
        let fields = ty.attributes.iter().map(|field| code(&format!("{} {}", field.name, field.ty)));
        let fields: Vec<String> = fields.collect();
        [code(&ty.name.to_string()), fields.join(", "), about(schema, Kind::Composite, &ty.name)]
    };
    let tables = [
        rows(["Enum", "Values", "Comment"], schema.enums().map(enumeration)),
        rows(["Domain", "Type", "Says", "Comment"], schema.domains().map(domain)),
        rows(["Composite type", "Fields", "Comment"], composites.map(composite)),
    ];
    section("Types", tables.into_iter().filter(|table| !table.is_empty()))
}

fn routines(schema: &Schema) -> String {
    let routine = |routine: &Routine| {
        let name = format!("{}({})", routine.name, routine.signature());
        let kind = if routine.kind == RoutineKind::Procedure { Kind::Procedure } else { Kind::Function };
        let path = Path::part(kind, &routine.name, routine.signature());
        let comment = schema.comment(&path).map(|comment| cell(comment)).unwrap_or_default();
        let returns = match &routine.returns {
            Returns::Nothing => String::new(),
            returns => crate::schema_json::returns(returns).map(|returns| code(&returns)).unwrap_or_default(),
        };
        [code(&name), returns, code(&routine.language), traits(routine), comment]
    };
    let table = rows(["Function", "Returns", "Language", "Traits", "Comment"], schema.routines().map(routine));
    section("Functions", std::iter::once(table).filter(|table| !table.is_empty()))
}

fn traits(routine: &Routine) -> String {
    let volatility = match routine.volatility {
        Volatility::Volatile => None,
        Volatility::Stable => Some("stable"),
        Volatility::Immutable => Some("immutable"),
    };
    let others = [
        ((routine.kind == RoutineKind::Procedure), "procedure"),
        (routine.strict, "strict"),
        (routine.security_definer, "runs as its owner"),
        (routine.opaque, "dynamic SQL"),
    ];
    let others = others.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word);
    volatility.into_iter().chain(others).collect::<Vec<_>>().join(", ")
}

/// Sequences that no column owns; those of a column are part of it.
fn sequences(schema: &Schema) -> String {
    let alone = schema.sequences().filter(|sequence| sequence.owned_by.is_none());
    let sequence = |sequence: &Sequence| {
        let steps = format!("{} to {} by {}", sequence.start, sequence.max, sequence.increment);
        let name = code(&sequence.name.to_string());
        [name, code(&sequence.ty.to_string()), steps, about(schema, Kind::Sequence, &sequence.name)]
    };
    let table = rows(["Sequence", "Type", "Counts", "Comment"], alone.map(sequence));
    section("Sequences", std::iter::once(table).filter(|table| !table.is_empty()))
}

fn extensions(schema: &Schema) -> String {
    let line = |extension: &model::object::Extension| {
        let place = extension.schema.as_ref().map(|schema| format!(" in {}", code(schema))).unwrap_or_default();
        format!("- {}{place}\n", code(&extension.name))
    };
    let lines: String = schema.extensions().map(line).collect();
    section("Extensions", std::iter::once(lines).filter(|lines| !lines.is_empty()))
}

fn about(schema: &Schema, kind: Kind, name: &QName) -> String {
    schema.comment(&Path::object(kind, name)).map(|comment| cell(comment)).unwrap_or_default()
}
