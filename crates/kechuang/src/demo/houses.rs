//! Houses: invented organisations of every kind, each with a person who may sign for it.

use grammar::kinds::Id;
use registry::{Ask, Asker};
use serde_json::json;

use super::{
    asks::{Founding, invented},
    names::{Places, Spot, code, dice, number_zh},
    people::{self, CITIZEN, OFFICIAL, Officers, PROVINCES, Place, Series},
    texts::{NeedText, both, field_words},
};

/// How many of each kind there are at scale 1.
pub const FIRMS: usize = 60;
pub const INSTITUTES: usize = 20;
pub const UNIVERSITIES: usize = 12;
pub const BROKERS: usize = 8;
/// Institutes of the rest of the country. They do not grow with the scale.
const FAR: usize = 36;
/// Firms with a second person, who may not sign.
const MEMBERS: usize = 10;

/// An invented organisation with the person who signs for it.
#[derive(Clone, Copy)]
pub struct House {
    pub id: Id,
    pub spot: Spot,
    pub field: &'static str,
    pub signer: Id,
}

impl House {
    pub fn by(&self) -> Asker {
        Asker::Person(self.signer)
    }

    pub fn region(&self) -> String {
        format!("{:06}", self.spot.region)
    }
}

/// The invented region.
pub struct Town {
    pub officers: Officers,
    /// One for each province, in the order of [`PROVINCES`].
    pub authorities: Vec<House>,
    pub firms: Vec<House>,
    pub institutes: Vec<House>,
    pub universities: Vec<House>,
    pub brokers: Vec<House>,
    /// Beyond the four provinces: solvers first, then the units of experts.
    pub far: Vec<House>,
    pub citizen: Id,
    /// Firm members, brokers' and authorities' staff, and the citizen: persons beside the signers.
    pub others: usize,
}

/// What a kind of organisation is called, and its people.
struct Kind {
    key: &'static str,
    kind: &'static str,
    zh: &'static str,
    en: &'static str,
    people: Series,
    role: &'static str,
}

const FIRM: Kind = Kind {
    key: "firm",
    kind: "enterprise",
    zh: "示例企业",
    en: "Sample Firm",
    people: Series { key: "firm", zh: "示例企业代表", en: "Sample Firm Representative" },
    role: "研发负责人 / head of research",
};
const INSTITUTE: Kind = Kind {
    key: "institute",
    kind: "institute",
    zh: "示例研究院",
    en: "Sample Institute",
    people: Series { key: "institute", zh: "示例专家", en: "Sample Expert" },
    role: "研究员 / research professor",
};
const UNIVERSITY: Kind = Kind {
    key: "university",
    kind: "university",
    zh: "示例大学",
    en: "Sample University",
    people: Series { key: "university", zh: "示例教授", en: "Sample Professor" },
    role: "科研管理负责人 / head of research office",
};
const DISTANT: Kind = Kind {
    key: "distant",
    kind: "institute",
    zh: "示例外地研究院",
    en: "Sample Distant Institute",
    people: Series { key: "distant", zh: "示例外地专家", en: "Sample Distant Researcher" },
    role: "研究员 / research professor",
};
const BROKER: Kind = Kind {
    key: "broker",
    kind: "transfer-office",
    zh: "示例技术转移机构",
    en: "Sample Transfer Office",
    people: Series { key: "broker", zh: "示例技术经理人", en: "Sample Technology Broker" },
    role: "技术经理人 / technology broker",
};
const AUTHORITY: Kind = Kind {
    key: "authority",
    kind: "government",
    zh: "示例省级科技管理部门",
    en: "Sample Provincial Science Authority",
    people: Series { key: "authority", zh: "示例主管人员", en: "Sample Official" },
    role: "负责人 / head of department",
};

/// An organisation before it has a name in the house.
struct Plan {
    n: usize,
    zh: String,
    en: String,
    field: &'static str,
    spot: Spot,
}

/// Fields of firms that no written need fixes, the commoner the more often.
const FIELDS: [&str; 16] = [
    "integrated-circuits",
    "artificial-intelligence",
    "biomedicine",
    "new-materials",
    "new-energy",
    "advanced-manufacturing",
    "integrated-circuits",
    "artificial-intelligence",
    "biomedicine",
    "environment",
    "instruments-and-testing",
    "future-industries",
    "agriculture",
    "ocean",
    "information",
    "aerospace",
];

/// The field under the name by which the tables know it, as it stands in this program.
pub fn known_field(name: &str) -> &'static str {
    FIELDS.iter().find(|field| **field == name).copied().unwrap_or("other")
}

