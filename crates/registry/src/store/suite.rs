//! One suite for every engine: what the house relies on, asked of each through [`Link`] alone.

use std::ops::ControlFlow;

#[path = "../../tests/places/mod.rs"]
mod places;

use super::{Broken, Cell, Link, Place, Url, cells, durably, size};

fn everywhere(test: impl Fn(&Place)) {
    places::everywhere(|place| {
        test(&match &place.url {
            Some(url) => Place::Shared(Url(url.clone())),
            None => Place::Folder(place.folder.path().into()),
        });
    });
}

fn keep(link: &dyn Link, key: &str, value: &str) -> Result<u64, Broken> {
    link.run(
        "INSERT INTO kept (space, key, value, until) VALUES ('suite', $1, $2, $3)",
        cells![key, value, i64::MAX],
    )
}

fn keys(link: &dyn Link) -> Vec<String> {
    link.all("SELECT key FROM kept WHERE space = 'suite' ORDER BY key", &[], |row| row.get(0)).unwrap()
}

#[test]
fn a_placeholder_means_its_cell_wherever_it_stands() {
    everywhere(|place| {
        let link = place.writer().unwrap();
        durably(&*link, |link| keep(link, "key", "old").and_then(|_| keep(link, "other", "old"))).unwrap();
        let change = "UPDATE kept SET value = $2 WHERE space = 'suite' AND key = $1";
        assert_eq!(durably(&*link, |link| link.run(change, cells!["key", "new"])).unwrap(), 1);
        let value = |key: &str| {
            link.one::<String>("SELECT value FROM kept WHERE space = 'suite' AND key = $1", cells![key])
                .unwrap()
        };
        assert_eq!((value("key").unwrap(), value("other").unwrap()), ("new".to_owned(), "old".to_owned()));
    });
}

