//! Pages: what was worked out, in sheets: ranks, every step, weights, treatments, choices, and what all rests on.

use engines::indices::{
    Columns, Transform,
    simulate::{Band, Choice, Sway},
};
use grammar::words::Locale;
use serde_json::json;

use super::{STEPS_MAX, Worked};
use crate::{
    book::{Cell, Sheet},
    speech::say,
};

impl Worked<'_> {
    /// Whether every step fits into a sheet.
    pub(super) fn has_steps(&self) -> bool {
        self.intake.question.units.saturating_mul(self.intake.question.indicators.len()) <= STEPS_MAX
    }

    pub(super) fn sheets(&self, locale: Locale) -> Vec<Sheet> {
        let mut sheets = vec![self.ranks(locale)];
        if self.has_steps() {
            sheets.push(self.steps(locale));
        }
        sheets.push(self.weights(locale));
        sheets.push(self.treatments(locale));
        if self.doubt.is_some() {
            sheets.push(self.choices(locale));
        }
        sheets.push(self.about(locale));
        sheets
    }

    fn unit(&self, unit: usize) -> [Cell; 2] {
        let text = |list: &[String]| Cell::from(list.get(unit).map_or("", String::as_str));
        [text(&self.intake.ids), text(&self.intake.names)]
    }

    /// Units by rank, with the score of every group and the band of the rank. Those without a score come last.
    fn ranks(&self, locale: Locale) -> Sheet {
        let word = |key: &str| say(locale, "index", key, &json!({}));
        let mut header = ["rank", "id", "name"].map(word).to_vec();
        header.extend(self.intake.group_titles.iter().rev().cloned());
        if self.doubt.is_some() {
            header.extend(["best", "low", "median", "high", "worst", "mean-rank", "same"].map(word));
        }
        let mut order: Vec<(u32, usize)> = self.answer.ranks.iter().copied().zip(0..).collect();
        order.sort_by_key(|(rank, unit)| (rank.checked_sub(1).unwrap_or(u32::MAX), *unit));
        let mut rows = Vec::with_capacity(order.len());
        for (rank, unit) in order {
            let [id, name] = self.unit(unit);
            let shown = if rank == 0 { String::new() } else { rank.to_string() };
            let mut row = vec![Cell::Text(shown), id, name];
            row.extend(self.answer.scores.iter().rev().map(|column| Cell::Number(value(column, unit))));
            if let Some((_, bands)) = &self.doubt {
                row.extend(band_cells(bands.bands.get(unit).copied().flatten(), bands.draws));
            }
            rows.push(row);
        }
        Sheet { name: "ranks", title: word("ranks"), header, rows }
    }

    /// Every value on its way.
    fn steps(&self, locale: Locale) -> Sheet {
        let word = |key: &str| say(locale, "index", key, &json!({}));
        let question = &self.intake.question;
        let answer = self.answer;
        let steps: [&Columns; 5] =
            [&question.values, &answer.denominated, &answer.filled, &answer.treated, &answer.normalised];
        let mut rows = Vec::new();
        for (place, own) in question.indicators.iter().enumerate() {
            for unit in 0..question.units {
                let [id, _] = self.unit(unit);
                let mut row = vec![id, own.code.as_str().into()];
                let cell = |columns: &&Columns| {
                    Cell::Number(columns.get(place).map_or(f64::NAN, |column| value(column, unit)))
                };
                row.extend(steps.iter().map(cell));
                rows.push(row);
            }
        }
        let header = ["id", "indicator", "value", "denominated", "filled", "treated", "normalised"];
        Sheet { name: "steps", title: word("steps"), header: header.map(word).to_vec(), rows }
    }

    /// What each child counts in its group, and in the whole.
    fn weights(&self, locale: Locale) -> Sheet {
        use engines::indices::Child;
        let word = |key: &str| say(locale, "index", key, &json!({}));
        let question = &self.intake.question;
        let mut whole = vec![1.0; question.groups.len()];
        let mut rows = Vec::new();
        let children = question.children();
        for (group, (children, weights)) in children.iter().zip(&self.answer.weights).enumerate().rev() {
            let above = whole.get(group).copied().unwrap_or(1.0);
            let title = |list: &[String], place: usize| list.get(place).cloned().unwrap_or_default();
            for (child, weight) in children.iter().zip(weights) {
                let (code, name) = match child {
                    Child::Indicator(place) => {
                        let code = question.indicators.get(*place).map_or("", |own| &own.code);
                        (code, title(&self.intake.titles, *place))
                    }
                    Child::Group(place) => {
                        whole.get_mut(*place).into_iter().for_each(|slot| *slot = above * weight);
                        let code = question.groups.get(*place).map_or("", |own| &own.code);
                        (code, title(&self.intake.group_titles, *place))
                    }
                };
                rows.push(vec![
                    code.into(),
                    Cell::Text(name),
                    Cell::Text(title(&self.intake.group_titles, group)),
                    Cell::Number(*weight),
                    Cell::Number(above * weight),
                ]);
            }
        }
        let header = ["code", "name", "group", "weight", "weight-whole"].map(word).to_vec();
        Sheet { name: "weights", title: word("weights"), header, rows }
    }

    /// What was done about outliers.
    fn treatments(&self, locale: Locale) -> Sheet {
        let word = |key: &str| say(locale, "index", key, &json!({}));
        let mut rows = Vec::new();
        for (own, treatment) in self.intake.question.indicators.iter().zip(&self.answer.treatments) {
            let transform = match treatment.transform {
                Transform::Nothing if treatment.steps > 0 => "winsorised",
                Transform::Nothing => "untreated",
                Transform::Log => "log",
                Transform::ShiftedLog => "shifted-log",
                Transform::RangeLog => "range-log",
                Transform::BoxCox(_) => "box-cox",
            };
            rows.push(vec![
                own.code.as_str().into(),
                Cell::Text(word(transform)),
                Cell::Text(treatment.steps.to_string()),
                Cell::Text(treatment.changed.to_string()),
                Cell::Number(treatment.skew.0),
                Cell::Number(treatment.skew.1),
                Cell::Number(treatment.kurtosis.0),
                Cell::Number(treatment.kurtosis.1),
            ]);
        }
        let header = ["indicator", "treatment", "drawn-in", "changed", "skew", "skew-after", "kurtosis"];
        let mut header = header.map(word).to_vec();
        header.push(word("kurtosis-after"));
        Sheet { name: "treatment", title: word("treatment"), header, rows }
    }

    /// How far each set of choices moves ranks.
    fn choices(&self, locale: Locale) -> Sheet {
        let word = |key: &str| say(locale, "index", key, &json!({}));
        let mut rows = Vec::new();
        let scored = self.answer.ranks.iter().filter(|rank| **rank > 0).count();
        for (choice, drawn, moved) in self.doubt.iter().flat_map(|(_, bands)| &bands.choices) {
            let all = f64::from(*drawn) * scored as f64;
            let mean = if all > 0.0 { *moved as f64 / all } else { 0.0 };
            let mut row: Vec<Cell> = self.named(*choice).map(Cell::Text).to_vec();
            row.push(Cell::Text(drawn.to_string()));
            row.push(Cell::Number(mean));
            rows.push(row);
        }
        let header = ["fill", "treat", "scale", "mean", "drawn", "moved"].map(word).to_vec();
        Sheet { name: "choices", title: word("choices"), header, rows }
    }

    /// The names of a set of choices, as the method file writes them.
    fn named(&self, choice: Choice) -> [String; 4] {
        let (usual, own) = (self.method, self.method.doubt.as_ref());
        let debug = |name: &dyn std::fmt::Debug| kebab(&format!("{name:?}"));
        let fill = own.and_then(|own| own.fill.get(choice.fill)).unwrap_or(&usual.fill);
        let treat = own.and_then(|own| own.treat.get(choice.treat)).unwrap_or(&usual.treat);
        let scale = own.and_then(|own| own.scale.get(choice.scale)).unwrap_or(&usual.scale);
        let mean = own.and_then(|own| own.mean.get(choice.mean)).unwrap_or(&usual.mean.by);
        [debug(&fill.by), debug(&treat.by), debug(&scale.by), debug(mean)]
    }

    /// What a value of this index carries with it: edition, method, data, and the rule for what is missing.
    fn about(&self, locale: Locale) -> Sheet {
        let word = |key: &str| say(locale, "index", key, &json!({}));
        let missing = self.answer.denominated.iter().flatten().filter(|value| value.is_nan()).count();
        let fill = kebab(&format!("{:?}", self.method.fill.by));
        let mut lines = vec![
            ("title", self.method.name.clone()),
            ("edition", self.answer.edition.clone()),
            ("method", format!("SHA-256 {}", self.method.hash)),
            ("cut-off", self.method.cut_off.clone()),
            ("units", self.intake.question.units.to_string()),
            ("indicators", self.intake.question.indicators.len().to_string()),
            ("missing", missing.to_string()),
            ("missing-rule", fill),
            ("program", env!("CARGO_PKG_VERSION").to_owned()),
        ];
        if let Some((doubt, bands)) = &self.doubt {
            let sway = match doubt.weights {
                Sway::Fixed => "fixed".to_owned(),
                Sway::Free => "free".to_owned(),
                Sway::Around(part) => format!("± {} %", part * 100.0),
            };
            let seed = self.method.doubt.as_ref().map_or("", |own| own.seed.as_str());
            lines.extend([
                ("draws", bands.draws.to_string()),
                ("seed", format!("{seed} ({:#018x})", doubt.seed)),
                ("sway", sway),
                ("noise", doubt.noise.to_string()),
            ]);
        }
        let rows =
            lines.into_iter().map(|(key, text)| vec![Cell::Text(word(key)), Cell::Text(text)]).collect();
        Sheet { name: "about", title: word("about"), header: ["what", "said"].map(word).to_vec(), rows }
    }
}

fn value(column: &[f64], unit: usize) -> f64 {
    column.get(unit).copied().unwrap_or(f64::NAN)
}

fn band_cells(band: Option<Band>, draws: u32) -> Vec<Cell> {
    let Some(band) = band else { return vec![Cell::Text(String::new()); 7] };
    let hundredths = |rank: u64| Cell::Number(rank as f64 / 100.0);
    let draws = f64::from(draws.max(1));
    vec![
        Cell::Text(band.best.to_string()),
        hundredths(band.low),
        hundredths(band.median),
        hundredths(band.high),
        Cell::Text(band.worst.to_string()),
        Cell::Number(band.sum as f64 / draws),
        Cell::Number(f64::from(band.same) / draws),
    ]
}

/// `PeerMean` as the method file writes it: `peer-mean`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
