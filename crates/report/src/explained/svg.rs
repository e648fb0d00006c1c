//! A plan as a picture: each node a bar as wide as its time, what it stands on below it.

use std::fmt::Write;

use model::plan::QueryPlan;

use super::{Explained, Style, count, ms, text};

const WIDTH: f64 = 1200.0;
const ROW: f64 = 34.0;
/// What is narrower cannot be seen.
const SEEN: f64 = 2.0;
/// Letters of the two lines of a bar, on the average, and what a bar leaves free at its sides.
const LETTER: f64 = 6.6;
const SMALL_LETTER: f64 = 5.1;
const MARGIN: f64 = 8.0;

/// A flame: the root on top, each node under its parent, as wide as the part of the run that it took with all below it.
pub fn svg(plan: &QueryPlan) -> String {
    let times = plan.times();
    let weight = |index: usize| match &times {
        Some(times) => times.whole[index],
        None => plan.nodes[index].cost,
    };
    let widths = match times {
        Some(_) => "time with everything below, colour is time of the node itself",
        None => "estimated cost with everything below",
    };
    let total = if plan.nodes.is_empty() { 1.0 } else { weight(0).max(1e-9) };
    // Children share the width of their parent; where rounding makes them wider together, all give way alike.
    let mut spans = vec![(0.0, WIDTH); plan.nodes.len()];
    let mut deepest = 0;
    for index in 0..plan.nodes.len() {
        let (left, width) = spans[index];
        if width >= SEEN {
            deepest = deepest.max(plan.depth(index));
        }
        let children: Vec<usize> = plan.children(index).collect();
        let sum: f64 = children.iter().map(|child| weight(*child)).sum();
        let scale = width / weight(index).max(sum).max(1e-9);
        let mut at = left;
        for child in children {
            spans[child] = (at, weight(child) * scale);
            at += spans[child].1;
        }
    }
    let hidden = spans.iter().filter(|(_, width)| *width < SEEN).count();
    let hidden = match hidden {
        0 => String::new(),
        _ => format!("; {} too short to be seen", crate::count::counted(hidden, "node")),
    };
    let height = (deepest as f64 + 1.0) * ROW + 30.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"4\" y=\"18\">{} in all; width is {}{hidden}</text>\n",
        times.as_ref().map_or_else(|| format!("cost {}", count(total)), |times| ms(times.run)),
        widths,
    );
    for (index, node) in plan.nodes.iter().enumerate() {
        let (left, width) = spans[index];
        if width < SEEN {
            continue;
        }
        let top = plan.depth(index) as f64 * ROW + 28.0;
        let share = times.as_ref().map_or(0.0, |times| times.own[index] / times.run.max(1e-9)).clamp(0.0, 1.0);
        let light = 94.0 - share * 44.0;
        let name = node.object().map_or(node.label(), |object| format!("{} · {object}", node.label()));
        let own = times.as_ref().map_or_else(
            || format!("cost {}", count(node.cost)),
            |times| format!("{} · {:.0} %", ms(times.own[index]), share * 100.0),
        );
        let rows = count(node.total_rows().unwrap_or(node.estimated_rows));
        let shown = |text: &str, letter: f64| match ((width - MARGIN).max(0.0) / letter) as usize {
            ..3 => String::new(),
            letters => escaped(&super::cut(text, letters)),
        };
        let _ = writeln!(
            out,
            "<g><title>{}: {own}, {rows} rows</title><rect x=\"{left:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{}\" rx=\"2\" fill=\"hsl(18 90% {light:.0}%)\" /><text x=\"{:.1}\" y=\"{}\">{}</text><text x=\"{:.1}\" y=\"{}\" fill=\"#444\" font-size=\"10\">{}</text></g>",
            escaped(&name),
            (width - 1.0).max(1.0),
            ROW - 2.0,
            left + 4.0,
            top + 14.0,
            shown(&name, LETTER),
            left + 4.0,
            top + 27.0,
            shown(&format!("{own} · {rows} rows"), SMALL_LETTER),
        );
    }
    out + "</svg>\n"
}

/// A page with the picture, the tree and the findings; it needs nothing else.
pub fn html(explained: &Explained<'_>) -> String {
    format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Query plan</title>\n\
         <body style=\"font-family:sans-serif;max-width:1240px;margin:1rem auto\">\n{}<pre>{}</pre>\n</body>\n",
        svg(explained.plan),
        escaped(&text(explained, Style { color: false, width: 120 }))
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
