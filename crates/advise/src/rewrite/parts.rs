//! Parts of queries that several rules make.

use model::Expr;

use super::edits::Edits;
use super::level::Level;

impl<'a> Level<'a> {
    /// `EXISTS (SELECT 1 FROM … WHERE … AND extra)` of this level.
    pub(crate) fn exists(&self, extra: Option<&str>) -> Option<String> {
        let from = self.at(self.clauses.from?);
        let wheres: Vec<String> = self.filter_text().into_iter().chain(extra.map(str::to_owned)).collect();
        let wheres = if wheres.is_empty() { String::new() } else { format!(" WHERE {}", wheres.join(" AND ")) };
        Some(format!("EXISTS (SELECT 1 {from}{wheres})"))
    }

    /// The condition of WHERE as it is written, in parentheses where something can be joined to it only so.
    pub(crate) fn filter_text(&self) -> Option<String> {
        let filter = self.query.filter.as_ref()?;
        let clause = self.at(self.clauses.filter.as_ref()?.clause);
        let text = clause.get("WHERE".len()..)?.trim();
        // A comment at the end of a line would take what follows with it.
        let text = if text.contains("--") { filter.to_string() } else { text.to_owned() };
        Some(match filter {
            Expr::Binary { op, .. } if op == "OR" => format!("({text})"),
            _ => text,
        })
    }

    /// Another condition beside those of WHERE.
    pub(crate) fn and(&self, edits: Edits<'a>, condition: &str) -> Option<Edits<'a>> {
        match &self.clauses.filter {
            Some(filter) => {
                let text = self.filter_text()?;
                Some(edits.replace(filter.clause, format!("WHERE {text} AND {condition}")))
            }
            None => Some(edits.insert(self.clauses.from?.end, format!(" WHERE {condition}"))),
        }
    }

    /// The conditions of WHERE without those at these places of the list.
    pub(crate) fn without(&self, gone: &[usize], edits: Edits<'a>) -> Option<Edits<'a>> {
        let filter = self.clauses.filter.as_ref()?;
        let kept = self.kept(gone);
        Some(match kept.is_empty() {
            true => edits.remove(filter.clause),
            false => edits.replace(filter.clause, format!("WHERE {}", kept.join(" AND "))),
        })
    }

    /// The texts of the conditions of WHERE, without those at these places of the list.
    pub(crate) fn kept(&self, gone: &[usize]) -> Vec<String> {
        let parts = self.conjuncts().into_iter().enumerate();
        parts.filter(|(at, _)| !gone.contains(at)).map(|(_, (span, _))| self.at(span).to_owned()).collect()
    }

    /// The one source of FROM, where there are no others.
    pub(crate) fn only_source(&self) -> Option<usize> {
        (self.bounds.len() == 1 && self.query.from.len() == 1).then_some(0)
    }

    /// What is behind the last item of FROM.
    pub(crate) fn behind_from(&self) -> Option<u32> {
        Some(self.clauses.from?.end)
    }
}

/// The two sides of `left = right`.
pub(crate) fn equal(expr: &Expr) -> Option<(&Expr, &Expr)> {
    match expr {
        Expr::Binary { op, left, right } if op == "=" => Some((left, right)),
        _ => None,
    }
}

/// The operator with its sides in the other order.
pub(crate) fn turned(op: &str) -> Option<&'static str> {
    Some(match op {
        "=" => "=",
        "<>" => "<>",
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        _ => return None,
    })
}