fn numbered(kind: &Kind, n: usize, field: &'static str, spot: Spot) -> Plan {
    let [zh, en] = field_words(field);
    Plan {
        n,
        zh: format!("{}{}（{zh}）", kind.zh, number_zh(n)),
        en: format!("{} {n:03} ({en})", kind.en),
        field,
        spot,
    }
}

/// Firms: the first own the needs that were written by hand, in their fields and provinces.
fn firms(places: &Places, needs: &[NeedText], count: usize) -> Result<Vec<Plan>, String> {
    let plan = |n: usize| {
        let mut dice = dice("firm", n);
        let need = n.checked_sub(1).and_then(|at| needs.get(at));
        let drawn = dice.one_of(&FIELDS).copied().unwrap_or("other");
        let field = need.map_or(drawn, |need| known_field(&need.field));
        let spot = places.draw(need.map_or(0, |need| need.province), &mut dice)?;
        Ok(numbered(&FIRM, n, field, spot))
    };
    (1..=count).map(plan).collect()
}

fn scattered(kind: &Kind, places: &Places, count: usize) -> Result<Vec<Plan>, String> {
    let plan = |n: usize| {
        let mut dice = dice(kind.key, n);
        let field = FIELDS.get((n - 1) % FIELDS.len()).copied().unwrap_or("other");
        let province = PROVINCES.get(n % PROVINCES.len()).copied().unwrap_or(0);
        Ok(numbered(kind, n, field, places.draw(province, &mut dice)?))
    };
    (1..=count).map(plan).collect()
}

fn distant() -> Result<Vec<Plan>, String> {
    let plan = |n: usize| {
        let field = FIELDS.get((n - 1) % FIELDS.len()).copied().unwrap_or("other");
        Ok(numbered(&DISTANT, n, field, super::names::far(n).ok_or("no far place")?))
    };
    (1..=FAR).map(plan).collect()
}

fn authorities(places: &Places) -> Result<Vec<Plan>, String> {
    const SEATS: [(u32, &str, &str); 4] = [
        (310_000, "上海", "Shanghai"),
        (320_000, "江苏", "Jiangsu"),
        (330_000, "浙江", "Zhejiang"),
        (340_000, "安徽", "Anhui"),
    ];
    let plan = |((province, zh, en), n): ((u32, &str, &str), usize)| {
        let mut spot = places.draw(province, &mut dice("authority", n))?;
        spot.region = province;
        let (zh, en) = (format!("{}（{zh}）", AUTHORITY.zh), format!("{} ({en})", AUTHORITY.en));
        Ok(Plan { n, zh, en, field: "other", spot })
    };
    SEATS.into_iter().zip(1..).map(plan).collect()
}

fn registration(kind: &Kind, plan: &Plan, number: usize, by: Asker) -> Result<Ask, String> {
    let mut dice = dice(kind.key, plan.n);
    let command = json!({
        "verb": "register",
        "name": both(&plan.zh, &plan.en),
        "kind": kind.kind,
        "region": format!("{:06}", plan.spot.region),
        "uscc": code(plan.spot.region, number)?,
        "place": plan.spot.place(),
        "established": 1985 + dice.below(38),
        "about": both(
            "虚构单位，仅用于演示，与任何真实单位无关。",
            "An invented organisation for demonstration; it stands for no real one.",
        ),
        "source": "示例数据 / demo data",
    });
    Ok(invented(format!("organisation/{}/{}", kind.key, plan.n), by, "organisation", None, command))
}

/// Registers organisations of a kind and their signers. `first` is the number in the code of the first one.
fn build(
    f: &mut Founding,
    kind: &Kind,
    plans: Vec<Plan>,
    first: usize,
    by: Asker,
) -> Result<Vec<House>, String> {
    let asks = plans.iter().zip(first..).map(|(plan, number)| registration(kind, plan, number, by));
    let asks = asks.collect::<Result<_, String>>()?;
    let ids = f.ask_all("invented organisations", asks)?;
    let persons = plans.iter().map(|plan| people::registration(kind.people, plan.n, plan.spot.region, by));
    let signers = f.ask_all("persons", persons.collect())?;
    let house =
        |((plan, id), signer): ((&Plan, Id), Id)| House { id, spot: plan.spot, field: plan.field, signer };
    let houses: Vec<House> = plans.iter().zip(ids).zip(signers).map(house).collect();
    let place = |(house, plan): (&House, &Plan)| Place {
        key: format!("person/{}/{}", kind.people.key, plan.n),
        person: house.signer,
        organisation: house.id,
        role: kind.role,
        may_sign: true,
    };
    let places: Vec<Place> = houses.iter().zip(&plans).map(place).collect();
    people::settle(f, &places, by)?;
    Ok(houses)
}

