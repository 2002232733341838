//! `kechuang cluster`: places in a file become clusters.

use super::*;

const POINTS: &str = "id,纬度,经度,权重,类别\na,31.20,121.40,1.5,pct\nb,31.21,121.41,0.5,article\nc,31.22,121.42,1,article\n\
                      d,31.90,120.30,1,pct\ne,31.23,121.50,0.25,pct\n";

fn cluster(points: &str, out: &str, more: &[&str]) -> Output {
    kechuang(&[&["cluster", points, "--out", out, "--lang", "en"][..], more].concat())
}

#[test]
fn points_get_their_cluster_and_clusters_their_size() {
    let folder = TempDir::new().unwrap();
    let (points, out) = (write(&folder, "p.csv", POINTS), path(&folder, "c.csv"));
    let output = cluster(&points, &out, &["--km", "6", "--least", "2.75"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let labels: Vec<String> =
        read("c.csv").lines().skip(1).map(|line| line.splitn(5, ',').nth(4).unwrap().to_owned()).collect();
    // e lies 7.7 km from c and 8.6 km from b.
    assert_eq!(labels, ["1,core", "1,core", "1,core", ",none", ",none"]);
    let clusters = read("c.clusters.csv");
    assert!(
        clusters.starts_with(
            "Cluster,Rank,Size (mean share),Points,Core points,Weight,Latitude,Longitude,Share of pct,"
        ),
        "{clusters}"
    );
    // 1.5 of 2.75 pct and all articles: the mean of 0.54545455 and 1.
    assert!(clusters.contains("\n1,1,0.77272727,3,3,3,31.21,121.41,0.54545455,1\n"), "{clusters}");
    assert!(
        said(&output).contains("1 cluster of 5 points, 3 of them core points, 2 in no cluster"),
        "{}",
        said(&output)
    );
    let output = cluster(&points, &out, &["--km", "9", "--least", "3.2"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(read("c.csv").contains("e,31.23,121.5,1,"), "{}", read("c.csv"));
    for name in ["c.xlsx", "c.json"] {
        assert_eq!(
            cluster(&points, &path(&folder, name), &["--km", "6", "--least", "2"]).status.code(),
            Some(0)
        );
    }
}

#[test]
fn sparse_places_are_left_out_first() {
    let folder = TempDir::new().unwrap();
    let points = write(&folder, "p.csv", "lat,lon\n1,1\n1,1\n1,1\n1,1.001\n");
    let output =
        cluster(&points, &path(&folder, "c.csv"), &["--km", "1", "--least", "3", "--place-least", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("1 point was left out"), "{}", said(&output));
    assert!(said(&output).contains("1 cluster of 3 points, 3 of them"), "{}", said(&output));
}

#[test]
fn what_cannot_be_clustered_is_named_by_line_and_column() {
    let folder = TempDir::new().unwrap();
    let out = path(&folder, "c.csv");
    let usual = ["--km", "15", "--least", "3"];
    let cases: [(&str, &[&str], &str); 10] = [
        ("lat,lon\n1,2\n91,2\n", &usual, "line 3, column lat: `91`"),
        ("lat,lon\n1,2\n1,NaN\n", &usual, "line 3, column lon: `NaN`"),
        ("lat,x\n1,2\n", &usual, "no column `lon`"),
        ("lat,lon\n", &usual, "no row below the header"),
        ("id,lat,lon\na,1,2\na,1,2\n", &usual, "line 3, column id: the id a is on line 2 already"),
        ("lat,lon,weight\n1,2,-1\n", &usual, "line 2, column weight: `-1`"),
        ("lat,lon,weight\n1,2,0.1234567\n", &usual, "line 2, column weight: `0.1234567`"),
        ("lat,lon\n1,2\n", &["--km", "x", "--least", "3"], "--km x"),
        ("lat,lon\n1,2\n", &["--km", "0", "--least", "3"], "--km must lie between"),
        ("lat,lon\n1,2\n", &["--km", "5", "--least", "0"], "--least must be more than 0"),
    ];
    for (points, more, expected) in cases {
        let points = write(&folder, "p.csv", points);
        let output = cluster(&points, &out, more);
        assert!(said(&output).contains(expected), "{expected} in {}", said(&output));
        assert_eq!(output.status.code(), Some(2), "{expected}");
        assert!(!folder.path().join("c.csv").exists());
    }
}
