//! A form with a field of every kind, some of them filled wrongly.

use std::collections::BTreeMap;

use grammar::form::{Field, Flat, Form, Kind};
use maud::{Markup, html};

use super::Tongue;
use crate::parts::{Asker, Button, Choice, FieldWords, FormView, Link, Section, form, section, views};

/// A field of every kind, by name.
fn every_kind() -> Form {
    let one = |name: &str, kind: Kind, needed| Field { name: name.into(), kind, needed };
    let choices = |names: &[&str]| Kind::Choice(names.iter().map(|name| (*name).to_owned()).collect());
    let indicator = Form {
        fields: vec![
            one("name", Kind::Bilingual { max: 80 }, true),
            one("goal", Kind::Number { min: 0, max: 100 }, true),
            one("method", Kind::Text { max: 80 }, false),
        ],
    };
    Form {
        fields: vec![
            one("title", Kind::Bilingual { max: 100 }, true),
            one("problem", Kind::Text { max: 2_000 }, true),
            one("kind", choices(&["joint", "contract", "licence"]), true),
            one("field", choices(&["manufacturing", "materials", "bio", "energy", "chips"]), true),
            one("budget", Kind::Money, true),
            one("share", Kind::Share, false),
            one("parts", Kind::Number { min: 1, max: 10_000 }, false),
            one("until", Kind::Day, true),
            one("visit", Kind::Moment, false),
            one("region", Kind::Region, true),
            one("uscc", Kind::Uscc, false),
            one("place", Kind::Place, false),
            one("secret", Kind::YesNo, true),
            one("programme", Kind::Ref("call".into()), false),
            one("drawing", Kind::File, false),
            one("contact", Kind::Personal(Box::new(Kind::Text { max: 60 })), true),
            one("offer", Kind::Sealed(Box::new(Kind::Money)), false),
            one("keywords", Kind::List(Box::new(Kind::Text { max: 40 }), 10), false),
            one("wanted", Kind::List(Box::new(choices(&["people", "instrument", "money"])), 3), false),
            one("partners", Kind::List(Box::new(Kind::Ref("organisation".into())), 5), false),
            one("indicators", Kind::List(Box::new(Kind::Group(indicator)), 8), true),
        ],
    }
}

struct Example {
    l: Tongue,
    values: Flat,
    words: FieldWords,
    errors: BTreeMap<&'static str, String>,
}

impl Asker for Example {
    fn values(&self) -> &Flat {
        &self.values
    }

    fn label(&self, _: &str, field: &str) -> String {
        let words = [
            ("title", "名称", "Title"),
            ("problem", "要解决的问题", "The problem to solve"),
            ("kind", "合作方式", "Way of working together"),
            ("field", "领域", "Field"),
            ("budget", "预算", "Budget"),
            ("share", "自筹比例", "Own share"),
            ("parts", "每月件数", "Parts a month"),
            ("until", "截止日", "Last day"),
            ("visit", "现场踏勘时间", "Time of the site visit"),
            ("region", "地区", "Region"),
            ("uscc", "统一社会信用代码", "Unified social credit code"),
            ("place", "位置", "Place"),
            ("secret", "是否涉及商业秘密", "Are trade secrets involved"),
            ("programme", "对应的申报指南", "Call it belongs to"),
            ("drawing", "图纸", "Drawing"),
            ("contact", "联系人", "Contact person"),
            ("offer", "报价", "Offer"),
            ("keywords", "关键词", "Keywords"),
            ("wanted", "需要的资源", "What is wanted"),
            ("partners", "合作单位", "Partners"),
            ("indicators", "考核指标", "Indicators"),
            ("name", "指标名称", "Name of the indicator"),
            ("goal", "目标值", "Goal"),
            ("method", "测量方法", "How it is measured"),
        ];
        words.iter().find(|(name, ..)| *name == field).map(|(_, zh, en)| self.l.t(zh, en)).unwrap()
    }

    fn help(&self, _: &str, field: &str) -> String {
        match field {
            "problem" => self.l.t(
                "写现状、目标和约束，不写解决办法。",
                "Say how it is, how it should be, and what must not change.",
            ),
            "budget" => self.l.t("可写 300000、30万 或 1.2亿。", "For example 300000, 30万 or 1.2亿."),
            "share" => self.l.t("例如 50% 或 1/3。", "For example 50% or 1/3."),
            "region" => self.l.t("六位代码或名称。", "A code of six digits or a name."),
            "place" => self.l.t("纬度,经度，例如 31.22,121.46。", "Latitude, longitude: 31.22,121.46."),
            "keywords" => self.l.t("每行一个，最多 10 个。", "One a line, at most 10."),
            _ => String::new(),
        }
    }