impl Town {
    /// Founds the invented region's persons and organisations.
    ///
    /// # Errors
    /// The first ask that was denied, or what is wrong with a table.
    pub fn build(f: &mut Founding, needs: &[NeedText]) -> Result<Self, String> {
        let places = Places::read()?;
        let officers = people::officers(f)?;
        let by = officers.by("registrar-1")?;
        let scale = f.scale;
        // Each kind has a range of code numbers of its own, so that a larger scale changes no code.
        let authorities = build(f, &AUTHORITY, authorities(&places)?, 90_001, by)?;
        let firms = build(f, &FIRM, firms(&places, needs, FIRMS * scale)?, 1, by)?;
        let institutes =
            build(f, &INSTITUTE, scattered(&INSTITUTE, &places, INSTITUTES * scale)?, 30_001, by)?;
        let universities =
            build(f, &UNIVERSITY, scattered(&UNIVERSITY, &places, UNIVERSITIES * scale)?, 50_001, by)?;
        let brokers = build(f, &BROKER, scattered(&BROKER, &places, BROKERS * scale)?, 70_001, by)?;
        let far = build(f, &DISTANT, distant()?, 80_001, by)?;
        let asks = vec![people::registration(CITIZEN, 1, 310_000, by)];
        let citizen = f.ask_all("persons", asks)?.first().copied().ok_or("no citizen")?;
        let mut town =
            Self { officers, authorities, firms, institutes, universities, brokers, far, citizen, others: 1 };
        town.add_staff(f, by)?;
        town.label_firms(f, by)?;
        Ok(town)
    }

    /// Organisations, each with a person who signs for it.
    pub fn signers(&self) -> usize {
        let near =
            self.authorities.len() + self.firms.len() + self.institutes.len() + self.universities.len();
        near + self.brokers.len() + self.far.len()
    }

    /// The authority of a province.
    ///
    /// # Errors
    /// When it is none of the four.
    pub fn authority(&self, province: u32) -> Result<House, String> {
        let found = self.authorities.iter().find(|house| house.spot.region == province);
        found.copied().ok_or_else(|| format!("no authority in {province}"))
    }

    /// Members of the first firms; screeners and voucher officers belong to an authority, brokers to an office.
    fn add_staff(&mut self, f: &mut Founding, by: Asker) -> Result<(), String> {
        let series = Series { key: "member", zh: "示例企业员工", en: "Sample Firm Member" };
        let firms: Vec<House> = self.firms.iter().take(MEMBERS).copied().collect();
        let asks =
            firms.iter().zip(1..).map(|(firm, n)| people::registration(series, n, firm.spot.region, by));
        let ids = f.ask_all("persons", asks.collect())?;
        self.others += ids.len();
        let member = |((firm, person), n): ((&House, Id), usize)| Place {
            key: format!("person/member/{n}"),
            person,
            organisation: firm.id,
            role: "研发工程师 / research engineer",
            may_sign: false,
        };
        let mut places: Vec<Place> = firms.iter().zip(ids).zip(1..).map(member).collect();
        for province in PROVINCES {
            let (screener, broker) = (format!("screening-{province}"), format!("transfer-{province}"));
            let office = self.brokers.iter().find(|house| house.spot.province() == province);
            let office = office.ok_or("no transfer office")?.id;
            let authority = self.authority(province)?.id;
            let staff = "工作人员 / staff";
            places.push(self.staff(&screener, authority, staff)?);
            places.push(self.staff(&broker, office, BROKER.role)?);
        }
        people::settle(f, &places, by)
    }

    fn staff(&self, key: &str, organisation: Id, role: &'static str) -> Result<Place, String> {
        let person = self.officers.id(key)?;
        let key = format!("person/{}/{key}", OFFICIAL.key);
        Ok(Place { key, person, organisation, role, may_sign: false })
    }

    /// Every second firm bears a label, for two years yet.
    fn label_firms(&self, f: &mut Founding, by: Asker) -> Result<(), String> {
        const LABELS: [&str; 5] = [
            "high-tech-enterprise",
            "technology-sme",
            "high-tech-enterprise",
            "little-giant",
            "specialised-and-new",
        ];
        let today = f.today;
        let label = |(firm, n): (&House, usize)| {
            let label = dice("label", n).one_of(&LABELS).copied().unwrap_or("technology-sme");
            let command = json!({
                "verb": "label", "label": label, "from": today.plus_days(-360), "until": today.plus_days(730),
                "source": "示例认定文件（示例数据） / sample document (demo)",
            });
            invented(format!("organisation/firm/{n}/label"), by, "organisation", Some(firm.id), command)
        };
        let asks = self.firms.iter().zip(1..).filter(|(_, n)| n % 2 == 0).map(label).collect();
        f.ask_all("labels", asks).map(drop)
    }
}
