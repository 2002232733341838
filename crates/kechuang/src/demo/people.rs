//! People: invented persons, the organisations they belong to and the offices they hold.

use std::collections::BTreeMap;

use grammar::kinds::Id;
use registry::{Ask, Asker};
use serde_json::json;

use super::{
    asks::{Founding, invented},
    texts::both,
};

/// The four provinces by their codes.
pub const PROVINCES: [u32; 4] = [310_000, 320_000, 330_000, 340_000];
const EVERYWHERE: &[u32] = &[0];

/// An officer of the demo region: under which word the program speaks of the person, the offices, and where.
struct Officer {
    key: &'static str,
    offices: &'static [&'static str],
    regions: &'static [u32],
}

const fn officer(key: &'static str, offices: &'static [&'static str], regions: &'static [u32]) -> Officer {
    Officer { key, offices, regions }
}

/// Whoever pays out vouchers is treasurer too: both ends of the payment are accounts that only treasurers,
/// auditors and owners may know of.
const OFFICERS: [Officer; 45] = [
    officer("registrar-1", &["registrar"], EVERYWHERE),
    officer("registrar-2", &["registrar"], EVERYWHERE),
    officer("screening-310000", &["screening"], &[310_000]),
    officer("screening-320000", &["screening"], &[320_000]),
    officer("screening-330000", &["screening"], &[330_000]),
    officer("screening-340000", &["screening"], &[340_000]),
    officer("joint-1", &["joint-office"], &PROVINCES),
    officer("joint-2", &["joint-office"], &PROVINCES),
    officer("rules-1", &["rule-maker"], EVERYWHERE),
    officer("rules-2", &["rule-maker"], EVERYWHERE),
    officer("treasurer-1", &["treasurer"], EVERYWHERE),
    officer("treasurer-2", &["treasurer"], EVERYWHERE),
    officer("voucher-1", &["voucher-office", "treasurer", "draw-office"], EVERYWHERE),
    officer("voucher-2", &["voucher-office", "treasurer", "draw-office"], EVERYWHERE),
    officer("notice-1", &["notice-office"], EVERYWHERE),
    officer("auditor-1", &["auditor"], EVERYWHERE),
    officer("privacy-1", &["privacy-officer"], EVERYWHERE),
    officer("admin-1", &["system-admin"], EVERYWHERE),
    officer("admin-2", &["system-admin"], EVERYWHERE),
    officer("security-1", &["security-admin"], EVERYWHERE),
    officer("instruments-1", &["instrument-office"], EVERYWHERE),
    officer("laboratories-1", &["laboratory-office"], EVERYWHERE),
    officer("transfer-310000", &["transfer-office"], &[310_000]),
    officer("transfer-320000", &["transfer-office"], &[320_000]),
    officer("transfer-330000", &["transfer-office"], &[330_000]),
    officer("transfer-340000", &["transfer-office"], &[340_000]),
    // For what lies beyond the four provinces.
    officer("joint-0", &["joint-office"], EVERYWHERE),
    officer("joint-3", &["joint-office"], EVERYWHERE),
    officer("programme-1", &["programme-office"], EVERYWHERE),
    officer("programme-2", &["programme-office"], EVERYWHERE),
    officer("expert-1", &["expert-office"], EVERYWHERE),
    officer("panel-1", &["panel-office"], EVERYWHERE),
    officer("panel-2", &["panel-office"], EVERYWHERE),
    officer("integrity-1", &["integrity-office"], EVERYWHERE),
    officer("integrity-2", &["integrity-office"], EVERYWHERE),
    officer("clearing-310000", &["clearing-office"], &[310_000]),
    officer("clearing-320000", &["clearing-office"], &[320_000]),
    officer("clearing-330000", &["clearing-office"], &[330_000]),
    officer("clearing-340000", &["clearing-office"], &[340_000]),
    officer("advisory-1", &["advisory-office"], EVERYWHERE),
    // Waits for an appointment that a second administrator has not endorsed yet.
    officer("publisher-1", &[], EVERYWHERE),
    // Regions settle by accounts that only treasurers, auditors and owners may know of.
    officer("clearing-1", &["clearing-office", "treasurer"], EVERYWHERE),
    officer("clearing-2", &["clearing-office", "treasurer"], EVERYWHERE),
    // A purchase is reviewed by two.
    officer("instruments-2", &["instrument-office"], EVERYWHERE),
    // So is an appointment to the strategy committee.
    officer("advisory-2", &["advisory-office"], EVERYWHERE),
];

/// The officers by their words.
pub struct Officers(BTreeMap<&'static str, Id>);

impl Officers {
    /// # Errors
    /// When there is no such officer: a slip in this program.
    pub fn id(&self, key: &str) -> Result<Id, String> {
        self.0.get(key).copied().ok_or_else(|| format!("no officer {key}"))
    }

    pub fn by(&self, key: &str) -> Result<Asker, String> {
        self.id(key).map(Asker::Person)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// What a series of persons is called.
#[derive(Clone, Copy)]
pub struct Series {
    pub key: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

pub const OFFICIAL: Series = Series { key: "officer", zh: "示例人员", en: "Sample Person" };
pub const CITIZEN: Series = Series { key: "citizen", zh: "示例市民", en: "Sample Citizen" };

/// Registers person `n` of a series, by `by`.
pub fn registration(series: Series, n: usize, region: u32, by: Asker) -> Ask {
    let (zh, en) = (format!("{} {n:03}", series.zh), format!("{} {n:03}", series.en));
    let command = json!({
        "verb": "register", "name": zh, "region": format!("{region:06}"), "public": true,
        "display_name": both(&zh, &en),
    });
    invented(format!("person/{}/{n}", series.key), by, "person", None, command)
}

/// Registers the officers and appoints them. The founder does this at the machine: nobody holds an office yet.
///
/// # Errors
/// The first ask that was denied.
pub fn officers(f: &mut Founding) -> Result<Officers, String> {
    let seat = |officer: &Officer| officer.regions.first().copied().filter(|r| *r > 0).unwrap_or(310_000);
    let persons = OFFICERS.iter().zip(1..);
    let asks = persons.map(|(officer, n)| registration(OFFICIAL, n, seat(officer), Asker::Founder)).collect();
    let ids = f.ask_all("officers", asks)?;
    let officers = Officers(OFFICERS.iter().map(|officer| officer.key).zip(ids).collect());
    let mut asks = Vec::new();
    for officer in &OFFICERS {
        let holder = officers.id(officer.key)?;
        for office in officer.offices {
            for region in officer.regions {
                let command = json!({
                    "verb": "appoint", "holder": holder, "office": office, "region": format!("{region:06}"),
                    "from": f.today, "until": null, "document": "示例任命文件 第 1 号（示例数据）",
                });
                let key = format!("office/{}/{office}/{region}", officer.key);
                asks.push(invented(key, Asker::Founder, "office", None, command));
            }
        }
    }
    f.ask_all("offices", asks)?;
    Ok(officers)
}

/// A person's place in an organisation.
pub struct Place {
    pub key: String,
    pub person: Id,
    pub organisation: Id,
    pub role: &'static str,
    pub may_sign: bool,
}

/// Every person claims a place, and a registrar confirms it.
///
/// # Errors
/// The first ask that was denied.
pub fn settle(f: &mut Founding, places: &[Place], registrar: Asker) -> Result<(), String> {
    let today = f.today;
    let claim = |place: &Place| {
        let command = json!({
            "verb": "claim-affiliation", "organisation": place.organisation, "role": place.role,
            "may_sign": place.may_sign, "from": today, "until": null,
        });
        let key = format!("{}/claim", place.key);
        invented(key, Asker::Person(place.person), "person", Some(place.person), command)
    };
    let confirm = |place: &Place| {
        let command = json!({ "verb": "confirm-affiliation", "organisation": place.organisation });
        invented(format!("{}/confirm", place.key), registrar, "person", Some(place.person), command)
    };
    f.ask_all("affiliations", places.iter().map(claim).collect())?;
    f.ask_all("affiliations", places.iter().map(confirm).collect()).map(drop)
}
