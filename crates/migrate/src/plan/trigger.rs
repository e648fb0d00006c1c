//! Triggers that keep two shapes in step while two applications write.

use model::object::{Body, Enabled, Event, Level, Object, Returns, Routine, RoutineKind, Timing, Trigger};
use model::{Change, Kind, Name, Path, QName, Type};

use crate::diff::Act;

/// A trigger with its function; both have the same name.
pub(super) struct Made<'a> {
    pub(super) name: QName,
    pub(super) table: &'a QName,
    pub(super) timing: Timing,
    pub(super) events: Vec<Event>,
    pub(super) level: Level,
    /// The lines of DECLARE, if there are any, and those between BEGIN and END.
    pub(super) variables: String,
    pub(super) lines: String,
}

impl Made<'_> {
    pub(super) fn create(self) -> Vec<Act> {
        let Made { name, table, timing, events, level, variables, lines } = self;
        // Names of columns are meant, whatever the variables are called.
        let head = if variables.is_empty() {
            String::new()
        } else {
            format!("#variable_conflict use_column\nDECLARE\n{variables}")
        };
        let body = format!("\n{head}BEGIN\n{lines}END;\n");
        let routine = Routine {
            returns: Returns::Type(Type::builtin("trigger")),
            language: "plpgsql".into(),
            body: Body::Source(body.into()),
            ..Routine::new(RoutineKind::Function, name.clone())
        };
        let trigger = Trigger {
            name: name.name.clone(),
            timing,
            events,
            level,
            old_table: None,
            new_table: None,
            when: None,
            function: name.clone(),
            arguments: Vec::new(),
            constraint: None,
            enabled: Enabled::Origin,
            inherited: false,
        };
        let path = Path::part(Kind::Trigger, table, name.name.clone());
        let function = Change::Create { path: function(&name), object: Object::Routine(routine.into()) };
        let trigger = Change::Create { path, object: Object::Trigger(Box::new(trigger)) };
        vec![Act::new(function), Act::new(trigger)]
    }
}

/// A trigger for each row that is inserted or updated, before it is.
pub(super) fn before(name: QName, table: &QName, variables: String, lines: String) -> Vec<Act> {
    let events = vec![Event::Insert, Event::Update(Vec::new())];
    Made { name, table, timing: Timing::Before, events, level: Level::Row, variables, lines }.create()
}

/// The trigger goes, and its function with it.
pub(super) fn drop(name: &QName, table: &QName) -> Vec<Act> {
    let trigger = Path::part(Kind::Trigger, table, name.name.clone());
    vec![Act::new(Change::drop(trigger)), Act::new(Change::drop(function(name)))]
}

fn function(name: &QName) -> Path {
    Path::object(Kind::Function, name)
}

/// Whether two values of that type are not the same, also where the type has no equality.
pub(super) fn differ(one: &str, other: &str, ty: &Type) -> String {
    match is_comparable(ty) {
        true => format!("{one} IS DISTINCT FROM {other}"),
        false => format!("{one}::text IS DISTINCT FROM {other}::text"),
    }
}

/// `json`, `xml` and the old geometric types cannot be compared (pg_operator of 14 to 18).
fn is_comparable(ty: &Type) -> bool {
    const WITHOUT: [&str; 3] = ["point", "polygon", "txid_snapshot"];
    match ty {
        Type::Json | Type::Xml => false,
        Type::Array(item) => is_comparable(item),
        Type::Named(named) => !WITHOUT.contains(&named.name.name.as_str()),
        _ => true,
    }
}

/// `NEW.total`
pub(super) fn field(row: &str, column: &Name) -> String {
    format!("{row}.{}", model::name::quoted(column))
}
