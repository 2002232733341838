//! Advising: a strategy committee of four is asked two questions. It meets, declares, speaks and advises by majority; the city's
//! authority answers the first, and is late with the second.

use grammar::kinds::Id;
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    awards::file,
    houses::{House, Town},
    texts::both,
};

/// What each member is.
const CATEGORIES: [&str; 4] = ["scientist", "scientist", "entrepreneur", "investor"];
/// Titles and questions, what the committee advises, and whether everyone reads it.
const TOPICS: [[[&str; 2]; 3]; 2] = [
    [
        ["未来产业的先行布局", "Where to begin with industries of the future"],
        [
            "量子、氢能和脑机接口中先布局哪一个？",
            "Quantum, hydrogen or brain–machine interfaces: which first?",
        ],
        [
            "建议先布局量子测量，两年后评估其余方向。（示例）",
            "Begin with quantum sensing; look at the others in two years. (sample)",
        ],
    ],
    [
        ["大科学装置机时向企业开放", "Time at large facilities for firms"],
        ["企业机时的比例定为多少为宜？", "Which share of the time should firms have?"],
        [
            "建议先按一成开放，一年后复核。（示例）",
            "Begin with a tenth and look again after a year. (sample)",
        ],
    ],
];

/// A committee that waits for its answers.
pub struct Committee {
    id: Id,
    authority: House,
}

fn ask(f: &mut Founding, by: Asker, id: Id, name: String, command: Value) -> Result<(), String> {
    f.ask_all("advice", vec![invented(format!("advisory/{name}"), by, "advisory", Some(id), command)])
        .map(drop)
}

/// Formed and asked; it meets, and advises on both.
///
/// # Errors
/// The first ask that was denied.
pub fn advised(f: &mut Founding, town: &Town) -> Result<Committee, String> {
    let (office, second) = (town.officers.by("advisory-1")?, town.officers.by("advisory-2")?);
    let authority = town.authority(310_000)?;
    let form = json!({
        "verb": "form", "title": both("示例战略咨询委员会", "Sample Strategy Committee"), "region": "310000",
        "basis": "上海市科学技术进步条例（示例数据）", "from": f.today, "years": 3,
    });
    let made = f.ask_all("advice", vec![invented("advisory/form".into(), office, "advisory", None, form)])?;
    let id = *made.first().ok_or("no committee")?;
    let houses = town.universities.iter().take(2).chain(town.firms.iter().skip(2).take(2));
    let members: Vec<House> = houses.copied().collect();
    for ((house, category), n) in members.iter().zip(CATEGORIES).zip(1..) {
        let appoint = json!({
            "verb": "appoint", "person": house.signer, "category": category,
            "unit": "示例单位 / sample organisation", "country": null,
        });
        let key = format!("advisory/appoint/{n}");
        f.ask_two("advice", vec![invented(key, office, "advisory", Some(id), appoint)], second)?;
    }
    let minutes =
        file(f, "示例咨询会议纪要（示例数据）\nSample minutes of the committee (demo)\n", "advice-1.txt")?;
    topics(f, office, (id, authority.id), &members)?;
    let attended: Vec<Id> = members.iter().map(|house| house.signer).collect();
    let meet =
        json!({ "verb": "meet", "topics": [1, 2], "on": f.today, "attended": attended, "minutes": minutes });
    ask(f, office, id, "meet".into(), meet)?;
    spoken(f, (office, second), id, &members, &minutes)?;
    Ok(Committee { id, authority })
}

/// Both questions, and who has an interest in them.
fn topics(
    f: &mut Founding,
    office: Asker,
    (id, authority): (Id, Id),
    members: &[House],
) -> Result<(), String> {
    for ([title, question, _], n) in TOPICS.iter().zip(1..) {
        let [zh, en] = title;
        let put = json!({
            "verb": "put-topic", "title": both(zh, en), "question": question.join("\n"), "authority": authority,
            "public": true, "no_secrets": true,
        });
        ask(f, office, id, format!("topic/{n}"), put)?;
        for (house, m) in members.iter().zip(1..) {
            // The last member has a stake in the second question and stays out of it.
            let interest =
                (n == 2 && m == members.len()).then_some("持有相关企业股份（示例） / holds shares (sample)");
            let declare = json!({ "verb": "declare", "topic": n, "interest": interest });
            ask(f, house.by(), id, format!("declare/{n}/{m}"), declare)?;
        }
    }
    Ok(())
}

/// The first member's opinion on each, and what all of them advise.
fn spoken(
    f: &mut Founding,
    (office, second): (Asker, Asker),
    id: Id,
    members: &[House],
    minutes: &str,
) -> Result<(), String> {
    for ([.., advice], n) in TOPICS.iter().zip(1..) {
        let opine = json!({ "verb": "opine", "topic": n, "text": advice.join("\n"), "public": n == 1, "no_secrets": true });
        let first = members.first().ok_or("no member")?;
        ask(f, first.by(), id, format!("opine/{n}"), opine)?;
        let [zh, en] = advice;
        let advise = json!({
            "verb": "advise", "topic": n, "text": both(zh, en), "public": true, "votes_for": 3, "votes_against": 0,
            "document": minutes,
        });
        let key = format!("advisory/advise/{n}");
        f.ask_two("advice", vec![invented(key, office, "advisory", Some(id), advise)], second)?;
    }
    Ok(())
}

impl Committee {
    /// The authority answers the first; the second is left, and the clock notes it.
    ///
    /// # Errors
    /// The ask was denied.
    pub fn answered(&self, f: &mut Founding) -> Result<(), String> {
        let text =
            "已列入下一年度计划的论证范围。（示例）\nIt goes into the plan for the coming year. (sample)";
        let respond = json!({ "verb": "respond", "topic": 1, "response": "taken-in-part", "text": text });
        ask(f, self.authority.by(), self.id, "respond/1".into(), respond)
    }
}
