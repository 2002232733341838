//! Outside: real data that nobody here wrote, from the folder `KECHUANG_SHARED`, or `../shared` beside the
//! tree. Without it these tests say that they are skipped.

use std::{collections::BTreeMap, path::PathBuf};

use grammar::kinds::{Region as Division, Uscc};
use tempfile::TempDir;

use crate::{region::Region, sources};

/// Rows of one table by the names of its columns.
type Rows = Vec<BTreeMap<String, String>>;

fn shared(name: &str) -> Option<Rows> {
    let named = std::env::var_os("KECHUANG_SHARED").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| sources::root().join("../shared"));
    let path = folder.join("data").join(name);
    if !path.exists() {
        println!("skipped: no {}; set KECHUANG_SHARED to the folder that holds data/", path.display());
        return None;
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').from_path(path).unwrap();
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |row: csv::StringRecord| heads.iter().cloned().zip(row.iter().map(str::to_owned)).collect();
    Some(reader.records().map(|record| row(record.unwrap())).collect())
}

#[test]
fn published_codes_of_legal_entities_are_read_and_changed_ones_are_not() {
    let Some(rows) = shared("identifiers/check-digits.tsv") else { return };
    let codes: Vec<_> = rows.iter().filter(|row| row["scheme"] == "uscc").collect();
    assert!(codes.len() > 50, "{} codes", codes.len());
    let is_read = |row: &BTreeMap<String, String>| row["value"].parse::<Uscc>().is_ok();
    let wrong: Vec<_> = codes.iter().filter(|row| is_read(row) != (row["valid"] == "1")).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_division_of_today_is_a_region_under_its_name_and_parent() {
    let Some(rows) = shared("admin-divisions/divisions.tsv") else { return };
    // Streets are not told apart here, and rows that only gather others name no place.
    let gathers = |name: &str| ["市辖区", "县"].contains(&name) || name.ends_with("直辖县级行政区划");
    let known: Vec<_> =
        rows.iter().filter(|row| row["code"].len() <= 6 && !gathers(&row["name_zh"])).collect();
    assert!(known.len() > 3_000, "{} divisions", known.len());
    let mut faults = Vec::new();
    for row in known {
        match row["code"].parse::<Division>() {
            Ok(region) if region.zh() != row["name_zh"] => {
                faults.push(format!("{}: {} is called {}", row["code"], row["name_zh"], region.zh()));
            }
            Ok(region) => {
                let parent = row["parent"].parse::<Division>();
                if parent.is_ok_and(|parent| !parent.covers(region)) {
                    faults.push(format!("{} does not lie in {}", row["code"], row["parent"]));
                }
            }
            Err(_) => faults.push(format!("{}: {} is no region", row["code"], row["name_zh"])),
        }
    }
    assert!(faults.is_empty(), "{} of them:\n{}", faults.len(), faults.join("\n"));
}

/// What a kind of the registry of research organisations is here.
fn kind_of(types: &str) -> &'static str {
    match types.split('|').next().unwrap_or_default() {
        "education" => "university",
        "facility" => "facility",
        "company" => "enterprise",
        "healthcare" => "hospital",
        "government" => "government",
        "nonprofit" => "association",
        "archive" => "archive",
        _ => "other",
    }
}

/// The sheet as someone would bring it who renames the columns and looks up the codes of the cities.
fn sheet_of(rows: &Rows) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heads = ["name.zh", "name.en", "kind", "region", "ror", "place", "website", "established", "source"];
    writer.write_record(heads).unwrap();
    for row in rows {
        let city: Option<Division> = row["city"].parse().ok();
        let province: Division = row["region"].parse().ok().unwrap_or_else(|| panic!("{row:?}"));
        let region = city.filter(|city| province.covers(*city)).unwrap_or(province).to_string();
        let ror = format!("https://ror.org/{}", row["ror_id"]);
        let place = format!("{},{}", row["lat"], row["lng"]);
        let cells = [
            &row["name_zh"],
            &row["name_en"],
            kind_of(&row["types"]),
            &region,
            &ror,
            &place,
            &row["website"],
            &row["established"],
            "ROR v2.8 (CC0)",
        ];
        writer.write_record(cells.map(String::from)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn the_organisations_of_the_delta_come_in_by_one_sheet_and_once() {
    let Some(rows) = shared("ror/ror-yangtze-delta.tsv") else { return };
    let sheet = sheet_of(&rows);
    let folder = TempDir::new().unwrap();
    let region = Region::open(folder.path(), &[]);
    let mut visitor = region.visitor();
    visitor.sign_in("admin");
    for _ in 0..2 {
        visitor.bring("/organisation/import/register", &sheet);
        let list = visitor.get("/api/v1/organisation?limit=200").json();
        assert_eq!(list["total"], rows.len(), "each once, however often they are brought");
    }
    let name = "East China University of Science and Technology";
    let ror = rows.iter().find(|row| row["name_en"] == name).map(|row| &row["ror_id"]).unwrap();
    let query = format!("/api/v1/organisation?q={}", window::visit::escape(name));
    let found = visitor.get(&query).json();
    let id = found["rows"].as_array().unwrap().iter().find(|row| row["card"]["title_en"] == name).unwrap();
    let record = visitor.get(&format!("/api/v1/organisation/{}", id["id"].as_str().unwrap())).json();
    assert_eq!(record["state"]["entry"]["ror"], format!("https://ror.org/{ror}"));
}
