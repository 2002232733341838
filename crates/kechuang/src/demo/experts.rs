//! Experts: sixty invented persons of invented organisations who may be asked to judge, with ties of their own.

use grammar::kinds::Id;
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::{BROKERS, FIRMS, House, INSTITUTES, Town, UNIVERSITIES},
    names::dice,
    people::{self, Place, Series},
    texts::{both, field_words},
};

/// At scale 1; the letter's 399 reviews give each six or seven.
pub const EXPERTS: usize = 60;
/// Reviews an expert takes on at a time.
const LOAD: usize = 7;
/// Far institutes that send experts come after those that send solutions.
pub const FAR_SOLVERS: usize = 12;
/// Experts of universities of the four provinces, some of which have solutions of their own in the race.
const NEAR: usize = 12;
/// The last experts come from finance, the ones before from firms.
const FINANCE: usize = 6;
const INDUSTRY: usize = 12;
/// Every so many experts have once worked with someone whose solution they might be given.
const TIED_EVERY: usize = 5;

const REVIEWER: Series = Series { key: "expert", zh: "示例评审专家", en: "Sample Reviewer" };

/// An expert of the pool.
#[derive(Clone, Copy)]
pub struct Expert {
    pub id: Id,
    pub person: Id,
    pub unit: House,
    /// The first is the chief one.
    pub fields: [&'static str; 2],
    pub is_finance: bool,
    /// Someone to whom the expert has declared a tie.
    pub tie: Option<Id>,
}

impl Expert {
    pub fn by(&self) -> Asker {
        Asker::Person(self.person)
    }
}

/// What the pool is made of: the commoner fields of joint research the more often.
const KNOWN: [[&str; 2]; 10] = [
    ["integrated-circuits", "new-materials"],
    ["artificial-intelligence", "information"],
    ["integrated-circuits", "advanced-manufacturing"],
    ["biomedicine", "new-materials"],
    ["artificial-intelligence", "advanced-manufacturing"],
    ["integrated-circuits", "instruments-and-testing"],
    ["artificial-intelligence", "integrated-circuits"],
    ["future-industries", "artificial-intelligence"],
    ["biomedicine", "artificial-intelligence"],
    ["integrated-circuits", "future-industries"],
];

/// Who is an expert before there is one: the unit, the fields and the kind.
type Plan = (House, [&'static str; 2], &'static str);

fn plan(town: &Town, n: usize) -> Result<Plan, String> {
    let fields = KNOWN.get(n % KNOWN.len()).copied().ok_or("no field")?;
    let technical = EXPERTS - FINANCE - INDUSTRY;
    let (unit, kind) = if n < NEAR {
        (town.universities.get(n % town.universities.len()), "technical")
    } else if n < technical {
        let senders = town.far.len() - FAR_SOLVERS;
        (town.far.get(FAR_SOLVERS + (n - NEAR) % senders), "technical")
    } else if n < technical + INDUSTRY {
        // Firms that own no written need.
        (town.firms.get(FIRMS - 1 - (n - technical)), "industry")
    } else {
        (town.brokers.get((n - technical - INDUSTRY) % BROKERS), "finance")
    };
    Ok((*unit.ok_or("no unit for an expert")?, fields, kind))
}

fn application(expert: &Expert, n: usize, kind: &str) -> Value {
    let level = match n % 12 {
        0 => "academician",
        1 | 2 => "nationally-known",
        3..=8 => "senior",
        _ => "other-title",
    };
    let [zh, en] = field_words(expert.fields.first().copied().unwrap_or("other"));
    json!({
        "verb": "apply", "person": expert.person, "unit": expert.unit.id, "kinds": [kind], "title_level": level,
        "fields": expert.fields, "keywords": [zh, en], "languages": ["中文", "English"], "load_max": LOAD,
        "about": both("虚构专家，仅用于演示。", "An invented expert for demonstration."),
        "named": !n.is_multiple_of(3), "no_secrets": true,
    })
}

/// Registers the experts, who apply, are recommended by their units and admitted to the pool.
///
/// # Errors
/// The first ask that was denied.
pub fn experts(f: &mut Founding, town: &Town) -> Result<Vec<Expert>, String> {
    let registrar = town.officers.by("registrar-1")?;
    let plans = (0..EXPERTS).map(|n| plan(town, n)).collect::<Result<Vec<_>, _>>()?;
    let persons = plans.iter().zip(1..);
    let asks = persons.map(|((unit, ..), n)| people::registration(REVIEWER, n, unit.spot.region, registrar));
    let persons = f.ask_all("persons", asks.collect())?;
    let place = |(n, ((unit, ..), person)): (usize, (&Plan, &Id))| Place {
        key: format!("person/expert/{}", n + 1),
        person: *person,
        organisation: unit.id,
        role: "研究员 / senior researcher",
        may_sign: false,
    };
    let places: Vec<Place> = plans.iter().zip(&persons).enumerate().map(place).collect();
    people::settle(f, &places, registrar)?;
    let expert = |((unit, fields, kind), person): (&Plan, &Id)| Expert {
        id: *person,
        person: *person,
        unit: *unit,
        fields: *fields,
        is_finance: *kind == "finance",
        tie: None,
    };
    let mut experts: Vec<Expert> = plans.iter().zip(&persons).map(expert).collect();
    let apply = |(n, (expert, (_, _, kind))): (usize, (&Expert, &Plan))| {
        invented(format!("expert/{n}/apply"), expert.by(), "expert", None, application(expert, n, kind))
    };
    let ids = f.ask_all("experts", experts.iter().zip(&plans).enumerate().map(apply).collect())?;
    experts.iter_mut().zip(ids).for_each(|(expert, id)| expert.id = id);
    admitted(f, town, &experts)?;
    tied(f, town, &mut experts)?;
    Ok(experts)
}

fn admitted(f: &mut Founding, town: &Town, experts: &[Expert]) -> Result<(), String> {
    let office = town.officers.by("expert-1")?;
    let opinion = "符合入库条件，同意推荐。/ Fit for the pool; recommended.";
    let recommend = |(n, expert): (usize, &Expert)| {
        let command = json!({ "verb": "recommend", "opinion": opinion });
        invented(format!("expert/{n}/recommend"), expert.unit.by(), "expert", Some(expert.id), command)
    };
    f.ask_all("experts", experts.iter().enumerate().map(recommend).collect())?;
    let admit = |(n, expert): (usize, &Expert)| {
        let command = json!({ "verb": "admit" });
        invented(format!("expert/{n}/admit"), office, "expert", Some(expert.id), command)
    };
    f.ask_all("experts", experts.iter().enumerate().map(admit).collect()).map(drop)
}

/// Some have worked with a professor, or studied with one: what the conflict rules must find.
fn tied(f: &mut Founding, town: &Town, experts: &mut [Expert]) -> Result<(), String> {
    let today = f.today;
    let tie = |(n, expert): (usize, &mut Expert)| {
        let mut dice = dice("tie", n);
        let universities = town.universities.get(..UNIVERSITIES);
        let institutes = town.institutes.get(..INSTITUTES);
        let houses = if n.is_multiple_of(2) { universities } else { institutes };
        let other = dice.one_of(houses?).filter(|house| house.id != expert.unit.id)?;
        let (bond, since) = match n % 3 {
            0 => ("teacher-student", today.plus_days(-5_000)),
            1 => ("co-work", today.plus_days(-400)),
            _ => ("kin", today.plus_days(-9_000)),
        };
        let command = json!({
            "verb": "declare", "bond": bond, "with": other.signer, "since": since, "until": null,
            "note": "示例关系 / sample tie",
        });
        expert.tie = Some(other.signer);
        Some(invented(format!("expert/{n}/declare"), expert.by(), "expert", Some(expert.id), command))
    };
    let asks = experts
        .iter_mut()
        .enumerate()
        .filter(|(n, _)| n.is_multiple_of(TIED_EVERY))
        .filter_map(tie)
        .collect();
    f.ask_all("experts", asks).map(drop)
}
