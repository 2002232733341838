//! Rejudging: after the result it comes out that a reviewer was bound to an applicant. What rested on it falls away, another
//! expert judges in that place, and the applicant reads both results and which of them counts (EP-R18).

use grammar::kinds::Id;
use registry::Asker;
use serde_json::json;

use super::{
    asks::{Founding, invented},
    experts::Expert,
    houses::Town,
    judging::Panel,
};

/// Who reads both results: the number of the application, the place of the expert who was bound, and of the one after.
pub const APPLICATION: usize = 6;
const BOUND: usize = 4;
const INSTEAD: usize = 1;

/// An application that is judged again, and by whom.
pub struct Again {
    application: Id,
    fresh: Expert,
}

impl Again {
    /// The office finds the tie, lets the opinion fall by two hands, and asks another expert.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn begins(
        f: &mut Founding,
        town: &Town,
        panel: &Panel,
        (application, experts): (Id, &[Expert]),
    ) -> Result<Self, String> {
        let (bound, fresh) = experts.get(BOUND).zip(experts.get(INSTEAD)).ok_or("no expert")?;
        let review = panel.review(f, (application, bound.id))?;
        let again = json!({
            "verb": "re-review", "reviews": [review],
            "reason": "评审人未申报与申请团队的合作关系（示例） / a joint work with the team was not declared (sample)",
        });
        let ask = panel.asks("again", again);
        f.ask_two("panels", vec![ask], town.officers.by("panel-2")?)?;
        panel.propose(f, "propose-again", &[(application, fresh.id)])?;
        Ok(Self { application, fresh: *fresh })
    }

    /// The other expert accepts and signs; the office takes the score and gives the result once more.
    ///
    /// # Errors
    /// The first ask that was denied.
    pub fn ends(self, f: &mut Founding, panel: &Panel) -> Result<(), String> {
        let review = panel.review(f, (self.application, self.fresh.id))?;
        let marks = [88, 85, 90, 82, 86].into_iter().zip(1..);
        let marks: Vec<_> = marks.map(|(score, place)| json!({ "place": place, "score": score })).collect();
        let open = "实验方法的可行性论证充分，建议明确束线机时的分年安排。\nThe method is well argued; the beam time of each year should be stated.";
        let accept = json!({ "verb": "accept", "no_conflict": true, "in_person": true });
        let sign = json!({ "verb": "sign", "marks": marks, "open": open, "closed": null });
        let by = Asker::Person(self.fresh.person);
        let asks = [("answer", accept), ("sign", sign)].map(|(name, command)| {
            invented(format!("panel/review/again/{name}"), by, "review", Some(review), command)
        });
        f.ask_all("panels", asks.into())?;
        panel.ask(f, "close-again", json!({ "verb": "close-scores", "reviews": [review] }))?;
        panel.ask(f, "conclude-again", json!({ "verb": "conclude" }))
    }
}
