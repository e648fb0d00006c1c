//! For people: the source line, its mark, the reasons, and the fix as it would be written.

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Padding, Patch, Renderer, Snippet};
use model::place::SourceFile;
use model::{Edit, Finding, Fix, Place, Proof, Reading, Severity};

use crate::excerpt::{lines, marked_line};
use crate::fix;
use crate::item::in_database;
use crate::rules::wrap;
use crate::{Report, Style};

pub(super) fn render(report: &Report<'_>, style: Style) -> String {
    let renderer = renderer(style);
    let mut out = String::new();
    for finding in report.findings {
        let notes: Vec<String> = finding.why.iter().cloned().chain([proof(finding)]).collect();
        let fix = finding.fix.as_ref().map(|fix| help(fix, report.reading));
        let shown = Shown {
            level: level(finding.severity),
            word: finding.severity.name(),
            id: format!("{} {}", finding.rule, finding.name),
            title: &finding.message,
            place: finding.place,
            origin: in_database(report.reading, finding).map(|origin| origin.to_string()),
            label: finding.label.as_deref(),
            notes: &notes,
        };
        let text = show(&shown, report.reading, &renderer, style, fix);
        out += &match &finding.fix {
            Some(fix) => with_wrapped(&text, "help: ", &help_title(fix), style.width),
            None => text,
        };
        out += "\n\n";
    }
    out
}

pub(crate) fn renderer(style: Style) -> Renderer {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(style.width.min(DEFAULT_TERM_WIDTH))
}

/// One diagnostic about the sources.
pub(crate) struct Shown<'a> {
    pub(crate) level: Level<'a>,
    /// The level as it is printed.
    pub(crate) word: &'a str,
    pub(crate) id: String,
    pub(crate) title: &'a str,
    pub(crate) place: Option<Place>,
    /// What stands where the place would, when there is none.
    pub(crate) origin: Option<String>,
    pub(crate) label: Option<&'a str>,
    pub(crate) notes: &'a [String],
}

pub(crate) fn show(
    shown: &Shown<'_>,
    reading: &Reading,
    renderer: &Renderer,
    style: Style,
    help: Option<Group<'_>>,
) -> String {
    let mut moved = None;
    let mut beside = None;
    // `12 = ` stands before each note.
    let mut gutter = 4;
    let mut main = Group::with_title(shown.level.clone().primary_title(shown.title).id(shown.id.as_str()));
    if let Some(place) = shown.place {
        let file = reading.sources.file(place.file);
        let (excerpt, range) = marked_line(file, place);
        gutter = excerpt.line.to_string().len() + 3;
        moved = moved_origin(file, place, excerpt.column(range.start));
        let columns = |text: &str| text.chars().count();
        let room = style.width.saturating_sub(gutter);
        // A line that is wider than the terminal is cut around its mark and what stands behind that.
        const CUT: usize = 8;
        let before = excerpt.text.get(..range.end).map_or(0, columns);
        let marked = excerpt.text.get(range.clone()).map_or(0, columns) + CUT;
        let end = if columns(&excerpt.text) > room { before.min(marked) } else { before };
        let fits = |label: &&str| end + 1 + columns(label) <= room;
        let label = shown.label.filter(fits);
        beside = shown.label.filter(|_| label.is_none());
        let mark = AnnotationKind::Primary.span(range).label(label);
        let snippet = Snippet::source(excerpt.text).path(&*file.path).line_start(excerpt.line).annotation(mark);
        main = main.element(snippet);
        if beside.is_some() || !shown.notes.is_empty() {
            main = main.element(Padding);
        }
    }
    if let Some(origin) = &shown.origin {
        main = main.element(Origin::path(origin.as_str()));
        if !shown.notes.is_empty() {
            main = main.element(Padding);
        }
    }
    for note in beside.into_iter().chain(shown.notes.iter().map(String::as_str)) {
        let text = wrap(note, style.width.saturating_sub(gutter)).join("\n");
        main = main.element(Level::NOTE.no_name().message(text));
    }
    let groups: Vec<Group<'_>> = std::iter::once(main).chain(help).collect();
    let head = format!("{}[{}]: ", shown.word, shown.id);
    let text = with_wrapped(&renderer.render(&groups), &head, shown.title, style.width);
    match moved {
        Some((shown, real)) => text.replacen(&shown, &real, 1),
        None => text,
    }
}

