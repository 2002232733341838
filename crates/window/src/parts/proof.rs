//! The proof box and the rule card: why one may believe a fact, and by which rule it was decided.

use maud::{Markup, html};

use super::{Icon, Link, hash, icon, some};

/// Modules of a QR code on one side at most (version 40).
const QR_MAX: usize = 177;

/// What a proof shows and what it does not.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    pub title: String,
    /// How it stands: a badge.
    pub verdict: Markup,
    pub proves_label: String,
    pub proves: Vec<String>,
    pub not_label: String,
    pub not: Vec<String>,
    /// Named hashes: of the fact, of the leaf, of the root.
    pub hashes: Vec<(String, String)>,
    pub checkpoint_label: String,
    /// The signed note, line by line.
    pub checkpoint: String,
    /// Made by [`qr`]; may be empty.
    pub qr: Markup,
    /// The receipt, the way to verify it.
    pub links: Vec<Link>,
}

#[must_use]
pub fn proof(proof: &Proof) -> Markup {
    html! {
        section.proof {
            div.row { h2 { (proof.title) } (proof.verdict) }
            div.columns {
                div {
                    (marks(&proof.proves_label, &proof.proves, Icon::Tick, "yes"))
                    (marks(&proof.not_label, &proof.not, Icon::Cross, "not"))
                }
                div {
                    @for (label, code) in &proof.hashes { h3 { (label) } p { (hash(code)) } }
                    (proof.qr)
                }
            }
            @if let Some(note) = some(&proof.checkpoint) {
                h3 { (proof.checkpoint_label) }
                pre.checkpoint { (note) }
            }
            @if !proof.links.is_empty() {
                div.row { @for link in &proof.links { a.button href=(link.href) { (link.label) } } }
            }
        }
    }
}

fn marks(label: &str, lines: &[String], sign: Icon, class: &str) -> Markup {
    html! {
        @if !lines.is_empty() {
            h3 { (label) }
            ul class={ "marks " (class) } {
                @for line in lines { li { (icon(sign)) span { (line) } } }
            }
        }
    }
}

/// A QR code from its modules, dark ones true, with the quiet zone around it. Nothing when it is too large.
#[must_use]
pub fn qr(modules: &[Vec<bool>], label: &str) -> Markup {
    let side = modules.len();
    if side == 0 || side > QR_MAX {
        return html! {};
    }
    let mut path = String::new();
    for (y, row) in modules.iter().enumerate() {
        for (x, _) in row.iter().take(side).enumerate().filter(|(_, dark)| **dark) {
            path.push_str(&format!("M{} {}h1v1h-1z", x + 4, y + 4));
        }
    }
    html! {
        svg.qr viewBox={ "0 0 " (side + 8) " " (side + 8) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            path d=(path) {}
        }
    }
}

/// A rule of the rulebook.
#[derive(Clone, Debug, Default)]
pub struct RuleCard {
    /// `VC-R04`.
    pub id: String,
    /// Unique in the page; links lead to it.
    pub anchor: String,
    pub title: String,
    pub value: String,
    pub unit: String,
    /// How sure we are: a badge.
    pub confidence: Markup,
    /// "in force from … until …, in …".
    pub dates: String,
    /// Source and article.
    pub article: String,
    pub used_label: String,
    pub used: Vec<Link>,
    pub links: Vec<Link>,
}

#[must_use]
pub fn rule_card(rule: &RuleCard) -> Markup {
    html! {
        article.rule-card #(rule.anchor) {
            header {
                h2 { (rule.title) }
                code { (rule.id) }
                (rule.confidence)
            }
            @if !rule.value.is_empty() { p.value { (rule.value) " " small { (rule.unit) } } }
            p.note { (rule.article) }
            p.note { (rule.dates) }
            @if !rule.used.is_empty() {
                p.used { span { (rule.used_label) } @for link in &rule.used { (link.show()) } }
            }
            @if !rule.links.is_empty() {
                p.used { @for link in &rule.links { (link.show()) } }
            }
        }
    }
}
