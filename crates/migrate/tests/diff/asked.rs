//! The pages in `cases/plan/`: plans for which the user says more than two schemas do. Each is run on every server at
//! hand, with rows, with what two applications write between the releases, and back again.
//! `UPDATE=1 cargo test` writes the printed plans.

use migrate::diff::{Settings, diff};
use migrate::plan::{self, Fill, Grace, Move, Plan, Value};
use model::planned::{Undo, Work};
use model::{Kind, Name, QName, Schema};
use read::sql::postgres::Printed;
use report::planned::{Detail, text};

use crate::cases::{self, Page};
use crate::plans::statements;
use crate::servers::{self, Room};

fn pages() -> Vec<Page> {
    cases::pages_in("cases/plan")
}

/// `people.first`: the table and the column.
fn column(text: &str) -> model::Path {
    let words: Vec<&str> = text.trim().split('.').collect();
    match words[..] {
        [table, column] => model::Path::column(&QName::public(table), column),
        [schema, table, column] => model::Path::column(&QName::new(schema, table), column),
        _ => panic!("`{text}` is no column"),
    }
}

fn asked(settings: &mut plan::Settings, before: &Schema, after: &Schema, line: &str) {
    let (verb, rest) = line.split_once(' ').expect("a line begins with a verb");
    let pair = |text: &str| -> (String, String) {
        let (one, other) = text.split_once('=').expect("two sides");
        (one.trim().to_owned(), other.trim().to_owned())
    };
    match verb {
        "fill" => {
            let (path, value) = pair(rest);
            let path = column(&path);
            let schema = if after.contains(&path) { before } else { after };
            let value = Printed { schema }.expression(&path.qname(), &value).expect("an expression");
            settings.fills.push(Fill { column: path, value });
        }
        "value" => {
            let (value, to) = pair(rest);
            let (ty, from) = value.split_once('.').expect("a value of a type");
            let ty = model::Path::object(Kind::Enum, &QName::public(ty));
            settings.values.push(Value { ty, from: from.into(), to: to.into() });
        }
        "move" => {
            let (columns, by) = rest.split_once(" by ").expect("what goes, and by which columns");
            let (from, to) = pair(columns);
            let (from, to) = (column(&from), column(&to));
            let by = by.split(',').map(|one| {
                let (one, other) = pair(one);
                let (one, other) = (column(&one), column(&other));
                let (one, other) = if one.qname() == from.qname() { (one, other) } else { (other, one) };
                (one.part, other.part)
            });
            settings.moves.push(Move { by: by.collect::<Vec<(Name, Name)>>(), from, to });
        }
        "grace" => settings.grace = if rest == "columns" { Grace::Columns } else { Grace::None },
        other => panic!("`{other}` is no verb"),
    }
}

fn planned(page: &Page, major: u16) -> Plan {
    let (before, after, renames) = page.read(major);
    let settings = Settings { renames, ..servers::settings(major) };
    let found = diff(&before, &after, &settings);
    let mut settings = plan::Settings::new(settings);
    let lines = page.block("text,asked").unwrap_or("").lines();
    lines.for_each(|line| asked(&mut settings, &before, &after, line));
    migrate::plan(&before, &after, &found, &settings)
}

#[test]
fn pages_show_the_plan() {
    let mut wrong = Vec::new();
    for page in pages() {
        let plan = planned(&page, cases::SHOWN.max(page.since()));
        let shown = text(&plan.planned, &plan.left, Detail::Steps);
        if !plan.left.is_empty() {
            wrong.push(format!("{} does not arrive\n{shown}", page.name()));
        }
        wrong.extend(page.shows("text,plan", &shown));
    }
    assert!(wrong.is_empty(), "UPDATE=1 cargo test writes these pages:\n\n{}", wrong.join("\n\n"));
}

/// A statement for each line, which fails when the line is not so.
fn held(page: &Page, kind: &str) -> Vec<String> {
    let lines = page.block(kind).unwrap_or("").lines();
    let held = |line: &str| {
        format!(
            "DO $held$ BEGIN IF ({}) IS NOT TRUE THEN RAISE EXCEPTION 'not so'; END IF; END $held$",
            line.trim_end_matches(';')
        )
    };
    lines.map(held).collect()
}

/// What runs, with what both applications write when the first release is out.
fn run(page: &Page, plan: &Plan) -> Vec<String> {
    let mut run: Vec<String> = page.block("sql,rows").map(str::to_owned).into_iter().collect();
    let mut meanwhile = page.block("sql,meanwhile");
    for step in &plan.planned.steps {
        if step.release > 1 {
            run.extend(meanwhile.take().map(str::to_owned));
        }
        run.extend(statements(&step.work));
    }
    run.extend(meanwhile.map(str::to_owned));
    run.extend(held(page, "sql,holds"));
    run
}

/// There to the first place without a way back, and back again.
fn there_and_back(page: &Page, plan: &Plan) -> Vec<String> {
    let mut run: Vec<String> = page.block("sql,rows").map(str::to_owned).into_iter().collect();
    let mut back: Vec<String> = Vec::new();
    let steps = plan.planned.steps.iter();
    for step in steps.take_while(|step| step.work != Work::Deploy && !matches!(step.undo, Undo::Lost(_))) {
        let undo = match &step.undo {
            Undo::Together(statements) => vec![format!("BEGIN; {} COMMIT;", statements.join(" "))],
            Undo::Alone(statement) => vec![statement.clone()],
            Undo::Nothing | Undo::Lost(_) => Vec::new(),
        };
        run.extend(statements(&step.work));
        back.splice(0..0, undo);
    }
    run.extend(back);
    run.extend(held(page, "sql,back"));
    run
}

/// Runs each page on each server, from its first schema to the one that is named. `PALLADIO_PAGE=split` runs some.
fn everywhere(run: fn(&Page, &Plan) -> Vec<String>, end: fn(&Page) -> &str) {
    let mut wrong = Vec::new();
    let only = std::env::var("PALLADIO_PAGE").unwrap_or_default();
    for lab in servers::all() {
        let major = servers::major(lab);
        let mut rooms = [Room::new(lab), Room::new(lab)];
        for page in pages().iter().filter(|page| page.since() <= major && page.name().contains(&only)) {
            let run = run(page, &planned(page, major));
            let complaints = servers::arrives(&mut rooms, page.sides().0, &run, end(page));
            if !complaints.is_empty() {
                let run = run.join("\n    ");
                wrong.push(format!("{} on {major}:\n  {}\n  {run}", page.name(), complaints.join("\n  ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn asked_plans_arrive_on_every_server() {
    everywhere(run, |page| page.sides().1);
}

#[test]
fn asked_plans_can_be_taken_back() {
    everywhere(there_and_back, |page| page.sides().0);
}