/// The renderer has a title in one line, however long it is. `head` is what it puts before it.
fn with_wrapped(text: &str, head: &str, title: &str, width: usize) -> String {
    const INDENT: &str = "\n  ";
    let whole = format!("{head}{title}");
    if whole.chars().count() <= width {
        return text.to_owned();
    }
    match wrap(&whole, width.saturating_sub(2)).join(INDENT).strip_prefix(head) {
        Some(wrapped) => text.replacen(title, wrapped, 1),
        None => text.to_owned(),
    }
}

/// Where a long line was cut on its left, the renderer counts columns from the cut: what it says, and what is so.
fn moved_origin(file: &SourceFile, place: Place, shown: usize) -> Option<(String, String)> {
    let position = file.position(place.start);
    let origin = |column: usize| format!("{}:{}:{column}", file.path, position.line);
    (position.column as usize != shown).then(|| (origin(shown), origin(position.column as usize)))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// How sure the finding is, and where to read more.
fn proof(finding: &Finding) -> String {
    let how = match finding.proof {
        Proof::Proven => "proven",
        Proof::Known => "known",
        Proof::Judged => "judged",
    };
    format!("{how}; more: palladio rule {}", finding.rule)
}

/// The fix: the lines as they should read, or the statements to run.
fn help(fix: &Fix, reading: &Reading) -> Group<'static> {
    let title = Level::HELP.secondary_title(help_title(fix));
    if fix.edits.is_empty() {
        let sql = fix::to_run(fix, &reading.schema);
        return match shortened(&sql.join("\n")) {
            Some(text) => title.element(statements(text)),
            None => Group::with_title(title),
        };
    }
    let mut group = Group::with_title(title);
    for edits in near(&fix.edits, reading) {
        let file = reading.sources.file(edits[0].place.file);
        group = group.element(patch(file, &edits));
    }
    group
}

fn help_title(fix: &Fix) -> String {
    let safety = if fix.safe { "" } else { " (with --unsafe-fixes)" };
    format!("{}{safety}", fix.title)
}

/// Statements to run, in the frame of the diagnostic.
fn statements(sql: String) -> Snippet<'static, Annotation<'static>> {
    let all = 0..sql.len();
    Snippet::source(sql).line_numbering(false).annotation(AnnotationKind::Visible.span(all))
}

fn patch(file: &SourceFile, edits: &[&Edit]) -> Snippet<'static, Patch<'static>> {
    let start = edits.iter().map(|edit| edit.place.start).min().unwrap_or(0);
    let end = edits.iter().map(|edit| edit.place.end).max().unwrap_or(start);
    let excerpt = lines(file, start, end);
    let patches = edits.iter().map(|edit| {
        let range = excerpt.range(edit.place.start as usize..edit.place.end as usize);
        Patch::new(range, edit.text.clone())
    });
    let patches: Vec<Patch<'static>> = patches.collect();
    Snippet::source(excerpt.text).line_start(excerpt.line).patches(patches)
}

/// The edits in order, those within a few lines of each other together; of two that overlap, the first counts.
fn near<'a>(edits: &'a [Edit], reading: &Reading) -> Vec<Vec<&'a Edit>> {
    const LINES: u32 = 6;
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.place);
    let mut groups: Vec<Vec<&Edit>> = Vec::new();
    for edit in edits {
        let line = |offset: u32| reading.sources.file(edit.place.file).position(offset).line;
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|last| last.place.file == edit.place.file) => {
                let last = group.last().map_or(0, |last| last.place.end);
                if edit.place.start < last {
                    continue;
                }
                if line(edit.place.start) <= line(last) + LINES {
                    group.push(edit);
                } else {
                    groups.push(vec![edit]);
                }
            }
            _ => groups.push(vec![edit]),
        }
    }
    groups
}

/// The first lines of a text that may be long; nothing when there is none.
fn shortened(text: &str) -> Option<String> {
    const LINES: usize = 24;
    if text.is_empty() {
        return None;
    }
    let more = text.lines().count().saturating_sub(LINES);
    let mut short = text.lines().take(LINES).collect::<Vec<_>>().join("\n");
    if more > 0 {
        short += &format!("\n-- and {}", crate::count::counted(more, "more line"));
    }
    Some(short)
}

