//! Notices, rules and what waits for a second person: so that no inbox of the region is empty.

use grammar::kinds::Id;
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::Town,
    money::Purse,
    texts::both,
};

/// A notice of the region. Its period runs from the day of founding; a day after it, the clock concludes it.
struct Notice {
    key: &'static str,
    about: Id,
    region: u32,
    title: [&'static str; 2],
    text: [&'static str; 2],
    basis: &'static str,
    days: u32,
    unit: &'static str,
}

impl Notice {
    fn command(&self) -> Value {
        json!({
            "verb": "publish", "about": self.about, "region": format!("{:06}", self.region),
            "title": both(self.title[0], self.title[1]), "text": both(self.text[0], self.text[1]),
            "contact": both("示例公示管理员，通过本平台“提出异议”", "sample notice officer, by an objection on this platform"),
            "basis": self.basis, "days": self.days, "unit": self.unit,
        })
    }
}

/// What the notices are about.
pub struct Subjects {
    pub needs: Vec<(String, Id)>,
    pub achievements: Vec<Id>,
    pub laboratory: Id,
    pub instrument: Id,
    pub provider: Id,
}

impl Subjects {
    fn need(&self, key: &str) -> Result<Id, String> {
        let found = self.needs.iter().find(|(named, _)| named == key);
        found.map(|(_, id)| *id).ok_or_else(|| format!("no need {key}"))
    }

    fn achievement(&self, n: usize) -> Result<Id, String> {
        self.achievements.get(n).copied().ok_or_else(|| "no achievement".to_owned())
    }
}

fn planned(s: &Subjects) -> Result<[Notice; 6], String> {
    let notice = |key, about, region, title, text, basis, days, unit| Notice {
        key,
        about,
        region,
        title,
        text,
        basis,
        days,
        unit,
    };
    Ok([
        notice(
            "batch",
            s.need("photoresist")?,
            310_000,
            ["首批联合攻关需求发布公示（示例数据）", "Notice of the first batch of needs (demo)"],
            [
                "经四地筛选和凝练，拟面向全国征集解决方案的首批企业需求二十项予以公示。对需求真实性、指标和预算有异议的，可在公示期内提出。",
                "After screening and condensing by the four regions, twenty needs of the first batch are made public before solutions are called for. Objections to their truth, indicators or budget can be raised in this period.",
            ],
            "长三角科技创新共同体联合攻关计划实施办法（试行）",
            5,
            "working-days",
        ),
        notice(
            "catalogue",
            s.laboratory,
            310_000,
            ["实验室新增入库公示（示例数据）", "Notice of a laboratory entered in the catalogue (demo)"],
            [
                "拟将该实验室列入区域实验室目录，公示其依托单位、领域和服务内容。",
                "The laboratory is to be entered in the regional catalogue; its lead unit, field and services are made public.",
            ],
            "上海市重点实验室建设与运行管理办法 沪科规〔2022〕6号",
            10,
            "working-days",
        ),
        notice(
            "providers",
            s.provider,
            320_000,
            ["创新券服务机构公示（示例数据）", "Notice of a voucher provider (demo)"],
            [
                "拟将该单位列为创新券服务机构，服务内容为检测分析和中试试验。",
                "The organisation is to become a voucher provider for testing and pilot trials.",
            ],
            "上海市科技创新券管理办法",
            5,
            "working-days",
        ),
        notice(
            "price",
            s.achievement(2)?,
            330_000,
            ["科技成果协议定价公示（示例数据）", "Notice of an agreed price for an achievement (demo)"],
            [
                "该成果拟以协议定价方式许可实施，公示成果名称和拟交易价格。",
                "The achievement is to be licensed at an agreed price; its name and price are made public.",
            ],
            "中华人民共和国促进科技成果转化法 第十八条",
            15,
            "calendar-days",
        ),
        notice(
            "sharing",
            s.instrument,
            340_000,
            ["大型仪器开放共享评价结果公示（示例数据）", "Notice of a sharing assessment (demo)"],
            [
                "对该仪器年度开放共享机时和服务评价结果予以公示，公示一日。",
                "The yearly sharing hours and services of the instrument are made public for one day.",
            ],
            "国家重大科研基础设施和大型科研仪器开放共享管理办法 国科发基〔2017〕289号",
            1,
            "calendar-days",
        ),
        notice(
            "mistaken",
            s.achievement(4)?,
            310_000,
            ["成果信息更正公示（示例数据）", "Notice of a correction (demo)"],
            ["该成果的权利信息拟予更正。", "The rights of the achievement are to be corrected."],
            "本平台约定",
            5,
            "working-days",
        ),
    ])
}

/// Six notices: running, one with an open objection, one answered, one changed, one withdrawn, and one
/// that time concludes on the next day.
///
/// # Errors
/// The first ask that was denied.
pub fn notices(f: &mut Founding, town: &Town, subjects: &Subjects) -> Result<usize, String> {
    let (office, citizen) = (town.officers.by("notice-1")?, Asker::Person(town.citizen));
    let planned = planned(subjects)?;
    let publish =
        planned.iter().map(|n| invented(format!("notice/{}", n.key), office, "notice", None, n.command()));
    let ids = f.ask_all("notices", publish.collect())?;
    let step = |n: usize, key: &str, by: Asker, command: Value| {
        invented(format!("notice/step/{n}/{key}"), by, "notice", ids.get(n).copied(), command)
    };
    let object = |text: &str, named: bool| json!({ "verb": "object", "text": text, "named": named });
    let answer = |text: &str, upheld: bool| json!({ "verb": "answer", "objection": 1, "text": text, "upheld": upheld });
    let asks = vec![
        step(
            1,
            "object",
            citizen,
            object(
                "公示未写明实验室对外服务的收费方式。\nThe notice does not say what the laboratory charges.",
                true,
            ),
        ),
        step(
            1,
            "answer",
            office,
            answer(
                "意见成立，补充收费方式后重新公示。\nUpheld; the charges are added and the period starts again.",
                true,
            ),
        ),
        step(
            1,
            "change",
            office,
            json!({
                "verb": "change",
                "text": both(
                    "拟将该实验室列入区域实验室目录，公示其依托单位、领域、服务内容和收费方式（按成本收费并公开）。",
                    "The laboratory is to be entered in the regional catalogue; its lead unit, field, services and charges (at cost, published) are made public.",
                ),
                "reason": "补充收费方式 / charges added",
            }),
        ),
        step(
            2,
            "object",
            citizen,
            object(
                "该单位的检测资质范围与公示服务内容是否一致，请说明。\nPlease say whether its accredited tests cover the services named.",
                false,
            ),
        ),
        step(3, "object", citizen, object("拟交易价格的依据是什么？\nOn what does the price rest?", true)),
        step(
            3,
            "answer",
            office,
            answer(
                "价格由双方协商并参考示例评估报告，符合协议定价程序，异议不成立。\nThe price was agreed with a sample valuation, as the procedure asks; not upheld.",
                false,
            ),
        ),
        step(
            5,
            "withdraw",
            office,
            json!({ "verb": "withdraw", "reason": "更正事项有误，撤回后另行公示 / published in error; a new notice follows" }),
        ),
    ];
    f.ask_all("notices", asks)?;
    Ok(ids.len())
}

/// A change of a rule.
struct Change {
    key: &'static str,
    rule: &'static str,
    title: [&'static str; 2],
    kind: &'static str,
    value: &'static str,
    unit: &'static str,
    region: u32,
    /// Days until it takes effect.
    after: i32,
}

const CHANGES: [Change; 4] = [
    Change {
        key: "window-most",
        rule: "NJ-R07-MOST",
        kind: "number",
        value: "60",
        unit: "calendar days",
        region: 310_000,
        after: 30,
        title: [
            "上海：方案征集期不超过六十日（示例数据）",
            "Shanghai: answers are taken in for at most 60 days (demo)",
        ],
    },
    Change {
        key: "window",
        rule: "NJ-R07",
        kind: "period",
        value: "40 calendar-days",
        unit: "after opening",
        region: 330_000,
        after: 45,
        title: [
            "浙江：方案征集期一般为四十日（示例数据）",
            "Zhejiang: answers are taken in for 40 days (demo)",
        ],
    },
    Change {
        key: "voucher-share",
        rule: "VC-R05",
        kind: "share",
        value: "60%",
        unit: "share of the contract",
        region: 340_000,
        after: 60,
        title: [
            "安徽：创新券抵用不超过合同金额的百分之六十（示例数据）",
            "Anhui: a voucher pays at most 60% of the contract (demo)",
        ],
    },
    Change {
        key: "renewals",
        rule: "NJ-P02",
        kind: "number",
        value: "3",
        unit: "times",
        region: 320_000,
        after: 60,
        title: ["江苏：需求最多续期三次（示例数据）", "Jiangsu: a need can be renewed three times (demo)"],
    },
];

/// Rule changes: one adopted, one that waits for a second rule maker, one proposed, one withdrawn.
///
/// # Errors
/// The first ask that was denied.
pub fn rules(f: &mut Founding, town: &Town) -> Result<usize, String> {
    let (first, second) = (town.officers.by("rules-1")?, town.officers.by("rules-2")?);
    let today = f.today;
    let propose = |change: &Change| {
        let command = json!({
            "verb": "propose", "rule": change.rule, "title": both(change.title[0], change.title[1]),
            "kind": change.kind, "value": change.value, "unit": change.unit,
            "region": format!("{:06}", change.region), "from": today.plus_days(change.after), "until": null,
            "source": "示例数据：演示用的规则调整 / demo: a change for demonstration", "article": null,
            "confidence": "design",
        });
        invented(format!("rulebook/{}", change.key), first, "rulebook", None, command)
    };
    let ids = f.ask_all("rules", CHANGES.iter().map(propose).collect())?;
    let step = |n: usize, verb: &str, command: Value| {
        invented(format!("rulebook/{n}/{verb}"), first, "rulebook", ids.get(n).copied(), command)
    };
    let decision = "示例会议纪要 第 3 号（示例数据） / sample minutes no. 3 (demo)";
    let adopt = || json!({ "verb": "adopt", "decision": decision });
    f.ask_two("rules", vec![step(0, "adopt", adopt())], second)?;
    let reason = "与省内办法重复 / repeats a provincial measure";
    let withdraw = json!({ "verb": "withdraw", "reason": reason });
    f.ask_all("rules", vec![step(1, "adopt", adopt()), step(3, "withdraw", withdraw)])?;
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
