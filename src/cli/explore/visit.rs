//! A view that is open: which rows are shown, in which order, and which is chosen.

use regex_lite::Regex;

use super::screen::{Ask, Cell, Kind, Row, Screen};

/// Whether one name matches: `^java` is the beginning of a class, whatever stands in the columns before it.
fn is_match(filter: &Regex, cell: &Cell) -> bool {
    matches!(cell, Cell::Text(text) if filter.is_match(text))
}

/// A view with what the user did to it.
pub struct Visit {
    /// What was asked for.
    pub ask: Ask,
    /// The answer.
    pub screen: Screen,
    /// The rows that are shown, by their place in the answer.
    pub order: Vec<usize>,
    /// The chosen one, by its place in `order`.
    pub chosen: usize,
    /// The first one on the terminal, by its place in `order`.
    pub first: usize,
    /// The column that sorts, and whether the largest comes first.
    pub sort: Option<(usize, bool)>,
    /// What rows must match.
    pub filter: Option<Regex>,
}

impl Visit {
    /// An answer as it comes.
    pub fn new(ask: Ask, screen: Screen) -> Visit {
        let mut visit = Visit {
            ask,
            screen,
            order: Vec::new(),
            chosen: 0,
            first: 0,
            sort: None,
            filter: None,
        };
        visit.arrange();
        visit.chosen = visit.next_that_leads(0, 1).unwrap_or(0);
        visit
    }

    /// The chosen row.
    pub fn row(&self) -> Option<&Row> {
        self.screen.rows.get(*self.order.get(self.chosen)?)
    }

    /// Puts the rows into order: filtered, sorted.
    pub fn arrange(&mut self) {
        let rows = &self.screen.rows;
        let matches = |row: &Row| match &self.filter {
            Some(filter) => {
                row.kind == Kind::Data && row.cells.iter().any(|cell| is_match(filter, cell))
            }
            None => true,
        };
        self.order = (0..rows.len()).filter(|&at| matches(&rows[at])).collect();
        // Sections and trees have an order of their own.
        if let Some((column, largest_first)) = self.sort.filter(|_| self.can_sort()) {
            let rows = &self.screen.rows;
            let is_rest = |at: usize| rows[at].kind != Kind::Data;
            self.order.sort_by(|&a, &b| {
                let cells = (rows[a].cells.get(column), rows[b].cells.get(column));
                let order = match cells {
                    (Some(a), Some(b)) => a.order(b),
                    _ => std::cmp::Ordering::Equal,
                };
                let order = if largest_first {
                    order.reverse()
                } else {
                    order
                };
                is_rest(a).cmp(&is_rest(b)).then(order)
            });
        }
        self.chosen = self.chosen.min(self.order.len().saturating_sub(1));
    }

    /// Whether the rows are one table.
    pub fn can_sort(&self) -> bool {
        let is_plain = |row: &Row| row.kind != Kind::Heading && row.depth == 0 && !row.is_open;
        self.screen.rows.iter().all(is_plain)
    }

    /// Sorts by the next column, or by the one before.
    pub fn sort_by_next(&mut self, forward: bool) {
        let columns = self.screen.columns.len().max(1);
        let column = match (self.sort, forward) {
            (None, _) => 0,
            (Some((column, _)), true) => (column + 1) % columns,
            (Some((column, _)), false) => (column + columns - 1) % columns,
        };
        let is_number = self
            .screen
            .columns
            .get(column)
            .is_some_and(|&(_, number)| number);
        self.sort = Some((column, is_number));
        self.arrange();
    }

    /// Turns the order around.
    pub fn reverse(&mut self) {
        let (column, largest_first) = self.sort.unwrap_or((0, true));
        self.sort = Some((column, !largest_first));
        self.arrange();
    }

    /// Chooses the row `by` rows below (or above) that leads somewhere or says something.
    pub fn choose(&mut self, by: isize) {
        let last = self.order.len().saturating_sub(1);
        let wanted = self.chosen.saturating_add_signed(by).min(last);
        let way = if by < 0 { -1 } else { 1 };
        let found = self.next_that_leads(wanted, way);
        let found = found.or_else(|| self.next_that_leads(wanted, -way));
        self.chosen = found.unwrap_or(wanted);
        // Titles above the first row that can be chosen are seen again.
        let above = self.chosen.checked_sub(1);
        if above
            .and_then(|above| self.next_that_leads(above, -1))
            .is_none()
        {
            self.first = 0;
        }
    }

    /// The first row from `at` on, in the direction of `way`, that can be chosen.
    fn next_that_leads(&self, at: usize, way: isize) -> Option<usize> {
        let mut at = at;
        loop {
            let row = self.screen.rows.get(*self.order.get(at)?)?;
            if row.kind != Kind::Heading {
                return Some(at);
            }
            at = at.checked_add_signed(way)?;
        }
    }

    /// Puts `rows` below the row at `place` of the answer.
    pub fn open(&mut self, place: usize, rows: Vec<Row>) {
        if let Some(row) = self.screen.rows.get_mut(place) {
            row.is_open = true;
            self.screen.rows.splice(place + 1..place + 1, rows);
            self.arrange();
        }
    }

    /// Takes away the rows below the chosen one; where there are none, chooses the row above that it belongs to.
    pub fn close(&mut self) -> bool {
        let Some(&place) = self.order.get(self.chosen) else {
            return false;
        };
        let rows = &mut self.screen.rows;
        let depth = rows[place].depth;
        if rows[place].is_open {
            rows[place].is_open = false;
            let end = rows[place + 1..].iter().position(|row| row.depth <= depth);
            let end = end.map_or(rows.len(), |end| place + 1 + end);
            rows.drain(place + 1..end);
            self.arrange();
            return true;
        }
        let mut above = self.order[..self.chosen].iter();
        let parent = above
            .rposition(|&at| self.screen.rows[at].depth < depth && self.screen.rows[at].is_open);
        if let Some(parent) = parent {
            self.chosen = parent;
        }
        parent.is_some()
    }
}