    fn error(&self, path: &str) -> String {
        self.errors.get(path).cloned().unwrap_or_default()
    }

    fn choices(&self, _: &str, kind: &Kind) -> Vec<Choice> {
        let one = |value: &str, zh: &str, en: &str| Choice {
            value: value.into(),
            label: self.l.t(zh, en),
            help: String::new(),
        };
        match kind {
            Kind::Choice(names) if names.len() == 5 => vec![
                one("manufacturing", "先进制造", "Advanced manufacturing"),
                one("materials", "新材料", "New materials"),
                one("bio", "生物医药", "Biomedicine"),
                one("energy", "新能源", "Energy"),
                one("chips", "集成电路", "Integrated circuits"),
            ],
            Kind::Choice(names) if names.contains(&"joint".into()) => vec![
                one("joint", "联合研发", "Joint research"),
                one("contract", "委托研发", "Contract research"),
                one("licence", "技术许可", "Licence"),
            ],
            Kind::Choice(_) => vec![
                one("people", "专家", "People"),
                one("instrument", "仪器机时", "Instrument time"),
                one("money", "资金", "Money"),
            ],
            Kind::Region => {
                vec![one("310117", "上海市松江区", "Songjiang, Shanghai"), one("320500", "苏州市", "Suzhou")]
            }
            _ => vec![one("call-4t2k", "2026 年度先进制造专项", "Advanced manufacturing 2026")],
        }
    }

    fn lookup(&self, _: &str, kind: &Kind) -> String {
        if matches!(kind, Kind::Ref(_)) { "/lookup/organisation".into() } else { String::new() }
    }

    fn words(&self) -> &FieldWords {
        &self.words
    }
}

fn example(l: Tongue) -> Example {
    let values = [
        ("title.zh", "轴承滚道残余应力的在线无损测量"),
        ("kind", "contract"),
        ("budget", "120万"),
        ("until", "十二月底"),
        ("region", "310117"),
        ("secret", "no"),
        ("drawing", "8f1c22aa:drawing-A3.pdf"),
        ("keywords.1", "残余应力"),
        ("keywords.2", "无损检测"),
        ("wanted.1", "people"),
        ("wanted.3", "money"),
        ("partners.1", "org-2f8t0xw1"),
        ("indicators.1.name.zh", "单件测量时间"),
        ("indicators.1.goal", "900"),
    ];
    let words = FieldWords {
        needed: l.t("必填", "needed"),
        yes: l.t("是", "Yes"),
        no: l.t("否", "No"),
        zh: l.t("中文", "Chinese"),
        en: l.t("英文", "English"),
        choose: l.t("请选择", "Please choose"),
        yuan: l.t("元", "yuan"),
        personal: l.t("个人信息，可要求删除", "personal; can be erased"),
        sealed: l.t("开标前密封", "closed until the opening"),
        row: l.t("第 # 项", "Number #"),
        add: l.t("再加一项", "Add another"),
        kept_file: l.t("已上传：", "Already there:"),
        or_paste: l.t("或把文件内容粘贴在这里", "Or paste the file here"),
    };
    let errors = [
        ("problem", l.t("请填写。", "Please fill this in.")),
        ("until", l.t("请填写日期，例如 2031-06-30。", "Please give a day, for example 2031-06-30.")),
        ("secret", l.t("请确认。", "Please confirm.")),
        (
            "indicators.1.goal",
            l.t("请填写 0 到 100 之间的整数。", "Please give a whole number from 0 to 100."),
        ),
    ];
    Example {
        l,
        values: values.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect(),
        words,
        errors: errors.into_iter().collect(),
    }
}

pub(super) fn forms(l: Tongue) -> Markup {
    let asker = example(l);
    let body = form(&FormView {
        action: "/need/new".into(),
        hidden: vec![("token".into(), "x".into()), ("key".into(), "y".into())],
        fields: views(&every_kind(), &asker),
        words: asker.words.clone(),
        faults_title: l.t("有 4 处需要修改", "Four things need your attention"),
        other_faults: vec![],
        submit: l.t("发布需求", "Publish the need"),
        more: vec![Button {
            name: "then".into(),
            value: "draft".into(),
            label: l.t("存为草稿", "Keep as draft"),
        }],
        keeps: None,
        cancel: Some(Link::new("/need", l.t("放弃", "Cancel"))),
        note: l.t(
            "发布后名称和问题公开，联系人不公开。",
            "The title and the problem will be public, the contact will not.",
        ),
    });
    section(&Section {
        id: "form".into(),
        title: l.t("发布需求", "Publish a need"),
        body: html! { (body) },
        ..Section::default()
    })
}
