//! The rows: printed as a table and written as JSON.

use std::fmt::Write;

/// What a row asks for.
#[derive(Copy, Clone, PartialEq)]
pub enum Bar {
    /// Must be reached.
    Must(f64),
    /// Would be good.
    Stretch(f64),
    /// For orientation.
    None,
}

pub struct Row {
    pub name: String,
    pub ours: f64,
    pub yardstick: f64,
    pub unit: &'static str,
    /// Better is larger.
    pub ratio: f64,
    pub bar: Bar,
    pub spread: f64,
}

#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Report {
    /// A row whose figures are better when they are larger.
    pub fn rate(&mut self, name: &str, ours: f64, yardstick: f64, spread: f64, bar: Bar) {
        self.add(Row { name: name.into(), ours, yardstick, unit: "GB/s", ratio: ours / yardstick, bar, spread });
    }

    /// A row whose figures are better when they are smaller; the yardstick is what is allowed.
    pub fn time(&mut self, name: &str, unit: &'static str, ours: f64, allowed: f64, spread: f64) {
        let bar = if allowed.is_nan() { Bar::None } else { Bar::Must(1.0) };
        self.add(Row { name: name.into(), ours, yardstick: allowed, unit, ratio: allowed / ours, bar, spread });
    }

    pub fn add(&mut self, row: Row) {
        println!("{}", line(&row));
        self.rows.push(row);
    }

    pub fn note(&mut self, text: String) {
        println!("      {text}");
        self.notes.push(text);
    }

    pub fn section(&mut self, title: &str) {
        println!("\n{title}");
        println!(
            "{:<52} {:>10} {:>10} {:<5} {:>7} {:>8} {:>7}",
            "", "ours", "yardstick", "unit", "ratio", "bar", "spread"
        );
    }

    /// Rows that miss what they must reach.
    pub fn missed(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.bar, Bar::Must(bar) if row.ratio < bar)).count()
    }

    pub fn json(&self, path: &str, processor: &str) -> String {
        let mut out = String::new();
        let _ =
            write!(out, "{{\n  \"path\": \"{path}\",\n  \"processor\": \"{}\",\n  \"rows\": [\n", escaped(processor));
        for (index, row) in self.rows.iter().enumerate() {
            let (kind, bar) = match row.bar {
                Bar::Must(bar) => ("bar", Some(bar)),
                Bar::Stretch(bar) => ("stretch", Some(bar)),
                Bar::None => ("information", None),
            };
            let met = bar.map_or("null".into(), |bar| (row.ratio >= bar).to_string());
            let _ = writeln!(
                out,
                "    {{\"name\": \"{}\", \"ours\": {}, \"yardstick\": {}, \"unit\": \"{}\", \"ratio\": {}, \"bar\": {}, \
                 \"met\": {met}, \"kind\": \"{kind}\", \"spread\": {}}}{}",
                escaped(&row.name),
                number(row.ours),
                number(row.yardstick),
                row.unit,
                number(row.ratio),
                bar.map_or("null".into(), number),
                number(row.spread),
                if index + 1 == self.rows.len() { "" } else { "," },
            );
        }
        let notes: Vec<String> = self.notes.iter().map(|note| format!("\"{}\"", escaped(note))).collect();
        let _ = write!(out, "  ],\n  \"notes\": [{}]\n}}\n", notes.join(", "));
        out
    }
}

fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:.6}") } else { "null".into() }
}

fn escaped(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .flat_map(|c| if "\"\\".contains(c) { vec!['\\', c] } else { vec![c] })
        .collect()
}

fn line(row: &Row) -> String {
    let bar = match row.bar {
        Bar::Must(bar) => format!(">={bar:.2} {}", if row.ratio >= bar { "+" } else { "-" }),
        Bar::Stretch(bar) => format!("({bar:.2}){}", if row.ratio >= bar { "+" } else { "-" }),
        Bar::None => String::new(),
    };
    let yardstick = if row.yardstick.is_finite() { format!("{:.2}", row.yardstick) } else { String::new() };
    let ratio = if row.ratio.is_finite() { format!("{:.2}", row.ratio) } else { String::new() };
    format!(
        "{:<52} {:>10.2} {:>10} {:<5} {:>7} {:>8} {:>6.1}%",
        row.name,
        row.ours,
        yardstick,
        row.unit,
        ratio,
        bar,
        row.spread * 100.0
    )
}
