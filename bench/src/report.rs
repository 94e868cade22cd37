//! The rows: printed as a table and written as JSON.

use std::fmt::Write;

/// What a row asks for.
#[derive(Copy, Clone, PartialEq)]
pub enum Bar {
    /// Must be reached.
    Must(f64),
    /// Would be good.
    Stretch(f64),
    /// Must not be passed; better is smaller here.
    AtMost(f64),
    /// For orientation.
    None,
}

impl Bar {
    /// Whether a ratio reaches it, where there is one.
    fn is_met(self, ratio: f64) -> Option<bool> {
        match self {
            Self::Must(bar) | Self::Stretch(bar) => Some(ratio >= bar),
            Self::AtMost(bar) => Some(ratio <= bar),
            Self::None => None,
        }
    }
}

pub struct Row {
    pub name: String,
    pub ours: f64,
    pub yardstick: f64,
    pub unit: &'static str,
    /// Better is larger, but with [`Bar::AtMost`].
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
        self.section_of(title, "ours", "yardstick");
    }

    /// A section whose two columns have other names.
    pub fn section_of(&mut self, title: &str, ours: &str, yardstick: &str) {
        println!("\n{title}");
        println!("{:<52} {:>10} {:>10} {:<5} {:>7} {:>8} {:>7}", "", ours, yardstick, "unit", "ratio", "bar", "spread");
    }

    /// Rows that miss what they must reach.
    pub fn missed(&self) -> usize {
        let must = |row: &&Row| !matches!(row.bar, Bar::Stretch(_)) && row.bar.is_met(row.ratio) == Some(false);
        self.rows.iter().filter(must).count()
    }

    pub fn json(&self, path: &str, processor: &str) -> String {
        let mut out = String::new();
        let _ =
            write!(out, "{{\n  \"path\": \"{path}\",\n  \"processor\": \"{}\",\n  \"rows\": [\n", escaped(processor));
        for (index, row) in self.rows.iter().enumerate() {
            let (kind, bar) = match row.bar {
                Bar::Must(bar) | Bar::AtMost(bar) => ("bar", Some(bar)),
                Bar::Stretch(bar) => ("stretch", Some(bar)),
                Bar::None => ("information", None),
            };
            let met = row.bar.is_met(row.ratio).map_or("null".into(), |met| met.to_string());
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
    let mark = if row.bar.is_met(row.ratio) == Some(true) { "+" } else { "-" };
    let bar = match row.bar {
        Bar::Must(bar) => format!(">={bar:.2} {mark}"),
        Bar::Stretch(bar) => format!("({bar:.2}){mark}"),
        Bar::AtMost(bar) => format!("<={bar:.2} {mark}"),
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

/// What the machine says of its processor.
pub fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name));
        line.and_then(|line| line.split(':').nth(1)).unwrap_or("unknown").trim().to_owned()
    };
    format!("{}, family {}, model {}", field("model name"), field("cpu family"), field("model"))
}
