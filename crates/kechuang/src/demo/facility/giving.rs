//! Giving: the round that is open, time that one gives back and another is offered, and who plays in it.

use grammar::kinds::Id;
use serde_json::json;

use super::{AGAIN, Facility, TOLD, USE_AFTER};
use crate::demo::asks::{Founding, invented};

/// Three shifts come back so many days before the founding: the next one has not answered yet.
pub const GIVEN: i32 = 3;

impl Facility {
    /// The facility's officer, whoever is offered time, and one of its reviewers.
    pub fn people(&self) -> [Option<Id>; 3] {
        let user = self.teams.get(3);
        [Some(self.keeper.signer), user.map(|team| team.signer), self.reviewers.first().map(|one| one.signer)]
    }

    /// The third cannot use the rest of its shifts; with what was left it is enough for the fourth.
    pub(super) fn gives_back(&self, f: &mut Founding) -> Result<(), String> {
        f.wait(GIVEN)?;
        let third = self.proposals.get(2).copied();
        let back = json!({
            "verb": "give-back", "proposal": third,
            "reason": "第二批样品未能制成（示例数据） / the second batch of samples failed (demo)",
        });
        let ask = self.of_round("give-back", self.team(2)?.by(), back);
        f.ask_all("facility", vec![ask]).map(drop)
    }

    /// The next round is open; two have applied, and one of them is with the reviewers.
    pub(super) fn again(&self, f: &mut Founding) -> Result<(), String> {
        f.wait(AGAIN)?;
        let days = [AGAIN, -25, -(USE_AFTER + 1), -(USE_AFTER + 120)];
        let command =
            self.plan(f, ("示例光源新一轮用户课题征集", "Sample Light Source, the new proposal round"), days);
        let ask = invented("facility/again".into(), self.keeper.by(), "round", None, command);
        let round = f.ask_all("facility", vec![ask])?.first().copied();
        let mut asks = Vec::new();
        for n in [4, 6] {
            let told = TOLD.iter().find(|told| told.n == n).ok_or("no proposal")?;
            let (by, wish) = (self.team(told.leader)?.by(), self.wish(told, round)?);
            asks.push(invented(format!("facility/again/{n}"), by, "proposal", None, wish));
        }
        let proposals = f.ask_all("facility", asks)?;
        let second = proposals.get(1).copied();
        let of = |key: &str, desk: &'static str, id, command| {
            invented(format!("facility/again/{key}"), self.keeper.by(), desk, id, command)
        };
        let reviewers: Vec<Id> = self.reviewers.iter().map(|one| one.signer).collect();
        let check = json!({ "verb": "check", "verdict": "passed", "note": null });
        let asks = vec![
            of("seat", "round", round, json!({ "verb": "seat", "reviewers": reviewers })),
            of("check", "proposal", second, check),
            of("admit", "round", round, json!({ "verb": "admit", "proposals": [second] })),
        ];
        f.ask_all("facility", asks).map(drop)
    }
}