#[test]
fn cells_come_back_as_they_were_put() {
    everywhere(|place| {
        let link = place.writer().unwrap();
        let put = "INSERT INTO cards (record, tier, desk, status, region, kind, field, amount, until, title_zh, title_en, words, is_offer, is_need, latitude, longitude, changed)
                   VALUES ($1, $2, 'suite', '', $3, '', '', $4, $5, $6, 'It''s \\ \"so\" %_', '', $7, $8, $9, $10, $11)";
        let none = (None::<i64>, None::<&str>, None::<f64>);
        let values = cells![
            "suite-1",
            2u8,
            310_115u32,
            none.0,
            none.1,
            "科创 🚀",
            true,
            false,
            none.2,
            -0.125f64,
            i64::MAX
        ];
        assert_eq!(link.run(put, values).unwrap(), 1);
        let read = "SELECT amount, until, title_zh, is_offer, is_need, latitude, longitude, changed, title_en FROM cards WHERE desk = $1";
        link.each(read, cells!["suite"], &mut |row| {
            assert_eq!(row.get::<Option<i64>>(0)?, None);
            assert_eq!(row.get::<Option<&str>>(1)?, None);
            assert_eq!(row.get::<&str>(2)?, "科创 🚀");
            assert_eq!((row.get::<bool>(3)?, row.get::<bool>(4)?), (true, false));
            assert_eq!((row.get::<Option<f64>>(5)?, row.get::<f64>(6)?), (None, -0.125));
            assert_eq!(row.get::<u64>(7)?, u64::try_from(i64::MAX).unwrap());
            assert_eq!(row.get::<&str>(8)?, "It's \\ \"so\" %_");
            assert!(row.get::<i64>(2).is_err() && row.get::<&str>(7).is_err() && row.get::<&str>(9).is_err());
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
        let hash = [7u8; 32];
        link.run("INSERT INTO nodes (level, place, hash) VALUES (0, 0, $1)", cells![hash]).unwrap();
        assert_eq!(link.one("SELECT hash FROM nodes", &[]).unwrap(), Some(hash));
        assert_eq!(link.one::<Option<i64>>("SELECT max(position) FROM facts", &[]).unwrap(), Some(None));
        assert_eq!(size(&*link).unwrap(), 0);
    });
}

#[test]
fn a_statement_is_given_all_its_values_and_no_other() {
    everywhere(|place| {
        let link = place.writer().unwrap();
        assert!(link.run("DELETE FROM kept WHERE key = $1", &[]).is_err());
        assert!(link.run("DELETE FROM kept WHERE key = $1", cells!["a", "b"]).is_err());
        assert_eq!(link.run("DELETE FROM kept WHERE key = $1", cells!["a"]).unwrap(), 0);
    });
}

#[test]
fn what_is_begun_happens_whole_or_not_at_all() {
    everywhere(|place| {
        let (link, other) = (place.writer().unwrap(), place.reader().unwrap());
        link.begin().unwrap();
        keep(&*link, "a", "1").unwrap();
        assert_eq!((keys(&*link).len(), keys(&*other).len()), (1, 0));
        link.roll_back();
        assert_eq!(keys(&*link).len(), 0);
        let refused: Result<(), Broken> = durably(&*link, |link| {
            keep(link, "b", "2")?;
            Err(Broken("no".into()))
        });
        assert_eq!((refused, keys(&*link).len()), (Err(Broken("no".into())), 0));
        durably(&*link, |link| keep(link, "c", "3")).unwrap();
        assert_eq!((keys(&*link), keys(&*other)), (vec!["c".to_owned()], vec!["c".to_owned()]));
    });
}

#[test]
fn one_of_many_is_undone_without_the_others() {
    everywhere(|place| {
        let link = place.writer().unwrap();
        durably(&*link, |link| {
            for (key, is_kept) in [("a", true), ("b", false), ("c", true)] {
                link.mark()?;
                keep(link, key, "")?;
                if is_kept { link.keep()? } else { link.undo()? }
            }
            // A statement that fails is undone like one that was refused.
            link.mark()?;
            assert!(keep(link, "a", "").is_err());
            link.undo()
        })
        .unwrap();
        assert_eq!(keys(&*link), ["a", "c"]);
    });
}

#[test]
fn while_rows_are_read_the_link_serves_others() {
    everywhere(|place| {
        let link = place.writer().unwrap();
        for key in ["a", "b", "c"] {
            keep(&*link, key, key).unwrap();
        }
        let mut seen = Vec::new();
        link.each("SELECT key FROM kept WHERE space = 'suite' ORDER BY key", &[], &mut |row| {
            let key: &str = row.get(0)?;
            let value: Option<String> =
                link.one("SELECT value FROM kept WHERE space = 'suite' AND key = $1", cells![key])?;
            seen.extend(value);
            Ok(if key == "b" { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
        .unwrap();
        assert_eq!(seen, ["a", "b"]);
    });
}

#[test]
fn texts_lie_in_the_order_of_their_bytes_and_are_told_apart_by_them() {
    everywhere(|place| {
        let link = place.writer().unwrap();
        for key in ["b", "B", "中", "a-1", "a1", "é"] {
            keep(&*link, key, "").unwrap();
        }
        assert_eq!(keys(&*link), ["B", "a-1", "a1", "b", "é", "中"]);
        let like = "SELECT count(*) FROM kept WHERE space = 'suite' AND key LIKE $1 ESCAPE '\\'";
        assert_eq!(link.one::<u64>(like, cells!["a\\_1"]).unwrap(), Some(0));
        assert_eq!(link.one::<u64>(like, cells!["a_1"]).unwrap(), Some(1));
    });
}

#[test]
fn a_reader_cannot_write() {
    everywhere(|place| {
        drop(place.writer().unwrap());
        assert!(keep(&*place.reader().unwrap(), "a", "").is_err());
    });
}

#[test]
fn a_store_is_opened_again_with_what_it_held() {
    everywhere(|place| {
        keep(&*place.writer().unwrap(), "a", "1").unwrap();
        let link = place.writer().unwrap();
        let found = link.first("SELECT value, until FROM kept WHERE space = 'suite'", &[], |row| {
            assert_eq!(row.cell(1)?, Cell::Int(i64::MAX));
            row.get::<String>(0)
        });
        assert_eq!(found.unwrap().as_deref(), Some("1"));
    });
}
