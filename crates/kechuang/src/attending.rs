//! Attending: whenever an instrument's operators or terms have changed, their calendars are laid side by side again. Whoever brings
//! a calendar is answered at once; this follows what others do, and what was missed while the house was closed.

use desks::instrument::Instrument;
use grammar::desk::Desk;
use registry::{Broken, Registry};

use crate::following::Follower;

/// Instruments that are looked at in one turn; the others wait for the next.
const INSTRUMENTS_MAX: u32 = 100;

/// How far the log has been followed.
#[derive(Debug)]
pub struct Attending(Follower);

impl Default for Attending {
    fn default() -> Self {
        Self(Follower::new("attending", Instrument::NAME, INSTRUMENTS_MAX))
    }
}

impl Attending {
    /// Looks at some instruments that have changed since the last turn. Gives how many were told something new.
    ///
    /// # Errors
    /// When the store cannot be used, or too much waits; the next turn begins at the same place.
    pub fn turn(&mut self, registry: &Registry) -> Result<usize, Broken> {
        self.0.turn(registry, |_, instrument| Ok(Some(usize::from(window::attend(registry, instrument)?))))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use grammar::{
        kinds::{Id, Moment},
        viewer::Viewer,
    };
    use registry::{Ask, Asker, Chance, Clock, FOREVER, Look, Settings};
    use serde_json::{Value, json};

    use super::*;

    struct Still;
    impl Clock for Still {
        fn now(&self) -> Moment {
            "2026-03-02 09:00".parse().unwrap()
        }
    }

    struct Counted(AtomicU64);
    impl Chance for Counted {
        fn bytes(&self) -> [u8; 32] {
            let mut bytes = [0; 32];
            let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            bytes.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
            bytes
        }
    }

    fn asked(registry: &Registry, by: Asker, (desk, record): (&str, Option<Id>), mut command: Value) -> Id {
        let verb = command["verb"].as_str().unwrap().to_owned();
        command.as_object_mut().unwrap().remove("verb");
        let command = desks::DESKS.find(desk).unwrap().verb(&verb).unwrap().read_json(&command).unwrap();
        let ask = Ask::new(format!("{desk}/{}", registry.size()), by, desk, record, command);
        registry.run(ask).unwrap().record
    }

    #[test]
    fn whoever_is_named_an_operator_later_counts_with_the_calendars_they_had_brought() {
        let folder = tempfile::TempDir::new().unwrap();
        let settings = Settings::new(folder.path(), "kechuang.example/attending");
        let chance = Arc::new(Counted(AtomicU64::new(1)));
        let registry = Registry::open(settings, &desks::DESKS, Arc::new(Still), chance).unwrap();
        let unit = json!({ "verb": "register", "name": { "zh": "示例院" }, "kind": "institute", "region": "310115" });
        let unit = asked(&registry, Asker::Founder, ("organisation", None), unit);
        let person = |name: &str| {
            let register = json!({ "verb": "register", "name": name, "region": "310000", "public": true, "display_name": { "en": name } });
            asked(&registry, Asker::Founder, ("person", None), register)
        };
        let [busy, free, officer] = ["busy", "free", "officer"].map(person);
        let appoint = json!({
            "verb": "appoint", "holder": officer, "office": "instrument-office", "region": "000000", "from": "2026-03-02",
            "document": "test 1",
        });
        asked(&registry, Asker::Founder, ("office", None), appoint);
        let office = || Asker::Person(officer);
        let report = json!({
            "verb": "report", "code": "I-1", "name": { "zh": "电镜" }, "category": "analysis", "unit": unit, "region": "310115",
            "value": "5000000.00", "fiscal": false, "functions": { "zh": "成像" }, "terms": { "sharing": "external", "charges": "公开" },
        });
        let instrument = asked(&registry, office(), ("instrument", None), report);
        let [from, until] = ["2026-03-03 09:00", "2026-03-03 12:00"].map(|at| at.parse::<Moment>().unwrap());
        let own =
            json!({ "name": "phone", "at": 0, "events": 1, "busy": [[from.in_millis(), until.in_millis()]] });
        registry.keep("own-busy", &format!("{busy}/x"), &own, FOREVER).unwrap();
        let names = |people: &[Id]| {
            let operators: Vec<Value> = people
                .iter()
                .map(|person| json!({ "person": person, "licence": null, "until": null }))
                .collect();
            asked(
                &registry,
                office(),
                ("instrument", Some(instrument)),
                json!({ "verb": "set-operators", "operators": operators }),
            );
        };
        let mut attending = Attending::default();
        let told =
            |attending: &mut Attending| (0..20).map(|_| attending.turn(&registry).unwrap()).sum::<usize>();
        let unattended = || {
            let look = Look { registry: &registry, viewer: Viewer::public() };
            look.record(instrument).unwrap().unwrap().card.read::<Value>("unattended")
        };
        assert_eq!((told(&mut attending), unattended()), (0, None), "nobody runs it for others");
        names(&[busy]);
        assert_eq!(told(&mut attending), 1);
        assert_eq!(unattended(), Some(json!([{ "from": from, "until": until }])));
        let size = registry.size();
        assert_eq!((told(&mut attending), told(&mut Attending::default())), (0, 0), "nothing is said twice");
        assert_eq!(registry.size(), size);
        names(&[busy, free]);
        assert_eq!((told(&mut attending), unattended()), (1, None), "one of the two can");
        registry.close();
    }
}
