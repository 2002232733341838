//! Duty: what the rules of its day make of an instrument's value, money and dates.

use grammar::prelude::*;

use super::Entry;

/// From this value on, an instrument belongs to the region's catalogue.
pub const REGION_VALUE: Rule<Money> = rule("IN-R01");
/// From this value on, it belongs to the national evaluation.
const NATIONAL_VALUE: Rule<Money> = rule("IN-R02");
/// Fiscal money obliges to report.
const FISCAL_REPORTS: Rule<bool> = rule("IN-R03");
/// How long after acceptance.
pub const REPORT_WITHIN: Rule<Period> = rule("IN-R04");

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    pub(super) in_region_scope: bool,
    pub(super) in_national_scope: bool,
    pub(super) must_report: bool,
    /// The last day for reporting, when it must be reported and has been accepted.
    pub(super) report_until: Option<Day>,
    pub(super) reported_late: bool,
}

/// The duty to report, by the rules of the instrument's own region, for a report made on `reported`.
pub(super) fn duty(entry: &Entry, reported: Day, ctx: &Ctx) -> Duty {
    let (rules, here, born) = (ctx.rules, entry.region, ctx.born);
    let in_region_scope = entry.value >= rules.value(REGION_VALUE, here, born);
    let must_report = entry.fiscal && in_region_scope && rules.value(FISCAL_REPORTS, here, born);
    let within = rules.value(REPORT_WITHIN, here, born);
    let accepted = entry.accepted.filter(|_| must_report);
    let report_until = accepted.map(|day| ctx.calendar().last_day(day, within));
    Duty {
        in_region_scope,
        in_national_scope: entry.value >= rules.value(NATIONAL_VALUE, here, born),
        must_report,
        report_until,
        reported_late: report_until.is_some_and(|until| until < reported),
    }
}
