//! Limits: what each budget has given, how far each quota is used, and what a little more of it would bring.

use desks::allocation::{Measure, Quota};
use engines::allocation::{Explorer, Pressure, Rule};
use grammar::kinds::Money;
use maud::{Markup, html};
use serde_json::json;

use super::{Sheet, points};
use crate::parts::{self, Column, Row, Table};

/// One million yuan, in fen.
const MILLION: i64 = 100_000_000;

impl Sheet<'_> {
    /// Budgets and quotas: had, used, left, and what more of it would bring at most.
    pub(super) fn limits(&self, explorer: Option<&Explorer>) -> Markup {
        let pressures = explorer.map(Explorer::pressures).unwrap_or_default();
        let mut rows: Vec<Row> = Vec::new();
        for (budget, place) in self.terms.budgets.iter().zip(0_u32..) {
            let paid: Money = self
                .chosen
                .iter()
                .flat_map(|choice| &choice.paid)
                .filter(|paid| paid.budget == place)
                .map(|paid| paid.money)
                .sum();
            let own = |pressure: &&Pressure| matches!(&pressure.rule, Rule::Pots { pots, .. } if pots.contains(&place));
            let more = budget.money + Money::fen(MILLION);
            let brings =
                pressures.iter().find(own).map(|pressure| (pressure.worth(MILLION), "alloc-million"));
            let name = html! { (self.guest.pick(budget.name.zh(), budget.name.en())) };
            let cells =
                [budget.money, paid, budget.money - paid].map(|money| html! { (self.guest.money(money)) });
            rows.push(self.limit_row(name, cells, brings, &format!("b{place}={more}"), explorer.is_some()));
        }
        for (quota, place) in self.terms.quotas.iter().zip(0_u32..) {
            let own = pressures.iter().find(|pressure| pressure.rule == Rule::Quota(place));
            let is_count = quota.measure == Measure::Count;
            let used = own.filter(|_| is_count).map(|pressure| pressure.used);
            let left = used.zip(quota.most).map(|(used, most)| most.get() - used);
            let show =
                |number: Option<i64>| html! { @if let Some(number) = number { (number) } @else { "–" } };
            let cells = [html! { (self.bounds(quota)) }, show(used), show(left)];
            let more =
                quota.most.filter(|_| is_count).map(|most| format!("q{place}-most={}", most.get() + 1));
            let ask = more.unwrap_or_else(|| format!("q{place}-least=&q{place}-most="));
            let brings = own.filter(|_| is_count).map(|pressure| (pressure.worth(1), "alloc-place"));
            let name = html! { (self.guest.pick(quota.name.zh(), quota.name.en())) };
            rows.push(self.limit_row(name, cells, brings, &ask, explorer.is_some()));
        }
        html! {
            (self.table_of_limits(rows, explorer.is_some()))
            (self.other_limits(explorer))
        }
    }

    fn limit_row(
        &self,
        name: Markup,
        cells: [Markup; 3],
        brings: Option<(i64, &str)>,
        ask: &str,
        can_try: bool,
    ) -> Row {
        let mut cells: Vec<Markup> = std::iter::once(name).chain(cells).collect();
        if can_try {
            cells.push(match brings {
                Some((worth, key)) if worth != 0 => {
                    html! { (self.guest.say(key, &json!({ "points": points(worth.abs()) }))) }
                }
                _ => html! { span.soft { (self.guest.word("alloc-not-binding")) } },
            });
            cells.push(html! { a href={ (self.guest.visit.path) "?try=yes&" (ask) "#answer" } { (self.guest.word("alloc-try")) } });
        }
        Row::new(cells)
    }

    fn table_of_limits(&self, rows: Vec<Row>, can_try: bool) -> Markup {
        let mut columns = vec![Column::new(self.word("alloc-limit"))];
        columns.extend(["alloc-has", "alloc-used", "alloc-left"].map(|key| Column::end(self.word(key))));
        if can_try {
            columns.push(Column::new(self.word("alloc-more-brings")));
            columns.push(Column::new(self.word("alloc-explore")));
        }
        parts::table(&Table {
            id: "limits-table".into(),
            caption: self.word("alloc-limits-caption").into(),
            columns,
            rows,
            ..Table::default()
        })
    }

    /// A quota's bounds, as people say them.
    pub(super) fn bounds(&self, quota: &Quota) -> String {
        let unit =
            if matches!(quota.measure, Measure::PercentOfCount | Measure::PercentOfMoney) { "%" } else { "" };
        let (least, most) = if quota.measure == Measure::Money {
            let money = |money: Option<Money>| money.map(|money| self.guest.money(money));
            (money(quota.least_money), money(quota.most_money))
        } else {
            let number = |bound: Option<i64>| bound.map(|bound| format!("{bound}{unit}"));
            (number(quota.least.map(|least| least.get())), number(quota.most.map(|most| most.get())))
        };
        let say = |key: &str, bound: Option<String>| {
            bound.map(|bound| self.guest.say(key, &json!({ "bound": bound })))
        };
        let both = [say("alloc-least", least), say("alloc-most", most)];
        both.into_iter().flatten().collect::<Vec<_>>().join(self.guest.pick("，", ", "))
    }

    /// What is no sum: one for each need, so many of one lead.
    fn other_limits(&self, explorer: Option<&Explorer>) -> Markup {
        let per_lead = self
            .terms
            .per_lead_max
            .map(|most| self.guest.say("alloc-per-lead", &json!({ "most": most.get() })));
        let lines: Vec<(String, String)> = [
            self.terms
                .one_per_need
                .then(|| (self.word("alloc-one-per-need").to_owned(), "one-per-need=no".to_owned())),
            per_lead.map(|line| (line, "per-lead=".to_owned())),
        ]
        .into_iter()
        .flatten()
        .collect();
        html! {
            @if !lines.is_empty() {
                ul {
                    @for (line, ask) in lines {
                        li {
                            (line)
                            @if explorer.is_some() { " " a href={ (self.guest.visit.path) "?try=yes&" (ask) "#answer" } { (self.word("alloc-without")) } }
                        }
                    }
                }
            }
        }
    }
}
