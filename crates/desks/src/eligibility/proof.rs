//! Tests: what a firm or a team must be, each with what was found and what was wanted.

use grammar::prelude::*;

use crate::organisation::{self, Organisation};

/// Registered in the region, an independent legal person.
const REGISTERED: &str = "VC-R01";
/// The least number of core members of a team.
const MEMBERS: Rule<i64> = rule("VC-R02");
/// The test of technology-based small and medium-sized enterprises.
const STAFF: Rule<i64> = rule("VC-R03-STAFF");
const SALES: Rule<Money> = rule("VC-R03-SALES");
const ASSETS: Rule<Money> = rule("VC-R03-WORTH");
const SCORE: Rule<i64> = rule("VC-R03-SCORE");
const CLEAN: &str = "VC-R03";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Firm,
    Team,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    RegisteredHere,
    LegalPerson,
    Staff,
    Sales,
    Assets,
    NothingBanned,
    Score,
    StaffScore,
    InIncubator,
    CoreMembers,
    NoCompanyYet,
}

/// How one test came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub test: Test,
    pub passed: bool,
    /// What was found, and what was wanted.
    pub is: String,
    pub wanted: String,
    pub rule: String,
}

/// What spares a firm the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum DirectRoute {
    HighTechCertificate,
    NationalAward,
    ProvincialResearchBody,
    LeadOfAStandard,
}

/// What a firm says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct FirmFacts {
    pub staff: Between<0, 10_000_000>,
    pub sales: Money,
    pub assets: Money,
    /// No banned products, no grave accidents, no dishonesty.
    pub nothing_banned: bool,
    #[serde(default)]
    pub score: Option<Between<0, 100>>,
    #[serde(default)]
    pub staff_score: Option<Between<0, 100>>,
    #[serde(default)]
    pub direct_route: Option<DirectRoute>,
    /// Its entry in the register of technology-based small and medium-sized enterprises.
    #[serde(default)]
    pub registration: Option<Text<60>>,
}

/// What a team says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct TeamFacts {
    pub incubator: Ref<Organisation>,
    pub certificate: Text<100>,
    pub core_members: Between<0, 1_000>,
    pub no_company_yet: bool,
}

fn reason(test: Test, passed: bool, is: impl ToString, wanted: impl ToString, rule: &str) -> Reason {
    Reason { test, passed, is: is.to_string(), wanted: wanted.to_string(), rule: rule.to_owned() }
}

fn mark(passed: bool) -> &'static str {
    if passed { "✓" } else { "✗" }
}

impl FirmFacts {
    /// Every test, whether passed or not.
    pub fn tried(&self, firm: &Card, region: Region, ctx: &Ctx) -> Vec<Reason> {
        let is_here = region.covers(firm.scope());
        let is_firm = firm.read::<organisation::Kind>("kind") == Some(organisation::Kind::Enterprise)
            && firm.status == "active";
        let (staff, sales, assets) = (ctx.rule(STAFF), ctx.rule(SALES), ctx.rule(ASSETS));
        let mut reasons = vec![
            reason(Test::RegisteredHere, is_here, firm.scope(), region, REGISTERED),
            reason(Test::LegalPerson, is_firm, mark(is_firm), "✓", REGISTERED),
            reason(
                Test::Staff,
                self.staff.get() <= staff,
                self.staff.get(),
                format!("≤ {staff}"),
                STAFF.id(),
            ),
            reason(Test::Sales, self.sales <= sales, self.sales, format!("≤ {sales}"), SALES.id()),
            reason(Test::Assets, self.assets <= assets, self.assets, format!("≤ {assets}"), ASSETS.id()),
            reason(Test::NothingBanned, self.nothing_banned, mark(self.nothing_banned), "✓", CLEAN),
        ];
        if self.direct_route.is_none() {
            let (score, of_staff) = (number(self.score), number(self.staff_score));
            let least = ctx.rule(SCORE);
            reasons.push(reason(Test::Score, score >= least, score, format!("≥ {least}"), SCORE.id()));
            reasons.push(reason(Test::StaffScore, of_staff > 0, of_staff, "> 0", SCORE.id()));
        }
        reasons
    }
}

fn number(score: Option<Between<0, 100>>) -> i64 {
    score.map_or(0, Between::get)
}

impl TeamFacts {
    /// Every test, whether passed or not.
    pub fn tried(&self, incubator: &Card, region: Region, ctx: &Ctx) -> Vec<Reason> {
        let (members, least) = (self.core_members.get(), ctx.rule(MEMBERS));
        let is_incubator = incubator.read::<organisation::Kind>("kind")
            == Some(organisation::Kind::Incubator)
            && region.covers(incubator.scope());
        vec![
            reason(Test::InIncubator, is_incubator, mark(is_incubator), "✓", MEMBERS.id()),
            reason(Test::CoreMembers, members >= least, members, format!("≥ {least}"), MEMBERS.id()),
            reason(Test::NoCompanyYet, self.no_company_yet, mark(self.no_company_yet), "✓", MEMBERS.id()),
        ]
    }
}
