//! Notices, rules and what waits for a second person: so that no inbox of the region is empty.

use grammar::kinds::Id;
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::Town,
    money::Purse,
    offers::{Laboratory, Offer},
    texts::{NoticeText, RuleText, StepText, both},
};

/// What the notices are about.
pub struct Subjects {
    pub needs: Vec<(String, Id)>,
    pub achievements: Vec<Offer>,
    pub laboratory: Laboratory,
    pub instrument: Offer,
}

impl Subjects {
    /// The record that a notice is about, and its province.
    fn find(&self, about: &str) -> Result<Offer, String> {
        let province = self.laboratory.lead.spot.province();
        let achievement = |n: usize| self.achievements.get(n).copied();
        let found = match about {
            "need" => self.needs.first().map(|(_, id)| Offer { id: *id, region: 310_000 }),
            "laboratory" => Some(Offer { id: self.laboratory.id, region: province }),
            "provider" => Some(Offer { id: self.laboratory.lead.id, region: province }),
            "instrument" => Some(self.instrument),
            "priced" => achievement(2),
            "mended" => achievement(4),
            _ => None,
        };
        found.ok_or_else(|| format!("office.toml: no notice can be about {about}"))
    }
}

fn publication(notice: &NoticeText, about: Offer) -> Value {
    json!({
        "verb": "publish", "about": about.id, "region": format!("{:06}", about.region),
        "title": both(&notice.title_zh, &notice.title_en), "text": both(&notice.text_zh, &notice.text_en),
        "contact": both(
            "示例公示管理员，通过本平台“提出异议”",
            "sample notice officer, by an objection on this platform",
        ),
        "basis": notice.basis, "days": notice.days, "unit": notice.unit,
    })
}

fn step(step: &StepText) -> Value {
    match step.verb.as_str() {
        "object" => json!({ "verb": "object", "text": step.text, "named": step.named }),
        "answer" => json!({ "verb": "answer", "objection": 1, "text": step.text, "upheld": step.upheld }),
        "change" => {
            json!({ "verb": "change", "text": both(&step.text_zh, &step.text_en), "reason": step.text })
        }
        verb => json!({ "verb": verb, "reason": step.text }),
    }
}

/// Six notices: running, one with an open objection, one answered, one changed, one withdrawn, and one
/// that time concludes on the next day.
///
/// # Errors
/// The first ask that was denied.
pub fn notices(
    f: &mut Founding,
    town: &Town,
    subjects: &Subjects,
    texts: &[NoticeText],
) -> Result<usize, String> {
    let (office, citizen) = (town.officers.by("notice-1")?, Asker::Person(town.citizen));
    let publish = |notice: &NoticeText| {
        let command = publication(notice, subjects.find(&notice.about)?);
        Ok(invented(format!("notice/{}", notice.about), office, "notice", None, command))
    };
    let asks = texts.iter().map(publish).collect::<Result<_, String>>()?;
    let ids = f.ask_all("notices", asks)?;
    let mut asks = Vec::new();
    for (notice, id) in texts.iter().zip(&ids) {
        for (text, n) in notice.step.iter().zip(1..) {
            let by = if text.by == "citizen" { citizen } else { office };
            let key = format!("notice/{}/{n}/{}", notice.about, text.verb);
            asks.push(invented(key, by, "notice", Some(*id), step(text)));
        }
    }
    f.ask_all("notices", asks)?;
    Ok(ids.len())
}

/// Rule changes: one adopted, one that waits for a second rule maker, one proposed, one withdrawn.
///
/// # Errors
/// The first ask that was denied.
pub fn rules(f: &mut Founding, town: &Town, texts: &[RuleText]) -> Result<usize, String> {
    let (first, second) = (town.officers.by("rules-1")?, town.officers.by("rules-2")?);
    let today = f.today;
    let propose = |text: &RuleText| {
        let command = json!({
            "verb": "propose", "rule": text.rule, "title": both(&text.title_zh, &text.title_en),
            "kind": text.kind, "value": text.value, "unit": text.unit,
            "region": format!("{:06}", text.region), "from": today.plus_days(text.after), "until": null,
            "source": "示例数据：演示用的规则调整 / demo: a change for demonstration", "article": null,
            "confidence": "design",
        });
        invented(format!("rulebook/{}", text.rule), first, "rulebook", None, command)
    };
    let ids = f.ask_all("rules", texts.iter().map(propose).collect())?;
    let decide = |state: &str, command: Value| {
        let own = texts.iter().zip(&ids).filter(|(text, _)| text.state == state);
        let key = |text: &RuleText| format!("rulebook/{}/{state}", text.rule);
        own.map(|(text, id)| invented(key(text), first, "rulebook", Some(*id), command.clone())).collect()
    };
    let decision = "示例会议纪要 第 3 号（示例数据） / sample minutes no. 3 (demo)";
    let adopt = json!({ "verb": "adopt", "decision": decision });
    f.ask_two("rules", decide("adopted", adopt.clone()), second)?;
    f.ask_all("rules", decide("waiting", adopt))?;
    let reason = "与省内办法重复 / repeats a provincial measure";
    f.ask_all("rules", decide("withdrawn", json!({ "verb": "withdraw", "reason": reason })))?;
    Ok(ids.len())
}

/// Asks that wait for a second person: an appointment, a merger, a reversal. Those about a voucher and a rule
/// were asked with the vouchers and the rules.
///
/// # Errors
/// The first ask that was denied.
pub fn waiting(f: &mut Founding, town: &Town, purse: &Purse) -> Result<(), String> {
    let o = &town.officers;
    let appoint = json!({
        "verb": "appoint", "holder": o.id("publisher-1")?, "office": "publisher", "region": "310000",
        "from": f.today.plus_days(7), "until": null, "document": "示例任命文件 第 2 号（示例数据）",
    });
    let last = town.firms.get(59).ok_or("too few firms")?.id;
    let heir = town.firms.get(58).ok_or("too few firms")?.id;
    let merge = json!({
        "verb": "merge-into", "successor": heir,
        "reason": "两家示例企业合并（示例数据） / two sample firms merge (demo)",
    });
    let (fund, entry) = purse.mistaken;
    let reverse = json!({
        "verb": "reverse", "entry": entry, "effective": f.today,
        "reason": "重复支付，申请冲正 / paid twice, to be reversed",
    });
    let asks = vec![
        invented("waiting/appoint".into(), o.by("admin-1")?, "office", None, appoint),
        invented("waiting/merge".into(), o.by("registrar-1")?, "organisation", Some(last), merge),
        invented("waiting/reverse".into(), o.by("treasurer-1")?, "account", Some(fund), reverse),
    ];
    f.ask_all("what waits for a second person", asks).map(drop)
}
