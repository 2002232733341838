//! Book: the assignment in sheets and as a page: each pair with its reason, each paper and how it is served, each
//! reviewer and what their time costs, who was kept apart, and what is proved.

use engines::{matching::SHIPPED, reviewers};
use grammar::words::Locale;
use maud::html;
use serde_json::{Value, json};

use super::{
    Decision,
    intake::{Apart, Bid},
    points,
};
use crate::{
    allocating::page::{document, table},
    book::{Cell, Sheet},
    speech::say,
};

impl Decision<'_> {
    /// Whether the sum is proved to be the largest: a key of words.
    pub(super) fn sum_proved(&self) -> &'static str {
        if self.proposal.value == self.proposal.bound { "sum-best" } else { "sum-gap" }
    }

    /// Whether the worst-served is proved to be served as well as can be: a key of words.
    pub(super) fn worst_proved(&self) -> &'static str {
        if self.proposal.worst == self.floor.bound { "worst-best" } else { "worst-gap" }
    }

    /// The whole in a few numbers.
    pub(super) fn facts(&self) -> Value {
        let Self { intake, proposal, floor } = self;
        let less = (proposal.bound - proposal.value) as f64 / proposal.bound.max(1) as f64 * 100.0;
        let served = reviewers::served(&intake.question, &proposal.pairs);
        let worst = served.iter().position(|sum| *sum == proposal.worst);
        let mean = proposal.value / i64::try_from(served.len()).unwrap_or(1).max(1);
        json!({
            "papers": intake.paper_ids.len(), "reviewers": intake.reviewer_ids.len(), "pairs": proposal.pairs.len(),
            "value": points(proposal.value), "bound": points(proposal.bound), "gap": format!("{less:.4}"),
            "worst": points(proposal.worst), "worst-bound": points(floor.bound), "mean": points(mean),
            "worst-paper": worst.and_then(|paper| intake.paper_ids.get(paper)),
        })
    }

    /// All sheets of the book.
    pub(super) fn sheets(&self, locale: Locale) -> Vec<Sheet> {
        vec![
            self.pairs(locale),
            self.served(locale),
            self.loads(locale),
            self.apart(locale),
            self.proof(locale),
        ]
    }

    fn sheet(&self, locale: Locale, name: &'static str, header: &[&str], rows: Vec<Vec<Cell>>) -> Sheet {
        let word = |key: &str| say(locale, "assign", key, &json!({}));
        Sheet { name, title: word(name), header: header.iter().map(|key| word(key)).collect(), rows }
    }

    fn cell(list: &[String], place: u32) -> Cell {
        list.get(place as usize).map_or("", String::as_str).into()
    }

    /// Each pair with its reason.
    fn pairs(&self, locale: Locale) -> Sheet {
        let intake = self.intake;
        let row = |(paper, reviewer): &(u32, u32)| {
            let score = intake.question.score(*paper, *reviewer).unwrap_or(0);
            vec![
                Self::cell(&intake.paper_ids, *paper),
                Self::cell(&intake.paper_names, *paper),
                Self::cell(&intake.reviewer_ids, *reviewer),
                Self::cell(&intake.reviewer_names, *reviewer),
                points(score.into()).as_str().into(),
                self.reason(*paper, *reviewer, locale).as_str().into(),
            ]
        };
        let header = ["paper", "paper-name", "reviewer", "reviewer-name", "score", "reason"];
        self.sheet(locale, "pairs", &header, self.proposal.pairs.iter().map(row).collect())
    }

    /// Why a reviewer has a paper: what both write of, what the reviewer wished, and how many fit better.
    fn reason(&self, paper: u32, reviewer: u32, locale: Locale) -> String {
        let intake = self.intake;
        let mut parts = Vec::new();
        if let (Some(library), Some(text)) = (&intake.library, intake.paper_texts.get(paper as usize)) {
            let works: Vec<&str> =
                intake.works.get(reviewer as usize).into_iter().flatten().map(String::as_str).collect();
            let shared = library.why(text, &works, &SHIPPED);
            let named = shared.iter().map(|one| {
                let key = if one.is_translated { "term-translated" } else { "term" };
                say(locale, "assign", key, &json!({ "term": one.text, "part": one.part }))
            });
            let named = named.collect::<Vec<_>>().join(if locale == Locale::Zh { "、" } else { ", " });
            let key = if named.is_empty() { "shares-nothing" } else { "shares" };
            parts.push(say(locale, "assign", key, &json!({ "terms": named })));
        }
        if let Some(bid) = intake.bids.get(&(paper, reviewer)) {
            let key = match bid {
                Bid::Yes => "bid-yes",
                Bid::Maybe => "bid-maybe",
                Bid::No => "bid-no",
            };
            parts.push(say(locale, "assign", key, &json!({})));
        }
        if intake.question.reviewer(reviewer).is_senior {
            parts.push(say(locale, "assign", "is-senior", &json!({})));
        }
        let score = intake.question.score(paper, reviewer).unwrap_or(0);
        let pairs = intake.question.pairs_of(paper as usize).iter();
        let able = pairs.filter_map(|pair| intake.question.score(paper, pair.reviewer));
        let (mut all, mut better) = (0, 0);
        able.for_each(|other| {
            all += 1;
            better += usize::from(other > score);
        });
        parts.push(say(locale, "assign", "place", &json!({ "place": better + 1, "all": all })));
        parts.join(if locale == Locale::Zh { "" } else { " " })
    }

    /// Each paper and how it is served, worst first.
    fn served(&self, locale: Locale) -> Sheet {
        let intake = self.intake;
        let sums = reviewers::served(&intake.question, &self.proposal.pairs);
        let mut order: Vec<(i64, u32)> = sums.into_iter().zip(0..).collect();
        order.sort_unstable();
        let row = |(sum, paper): (i64, u32)| {
            let demand = intake.question.papers.get(paper as usize).map_or(0, |own| own.demand);
            let price = self.proposal.prices.papers.get(paper as usize).copied().unwrap_or(0);
            vec![
                Self::cell(&intake.paper_ids, paper),
                Self::cell(&intake.paper_names, paper),
                demand.to_string().as_str().into(),
                points(sum).as_str().into(),
                points(price).as_str().into(),
            ]
        };
        let header = ["paper", "paper-name", "reviews", "served-with", "one-more"];
        self.sheet(locale, "served", &header, order.into_iter().map(row).collect())
    }

    /// Each reviewer, what they have, and what their time costs.
    fn loads(&self, locale: Locale) -> Sheet {
        let intake = self.intake;
        let mut loads = vec![0_u32; intake.reviewer_ids.len()];
        for (_, reviewer) in &self.proposal.pairs {
            loads.get_mut(*reviewer as usize).into_iter().for_each(|load| *load += 1);
        }
        let row = |(load, reviewer): (u32, u32)| {
            let own = intake.question.reviewer(reviewer);
            let price = self.proposal.prices.reviewers.get(reviewer as usize).copied().unwrap_or(0);
            vec![
                Self::cell(&intake.reviewer_ids, reviewer),
                Self::cell(&intake.reviewer_names, reviewer),
                load.to_string().as_str().into(),
                own.least.to_string().as_str().into(),
                own.most.to_string().as_str().into(),
                points(price).as_str().into(),
            ]
        };
        let header = ["reviewer", "reviewer-name", "load", "least", "most", "price"];
        self.sheet(locale, "loads", &header, loads.into_iter().zip(0..).map(row).collect())
    }

    /// Who was kept apart, and by what.
    fn apart(&self, locale: Locale) -> Sheet {
        let intake = self.intake;
        let row = |((paper, reviewer), apart): (&(u32, u32), &Apart)| {
            let key = match apart {
                Apart::Told => "apart-told",
                Apart::Unit => "apart-unit",
                Apart::Author => "apart-author",
            };
            vec![
                Self::cell(&intake.paper_ids, *paper),
                Self::cell(&intake.reviewer_ids, *reviewer),
                Self::cell(&intake.reviewer_names, *reviewer),
                say(locale, "assign", key, &json!({})).as_str().into(),
            ]
        };
        let header = ["paper", "reviewer", "reviewer-name", "apart-why"];
        self.sheet(locale, "apart", &header, intake.apart.iter().map(row).collect())
    }

    /// What is proved.
    fn proof(&self, locale: Locale) -> Sheet {
        let facts = self.facts();
        let rows = ["summary", self.sum_proved(), self.worst_proved(), "how"];
        let rows = rows.map(|key| vec![say(locale, "assign", key, &facts).as_str().into()]);
        self.sheet(locale, "proof", &["proved"], rows.to_vec())
    }

    /// The book as one page that prints well and needs nothing else.
    pub(super) fn page(&self, sheets: &[Sheet], locale: Locale) -> String {
        let facts = self.facts();
        let word = |key: &str| say(locale, "assign", key, &facts);
        let title = word("title");
        let body = html! {
            h1 { (title) }
            p { (word("summary")) }
            p { (word(self.sum_proved())) " " (word(self.worst_proved())) }
            @for sheet in sheets.iter().filter(|sheet| sheet.name != "proof") {
                @if !sheet.rows.is_empty() { (table(sheet, locale)) }
            }
            p { (word("how")) }
        };
        document(locale, &title, &body)
    }
}