#[cfg(test)]
mod tests {
    use model::{Edit, Fix, Severity};

    use crate::item::tests::{example, finding, place, reading};
    use crate::{Format, Report, Style, render};

    fn full(reading: &model::Reading, findings: &[model::Finding]) -> String {
        render(&Report { reading, findings, rules: &[], from_root: &[] }, Format::Full, Style::PLAIN)
    }

    #[test]
    fn what_is_long_stays_within_the_width() {
        let reading = reading("a.sql", "ALTER TABLE order_items ALTER COLUMN unit_price TYPE numeric(12, 2);\n");
        let mut long = finding(&reading, "TYPE");
        long.message = "nobody can use order_items while unit_price becomes numeric(12,2)".to_owned();
        long.label = Some("ACCESS EXCLUSIVE on order_items during the rewrite".to_owned());
        let title = "give the new values a column of their own, and copy them in small batches";
        long.fix = Some(Fix { title: title.to_owned(), ..Fix::default() });
        let text = full(&reading, &[long]);
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert_eq!(wide, Vec::<&str>::new(), "{text}");
        assert!(text.contains("= ACCESS EXCLUSIVE on order_items during the rewrite"), "{text}");
    }

    #[test]
    fn a_finding_with_its_patch() {
        let (reading, findings, _) = example();
        let expected = "\
error[M012 index-blocks-writes]: building this index stops every write to orders
 --> migrations/2_status.sql:2:1
  |
2 | CREATE INDEX i ON orders (status);
  | ^^^^^^^^^^^^ takes SHARE until the build ends
  |
  = orders had 41,200,000 rows in the statistics: minutes, not seconds
  = known; more: palladio rule M012
help: build it without the lock
  |
2 | CREATE INDEX CONCURRENTLY i ON orders (status);
  |              ++++++++++++

";
        assert_eq!(full(&reading, &findings), expected);
    }

    #[test]
    fn tabs_wide_characters_and_crlf() {
        let reading = reading("a.sql", "-- x\r\n\tSELECT '日本', größe FROM t;\r\n\r\n");
        let mut found = finding(&reading, "größe FROM t;\r\n");
        found.severity = Severity::Note;
        let edit = Edit { place: place(&reading, "größe"), text: "size".to_owned() };
        found.fix = Some(Fix { title: "rename it".to_owned(), safe: false, edits: vec![edit], ..Fix::default() });
        let expected = "\
note[M012 index-blocks-writes]: building this index stops every write to orders
 --> a.sql:2:15
  |
2 |     SELECT '日本', größe FROM t;
  |                    ^^^^^^^^^^^^^ takes SHARE until the build ends
  |
  = orders had 41,200,000 rows in the statistics: minutes, not seconds
  = known; more: palladio rule M012
help: rename it (with --unsafe-fixes)
  |
2 -     SELECT '日本', größe FROM t;
2 +     SELECT '日本', size FROM t;
  |

";
        assert_eq!(full(&reading, &[found]), expected);
    }

    #[test]
    fn a_line_of_a_megabyte() {
        let text = format!("{}SELECT ☃ FROM x;{}", "é ".repeat(200_000), " y".repeat(300_000));
        let reading = reading("a.sql", &text);
        let mut found = finding(&reading, "☃");
        let edit = Edit { place: place(&reading, "☃"), text: "star".to_owned() };
        found.fix = Some(Fix { title: "spell it".to_owned(), safe: true, edits: vec![edit], ..Fix::default() });
        let expected = "\
error[M012 index-blocks-writes]: building this index stops every write to orders
 --> a.sql:1:400008
  |
1 | ... é é é é é SELECT ☃ FROM x; y y y y y y y y y y y y y y y y y y y y y ...
  |                      ^ takes SHARE until the build ends
  |
  = orders had 41,200,000 rows in the statistics: minutes, not seconds
  = known; more: palladio rule M012
help: spell it
  |
1 -  é é é é é é é é SELECT ☃ FROM x; y y y y y y y y y y y y
1 +  é é é é é é é é SELECT star FROM x; y y y y y y y y y y y y
  |

";
        assert_eq!(full(&reading, &[found]), expected);
    }
}
