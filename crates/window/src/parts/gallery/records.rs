//! A record with its history and actions; proofs and rules.

use maud::{Markup, html};

use super::Tongue;
use crate::parts::{
    Action, Article, Fact, Heading, Link, Press, Proof, Refusal, RuleCard, Section, State, Step,
    TimelineItem, Tone, Way, actions, badge, demo_badge, facts, hash, heading, kind_badge, proof, qr,
    refusal, rule_card, section, steps, timeline,
};

const HASH: &str = "8f1c22aa90d3e7b15c0f6d4e2b7a91c3d5e8f7061122334455667788990aabbc";

pub(super) fn record(l: Tongue) -> Markup {
    html! {
        (heading(&Heading {
            over: vec![kind_badge(1, &l.t("需求", "Need")), html! { code { "need-7k3m9q2a" } }],
            title: l.t("轴承滚道残余应力的在线无损测量", "On-line non-destructive measurement of residual stress in bearing raceways"),
            also: l.t("On-line non-destructive measurement of residual stress", "轴承滚道残余应力的在线无损测量"),
            also_lang: l.t("en", "zh-CN"),
            badges: vec![badge(Tone::Info, &l.t("征集方案中", "Taking solutions")), demo_badge(&l.t("示例", "Demo"), "")],
            facts: vec![
                Fact::new(l.t("预算", "Budget"), &l.t("¥1,200,000", "¥1,200,000")),
                Fact::new(l.t("截止", "Closes"), "2026-12-31"),
                Fact::new(l.t("方案", "Solutions"), "3"),
                Fact::new(l.t("需求方", "Asked by"), &l.t("松江精工有限公司", "Songjiang Precision Ltd")),
            ],
            ..Heading::default()
        }))
        (refusal(&Refusal {
            title: l.t("未能受理", "This could not be done"),
            sentence: l.t("这张创新券只剩 ¥118,500.00，不足以预留 ¥150,000.00。",
                "Only ¥118,500.00 is left on this voucher, not enough to set ¥150,000.00 aside."),
            article: Some(rule(l)),
            next_label: l.t("您可以", "You can"),
            next: vec![
                l.link("#hold", "改填较小的金额", "Enter a smaller amount"),
                l.link("/voucher", "另选一张创新券", "Choose another voucher"),
            ],
        }))
        (steps(&l.t("办理进度", "Progress"), &way(l)))
        div.two-thirds {
            div.stack { (details(l)) (history(l)) }
            aside.stack {
                (section(&Section { title: l.t("现在可以办理", "What you can do now"), body: actions(&doable(l)), ..Section::default() }))
            }
        }
    }
}

fn rule(l: Tongue) -> Article {
    Article {
        summary: l.t("规则 VC-R04", "Rule VC-R04"),
        text: l.t(
            "同一单位每年使用创新券的额度不超过 30 万元。",
            "A firm may use at most ¥300,000 of vouchers a year.",
        ),
        source: l.t(
            "《上海市科技创新券管理办法》第十二条；2018-01-01 起施行",
            "Shanghai voucher measures, article 12; in force since 2018-01-01",
        ),
        confidence: badge(Tone::Good, &l.t("已核对原文", "Read in the source")),
        link: Some(l.link("/rulebook/VC-R04", "查看此规则", "Open the rule")),
    }
}

fn way(l: Tongue) -> Vec<Step> {
    let step = |zh: &str, en: &str, note: &str, state, reads: [&str; 2]| Step {
        label: l.t(zh, en),
        note: note.into(),
        state,
        reads: l.t(reads[0], reads[1]),
    };
    vec![
        step("草稿", "Draft", "2026-10-08", State::Done, ["已完成", "done"]),
        step("审核", "Checked", "2026-10-12", State::Done, ["已完成", "done"]),
        step(
            "征集方案",
            "Taking solutions",
            &l.t("至 2026-12-31", "until 2026-12-31"),
            State::Current,
            ["当前", "now"],
        ),
        step("评审", "Review", "", State::Next, ["未到", "to come"]),
        step("签约", "Contract", "", State::Next, ["未到", "to come"]),
        step("撤回", "Withdrawn", "", State::Branch, ["另一可能", "another way"]),
    ]
}

fn details(l: Tongue) -> Markup {
    section(&Section {
        id: "details".into(),
        title: l.t("需求内容", "The need"),
        body: facts(&[
            Fact::new(l.t("问题", "Problem"), &l.t(
                "现有抽检需剖切零件，周期 5 天。希望在磨削工序后 90 秒内完成单件测量，不损伤表面。",
                "Today parts are cut open and tested in five days. We want each part measured within 90 seconds after grinding, without damage.",
            )),
            Fact::new(l.t("领域", "Field"), &l.t("先进制造", "Advanced manufacturing")),
            Fact { label: l.t("预算", "Budget"), value: html! { "¥1,200,000.00" }, note: l.t("含税", "including tax") },
            Fact::new(l.t("联系人", "Contact"), &l.t("已按本人要求删除", "Erased at the person's request")),
            Fact { label: l.t("附件", "File"), value: html! { a href="/file/1" { (l.t("图纸与公差要求.pdf", "drawings-and-tolerances.pdf")) } }, note: "1.8 MB".into() },
        ]),
        ..Section::default()
    })
}

