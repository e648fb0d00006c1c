//! What the application may rely on after a release, and what it has to do without before the next one.

use std::collections::BTreeSet;

use model::change::Aspect;
use model::object::Object;
use model::planned::{PlannedStep, Work};
use model::{Change, Kind, Name, Path, QName, Schema};

use super::{Draft, DraftWork, listed};

/// Names beyond these are only counted.
const SHOWN: usize = 4;

/// What kind of application is deployed before these drafts.
pub(super) fn needed(before: &Schema, after: &Schema, next: &[&Draft]) -> String {
    let acts = || next.iter().flat_map(|draft| acts(draft));
    let goes = |change: &Change| match change {
        Change::Drop { path, .. } | Change::Rename { path, .. } => {
            let seen =
                matches!(path.kind, Kind::Table | Kind::Column | Kind::View | Kind::MaterializedView | Kind::Function);
            // The view that a renamed table left behind stands for the table.
            let stood_for = path.kind == Kind::View && before.table(&path.qname()).is_some();
            seen && (before.contains(path) || stood_for)
        }
        _ => false,
    };
    let mut gone: Vec<Path> = acts().filter(|change| goes(change)).map(|change| change.path().clone()).collect();
    gone.dedup();
    // What a table takes with it needs no word of its own.
    let tables: BTreeSet<Path> = gone.iter().filter(|path| path.kind == Kind::Table).cloned().collect();
    gone.retain(|path| !path.kind.is_part() || !tables.contains(&Path::table(&path.qname())));
    let required = acts().filter_map(|change| match change {
        Change::Create { path, object: Object::Constraint(own) } if own.name.ends_with("__not_null") => {
            own.columns().first().map(|column| Path::column(&path.qname(), column.clone()))
        }
        Change::Alter { path, aspect: Aspect::NotNull(Some(_)) } if path.kind == Kind::Column => Some(path.clone()),
        _ => None,
    });
    let required: BTreeSet<Path> = required.filter(|path| !before.contains(path)).collect();
    let drops = |suffix: &str| {
        acts().any(|change| matches!(change, Change::Drop { path, .. } if path.last().ends_with(suffix)))
    };
    let (kept, old) = (drops("__dropped"), drops("__old"));
    let shown = |paths: &mut dyn Iterator<Item = &Path>| some(&paths.map(ToString::to_string).collect::<Vec<_>>());
    let guarded = acts().filter_map(|change| match change {
        Change::Alter { path, aspect: Aspect::RowSecurity(own) } if own.enabled => {
            Some(settings_of(after, &path.qname()))
        }
        _ => None,
    });
    let set: BTreeSet<String> = guarded.flatten().collect();
    if !set.is_empty() {
        return format!("deploy the application that sets {}", some(&set.into_iter().collect::<Vec<_>>()));
    }
    match (gone.is_empty(), required.is_empty()) {
        (false, true) => format!("deploy the application that does without {}", shown(&mut gone.iter())),
        (true, false) => format!("deploy the application that always writes {}", shown(&mut required.iter())),
        (false, false) => format!(
            "deploy the application that always writes {} and does without {}",
            shown(&mut required.iter()),
            shown(&mut gone.iter())
        ),
        (true, true) if kept => "wait until nobody misses what was taken away".to_owned(),
        (true, true) if old => "wait until nobody wants to go back to the old shape".to_owned(),
        (true, true) => "deploy the application that works with what is there now".to_owned(),
    }
}

/// Who is left behind by a name that changes, and nothing stands for the old one: a statement that says it fails.
pub(super) fn missed(change: &Change) -> Option<String> {
    let stands_alone =
        |kind: Kind| !kind.is_part() && !matches!(kind, Kind::Publication | Kind::Statistics | Kind::EventTrigger);
    let (old, new) = match change {
        Change::Rename { path, to } if stands_alone(path.kind) => (path.last().to_string(), to.to_string()),
        Change::Move { path, to } if stands_alone(path.kind) => {
            (path.last().to_string(), format!("{to}.{}", path.last()))
        }
        Change::Alter { aspect: Aspect::RenameValue { from, to }, .. } => {
            let text = |value: &Name| format!("'{}'", value.replace('\'', "''"));
            (text(from), text(to))
        }
        _ => return None,
    };
    Some(format!("{new} in the place of {old}: a statement that still says {old} fails"))
}

/// What came in a release may be used when its last step is done.
pub(super) fn told(before: &Schema, after: &Schema, drafts: &[Draft], steps: &mut [PlannedStep]) {
    let mut releases: Vec<u32> = drafts.iter().map(|draft| draft.deploys).collect();
    releases.dedup();
    let mut seen: Vec<u32> = steps.iter().filter(|step| step.work != Work::Deploy).map(|step| step.release).collect();
    seen.dedup();
    for (deploys, release) in releases.into_iter().zip(seen) {
        let own = drafts.iter().filter(|draft| draft.deploys == deploys);
        let comes = |change: &&Change| {
            let path = change.path();
            let kinds =
                [Kind::Table, Kind::Column, Kind::View, Kind::MaterializedView, Kind::Function, Kind::Procedure];
            matches!(change, Change::Create { .. })
                && kinds.contains(&path.kind)
                && !path.name.starts_with("zz_")
                && !before.contains(path)
                && after.contains(path)
        };
        let new: Vec<&Path> = own.flat_map(acts).filter(comes).map(Change::path).collect();
        let said: String = steps.iter().filter_map(|step| step.after.as_deref()).collect::<Vec<_>>().join("; ");
        let words: Vec<String> =
            new.iter().map(ToString::to_string).filter(|word| !said.contains(word.as_str())).collect();
        let Some(last) = steps.iter_mut().rev().find(|step| step.release == release) else { continue };
        if !words.is_empty() {
            let what = format!("{} may be used", some(&words));
            last.after = Some(match last.after.take() {
                Some(after) => format!("{after}; {what}"),
                None => what,
            });
        }
    }
}

/// The settings that the policies of a table ask for: the application has to make them.
pub(super) fn settings_of(after: &Schema, table: &QName) -> Vec<String> {
    let policies = after.table(table).into_iter().flat_map(|table| &table.policies);
    let texts = policies.flat_map(|policy| policy.using.iter().chain(&policy.check)).map(ToString::to_string);
    let mut found = BTreeSet::new();
    for text in texts {
        let asked = text.split("current_setting('").skip(1).filter_map(|rest| rest.split('\'').next());
        found.extend(asked.map(str::to_owned));
    }
    found.into_iter().collect()
}

fn acts(draft: &Draft) -> impl Iterator<Item = &Change> {
    let (many, one) = match &draft.work {
        DraftWork::Together(acts) => (acts.as_slice(), None),
        DraftWork::Alone(act) => (&[][..], Some(act)),
        DraftWork::Backfill(_) | DraftWork::Update { .. } => (&[][..], None),
    };
    many.iter().chain(one).map(|act| &act.change)
}

fn some(names: &[String]) -> String {
    match names.len() {
        count if count > SHOWN => format!("{} and {} more", names[..SHOWN - 1].join(", "), count - SHOWN + 1),
        _ => listed(names),
    }
}
