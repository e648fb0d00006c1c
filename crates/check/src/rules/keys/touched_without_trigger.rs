use model::object::{Event, Object, Table, Timing, Trigger};
use model::{Change, Kind, Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// Most tables keep `updated_at` by a trigger and this one does not; give it the trigger as well.
    ///
    /// Its rows show the time of their creation for ever, or whatever the application remembers to write. Caches, exports and
    /// synchronizations that ask for what has changed since yesterday miss them. The rule speaks only where the other
    /// tables of the project have such a trigger.
    ///
    /// ```sql,bad
    /// CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.updated_at := now(); RETURN new; END';
    /// CREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL);
    /// CREATE TABLE b (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL);
    /// CREATE TABLE c (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL);
    /// CREATE TABLE d (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL);
    /// CREATE TRIGGER a_touch BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();
    /// CREATE TRIGGER b_touch BEFORE UPDATE ON b FOR EACH ROW EXECUTE FUNCTION touch();
    /// CREATE TRIGGER c_touch BEFORE UPDATE ON c FOR EACH ROW EXECUTE FUNCTION touch();
    /// ```
    /// ```sql,good
    /// CREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL);
    /// CREATE TABLE b (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL);
    /// CREATE TABLE c (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL);
    /// CREATE TABLE d (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL);
    /// ```
    "K031", fix, Check::Schema(check)
}

/// At least so many tables have it, and this share of them in percent.
const FEWEST: usize = 3;
const MOST: usize = 60;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for name in ["updated_at", "last_update", "modified_at", "updatedAt"] {
        let having: Vec<&Table> =
            own_tables(schema).filter(|table| table.column(name).is_some() && table.foreign.is_none()).collect();
        let touched: Vec<(&Table, &Trigger)> =
            having.iter().filter_map(|table| Some((*table, touch(table)?))).collect();
        let Some(function) = common(&touched) else { continue };
        let with = |table: &Table| touched.iter().any(|(other, _)| other.name == table.name);
        if touched.len() < FEWEST || touched.len() * 100 < having.len() * MOST {
            continue;
        }
        for table in having.iter().filter(|table| !with(table)) {
            let Some((model, _)) = touched.iter().find(|(_, trigger)| trigger.function == *function) else { continue };
            let Some(trigger) = touch(model) else { continue };
            let own = trigger.name.replace(model.name.name.as_str(), table.name.name.as_str());
            let trigger = Trigger { name: own.into(), ..trigger.clone() };
            let path = Path::part(Kind::Trigger, &table.name, trigger.name.clone());
            findings
                .at(&Path::column(&table.name, name), format!("an UPDATE of {} does not set its {name}", table.name))
                .why(format!("{} of {} tables set it by {function}()", touched.len(), having.len()))
                .unsafe_fix(
                    "give it the trigger",
                    vec![Change::Create { path, object: Object::Trigger(Box::new(trigger)) }],
                );
        }
    }
}

/// The trigger that fires for every row before it is updated, if that is all it does.
fn touch(table: &Table) -> Option<&Trigger> {
    table.triggers.iter().find(|trigger| {
        let updates = matches!(trigger.events[..], [Event::Update(_)]);
        updates && trigger.timing == Timing::Before && trigger.arguments.is_empty() && trigger.when.is_none()
    })
}

/// The function that most of them call.
fn common<'a>(touched: &[(&Table, &'a Trigger)]) -> Option<&'a QName> {
    let count = |name: &QName| touched.iter().filter(|(_, trigger)| trigger.function == *name).count();
    let most = touched.iter().map(|(_, trigger)| &trigger.function).max_by_key(|name| count(name))?;
    (count(most) * 2 > touched.len()).then_some(most)
}