fn history(l: Tongue) -> Markup {
    let item = |when: &str, who: [&str; 2], text: [&str; 2], tone, code: &str| TimelineItem {
        machine: when.replace(' ', "T"),
        when: when.into(),
        who: l.t(who[0], who[1]),
        sentence: html! { (l.t(text[0], text[1])) },
        tone,
        proof: Some(l.link("/proof/1", "存证", "Proof")),
        hash: code.into(),
    };
    section(&Section {
        id: "history".into(),
        title: l.t("经过", "History"),
        beside: html! { a href="/need/1/history" { (l.t("完整卷宗", "Complete file")) } },
        body: timeline(&[
            item(
                "2026-11-02 09:14",
                ["材料表征实验室", "Materials laboratory"],
                ["提交第 3 份方案", "submitted solution 3"],
                Tone::Plain,
                "8f1c22aa",
            ),
            item(
                "2026-10-12 16:05",
                ["林毓，市科技主管部门", "Lin Yu, city science office"],
                ["审核通过并公开", "checked it and made it public"],
                Tone::Good,
                "90d3e7b1",
            ),
            item(
                "2026-10-08 10:30",
                ["沈嘉宁", "Shen Jianing"],
                ["发布需求，预算 ¥1,200,000.00", "published the need with a budget of ¥1,200,000.00"],
                Tone::Accent,
                "5c0f6d4e",
            ),
        ]),
    })
}

fn doable(l: Tongue) -> Vec<Action> {
    let press = Press {
        action: "/need/1/extend".into(),
        hidden: vec![("token".into(), "x".into())],
        label: String::new(),
    };
    vec![
        Action {
            label: l.t("提交方案", "Submit a solution"),
            help: l.t("约需 10 分钟，可先存草稿", "About ten minutes; drafts are kept"),
            way: Way::Open { href: "/need/1/answer".into(), main: true },
        },
        Action {
            label: l.t("关注此需求", "Follow this need"),
            help: String::new(),
            way: Way::Press { press, main: false },
        },
        Action {
            label: l.t("申请评审", "Ask for a review"),
            help: String::new(),
            way: Way::No {
                reason: l
                    .t("征集截止（2026-12-31）后方可申请。", "Possible after solutions close on 2026-12-31."),
                article: Some(rule(l)),
            },
        },
    ]
}

pub(super) fn proofs(l: Tongue) -> Markup {
    let modules: Vec<Vec<bool>> =
        (0..29_u32).map(|y| (0..29_u32).map(|x| (x * 7 + y * 13 + x * y) % 3 == 0).collect()).collect();
    let box_ = proof(&Proof {
        title: l.t("存证", "Proof"),
        verdict: badge(Tone::Accent, &l.t("已封入日志", "In the log")),
        proves_label: l.t("能够证明", "This proves"),
        proves: vec![
            l.t("这条事实在 2026-11-02 09:14 前已写入，此后未改动", "that this fact was written before 2026-11-02 09:14 and has not changed"),
            l.t("同一卷宗没有缺页", "that no page is missing from its file"),
        ],
        not_label: l.t("不能证明", "This does not prove"),
        not: vec![l.t("所述内容属实，或签字人有权签字", "that what it says is true, or that the signer had the right")],
        hashes: vec![(l.t("叶散列", "Leaf hash"), HASH.into())],
        checkpoint_label: l.t("检查点", "Checkpoint"),
        checkpoint: "kechuang.example/log\n48217\nj1vQ0dbyE5C8jJ3tQkQb0R2Gkq3x8mYyDg5W0tQm3nE=\n\n— kechuang.example/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=".into(),
        qr: qr(&modules, &l.t("凭证二维码", "QR code of the receipt")),
        links: vec![l.link("/receipt.json", "下载凭证", "Download the receipt"), l.link("/verify", "自行核验", "Verify it yourself")],
    });
    let card = rule_card(&RuleCard {
        id: "VC-R04".into(),
        anchor: "VC-R04".into(),
        title: l.t("每年使用额度", "Yearly cap"),
        value: l.t("30 万元", "¥300,000"),
        unit: l.t("每单位每年", "a firm a year"),
        confidence: badge(Tone::Warn, &l.t("凭记忆，待核对", "From memory, to be checked")),
        dates: l.t("2018-01-01 起施行，上海市", "In force since 2018-01-01, Shanghai"),
        article: l.t("《上海市科技创新券管理办法》第十二条", "Shanghai voucher measures, article 12"),
        used_label: l.t("用于", "Used in"),
        used: vec![
            l.link("/voucher", "创新券发放", "issuing vouchers"),
            l.link("/voucher/hold", "预留", "setting money aside"),
        ],
        links: vec![Link::new("/rulebook/VC-R04/try", l.t("试改此规则", "Try a change"))],
    });
    html! {
        div.two-thirds {
            (box_)
            aside { (card) p.note { (l.t("短散列 ", "Short hash ")) (hash("8f1c22aa")) } }
        }
    }
}
