//! The program as people meet it: its arguments, what it prints, and its exit codes.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

use std::{
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Output},
    thread::JoinHandle,
};

use chain::{Checkpoint, Memory, Receipt, Signer, leaf, proof, receipt, tree};
use tempfile::TempDir;

#[path = "command/allocating.rs"]
mod allocating;
#[path = "command/assigning.rs"]
mod assigning;
#[path = "command/auctioning.rs"]
mod auctioning;
#[path = "command/border.rs"]
mod border;
#[path = "command/clustering.rs"]
mod clustering;
#[path = "command/drawing.rs"]
mod drawing;
#[path = "command/indexing.rs"]
mod indexing;
#[path = "command/money.rs"]
mod money;
#[path = "command/netting.rs"]
mod netting;
#[path = "command/redo.rs"]
mod redo;
#[path = "command/sharing.rs"]
mod sharing;
#[path = "command/valuing.rs"]
mod valuing;

/// Runs the program in an empty environment: the machine's own language and settings play no part.
fn kechuang(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kechuang")).env_clear().args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

fn write(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) -> String {
    std::fs::write(folder.path().join(name), text).unwrap();
    path(folder, name)
}

mod verify {
    use super::*;

    fn signer() -> Signer {
        Signer::from_seed("region.example/log", [1; 32]).unwrap()
    }

    fn good() -> Receipt {
        let fact = r#"{"event":"published","title":"光刻胶"}"#;
        let mut memory = Memory::default();
        memory.push(leaf::leaf_hash(&leaf::entry(&[7; 32], b"before").0));
        memory.push(leaf::leaf_hash(&leaf::entry(&[5; 32], fact.as_bytes()).0));
        memory.push(leaf::leaf_hash(&leaf::entry(&[9; 32], b"after").0));
        let checkpoint = Checkpoint {
            origin: "region.example/log".into(),
            size: 3,
            root: tree::root(3, &memory).unwrap(),
        };
        Receipt {
            v: receipt::VERSION,
            origin: checkpoint.origin.clone(),
            index: 1,
            size: 3,
            fact: fact.into(),
            salt: [5; 32],
            proof: proof::inclusion(1, 3, &memory).unwrap(),
            checkpoint: checkpoint.sign(&signer()).unwrap(),
            key: signer().verifier().to_string(),
        }
    }

    fn file(folder: &TempDir, receipt: &Receipt) -> String {
        write(folder, "receipt.json", serde_json::to_string(receipt).unwrap())
    }

    #[test]
    fn a_good_receipt_passes_and_says_what_it_proves_and_what_not() {
        let folder = TempDir::new().unwrap();
        let file = file(&folder, &good());
        let key = signer().verifier().to_string();
        let output = kechuang(&["verify", &file, "--key", &key]);
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        for part in ["The receipt is valid", "entry 2", "Not proved:", "光刻胶"] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(!text.contains("Anyone can make a log"), "{text}");
        let zh = printed(&kechuang(&["verify", &file, "--key", &key, "--lang", "zh"]));
        assert!(zh.contains("回执有效") && zh.contains("第 2 条") && zh.contains("未证明："), "{zh}");
    }

    #[test]
    fn without_a_key_it_says_that_anyone_could_have_made_it() {
        let folder = TempDir::new().unwrap();
        let file = file(&folder, &good());
        let output = kechuang(&["verify", &file]);
        assert_eq!(output.status.code(), Some(0));
        assert!(printed(&output).contains("Anyone can make a log"), "{}", printed(&output));
        let json: serde_json::Value =
            serde_json::from_slice(&kechuang(&["verify", &file, "--json"]).stdout).unwrap();
        assert_eq!((&json["valid"], &json["trust"]), (&true.into(), &"embedded-key".into()));
    }

    #[test]
    fn a_spoiled_one_is_refused_with_the_reason() {
        let folder = TempDir::new().unwrap();
        let spoiled = Receipt { fact: good().fact.replace("光刻胶", "光刻机"), ..good() };
        let output = kechuang(&["verify", &file(&folder, &spoiled)]);
        assert_eq!((output.status.code(), printed(&output).as_str()), (Some(1), ""));
        assert!(
            said(&output).contains("not in the log where the receipt says. It, or its proof"),
            "{}",
            said(&output)
        );
        let other = Signer::from_seed("region.example/log", [2; 32]).unwrap().verifier().to_string();
        let output = kechuang(&["verify", &file(&folder, &good()), "--key", &other, "--lang=zh"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).starts_with("回执无效"), "{}", said(&output));
        let output = kechuang(&["verify", &write(&folder, "no.json", "{")]);
        assert_eq!(output.status.code(), Some(1));
        let output = kechuang(&["verify", &path(&folder, "nothing.json")]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("nothing.json"), "{}", said(&output));
    }

    #[test]
    fn a_fact_cannot_command_the_terminal() {
        let folder = TempDir::new().unwrap();
        let output = kechuang(&["verify", &write(&folder, "\u{1b}[2J.json", "{}")]);
        assert!(!said(&output).contains('\u{1b}'), "{:?}", said(&output));
    }
}

mod matching {
    use super::*;

    const NEEDS: &str = "id,title,text\nn1,光刻胶,需要可用于 28nm 制程的国产光刻胶\nn2,Battery recycling,Recover lithium from spent batteries\n";
    const OFFERS: &str = "id\ttitle\tabstract\no1\t高分辨率光刻胶\t用于集成电路的光刻胶树脂\no2\tLithium recovery\tHydrometallurgical recycling of spent lithium batteries\no3\t水稻育种\t抗病水稻新品种\n";

    fn rank(folder: &TempDir, needs: &str, offers: &str, more: &[&str]) -> Output {
        let out = path(folder, "ranked.csv");
        let flags = ["match", "--needs", needs, "--offers", offers, "--out", &out];
        kechuang(&[&flags, more].concat())
    }

    fn ranked(folder: &TempDir) -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_path(folder.path().join("ranked.csv")).unwrap();
        let header: Vec<&str> = reader.headers().unwrap().iter().collect();
        assert_eq!(header, ["need", "offer", "rank", "score", "why"]);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    fn best(folder: &TempDir, output: &Output) -> Vec<(String, String)> {
        assert_eq!(output.status.code(), Some(0), "{}", said(output));
        let first = ranked(folder).into_iter().filter(|row| row[2] == "1");
        first.map(|row| (row[0].clone(), row[1].clone())).collect()
    }

    fn expected() -> Vec<(String, String)> {
        [("n1", "o1"), ("n2", "o2")].map(|(need, offer)| (need.to_owned(), offer.to_owned())).to_vec()
    }

    #[test]
    fn every_format_gives_the_same_ranking() {
        let folder = TempDir::new().unwrap();
        let needs = write(&folder, "needs.csv", NEEDS);
        let offers = write(&folder, "offers.tsv", OFFERS);
        assert_eq!(best(&folder, &rank(&folder, &needs, &offers, &[])), expected());
        let first = ranked(&folder);
        assert!(first[0][4].contains("光刻胶 +"), "{first:?}");
        assert!(!folder.path().join("ranked.csv.part").exists());

        let json: Vec<String> = OFFERS
            .lines()
            .skip(1)
            .map(|line| {
                let cells: Vec<&str> = line.split('\t').collect();
                serde_json::json!({ "id": cells[0], "title": cells[1], "abstract": [cells[2]] }).to_string()
            })
            .collect();
        let json = write(&folder, "offers.jsonl", json.join("\n"));
        rank(&folder, &needs, &json, &[]);
        assert_eq!(ranked(&folder), first);

        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, line) in (0..).zip(OFFERS.lines()) {
            for (column, cell) in (0..).zip(line.split('\t')) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
        let book = write(&folder, "offers.xlsx", book.save_to_buffer().unwrap());
        rank(&folder, &needs, &book, &[]);
        assert_eq!(ranked(&folder), first);

        let packed =
            ruzstd::encoding::compress_to_vec(OFFERS.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
        let packed = write(&folder, "offers.tsv.zst", packed);
        rank(&folder, &needs, &packed, &[]);
        assert_eq!(ranked(&folder), first);
    }

    #[test]
    fn text_saved_by_an_older_spreadsheet_is_read() {
        let folder = TempDir::new().unwrap();
        let (old, _, _) = encoding_rs::GB18030.encode(NEEDS);
        let needs = write(&folder, "needs.csv", old);
        let offers = write(&folder, "offers.tsv", OFFERS);
        assert_eq!(best(&folder, &rank(&folder, &needs, &offers, &[])), expected());
    }

    #[test]
    fn the_first_column_is_the_id_unless_another_is_named() {
        let folder = TempDir::new().unwrap();
        let needs = write(&folder, "needs.csv", "title,number,id\n光刻胶,n1,x\nBattery recycling,n2,y\n");
        let offers = write(&folder, "offers.tsv", OFFERS);
        let output = rank(&folder, &needs, &offers, &["--need-id", "number"]);
        assert_eq!(best(&folder, &output), expected());
        let output = rank(&folder, &needs, &offers, &["--need-id", "code"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("title, number, id"), "{}", said(&output));
        let output =
            rank(&folder, &write(&folder, "w.csv", "code,title\nn1,光刻胶\n"), &offers, &["--top", "1"]);
        assert_eq!(best(&folder, &output), expected()[..1]);
    }

    #[test]
    fn given_pairs_are_ranked_and_nothing_else() {
        let folder = TempDir::new().unwrap();
        let needs = write(&folder, "needs.csv", NEEDS);
        let offers = write(&folder, "offers.tsv", OFFERS);
        let pairs = write(&folder, "pairs.tsv", "need\toffer\tlevel\nn1\to3\t1\nn1\to1\t4\nn9\to1\t1\n");
        let output = rank(&folder, &needs, &offers, &["--pairs", &pairs]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let rows: Vec<[String; 3]> =
            ranked(&folder).iter().map(|r| [0, 1, 2].map(|at| r[at].clone())).collect();
        assert_eq!(rows, [["n1", "o1", "1"], ["n1", "o3", "2"], ["n9", "o1", "1"]]);
        assert!(said(&output).contains("1 need is not among"), "{}", said(&output));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line_and_leaves_no_result() {
        let folder = TempDir::new().unwrap();
        let offers = write(&folder, "offers.tsv", OFFERS);
        for (name, text, part) in [
            ("a.csv", "id,title\nn1,a\nn2,b,c\n", "line 3: there are 3 cells, but 2 columns"),
            ("b.csv", "id,title\nn1,a\n,b\n", "line 3: the row has no id"),
            ("c.jsonl", "{\"id\":\"n1\"}\n{\"id\":", "line 2: this is not a JSON object"),
            ("d.csv", "id,title\n", "no row below the header"),
            ("e.docx", "x", "none of csv, tsv, json, jsonl and xlsx"),
            ("f.xlsx", "x", "f.xlsx"),
            ("g.csv.zst", "x", "g.csv.zst"),
        ] {
            let output = rank(&folder, &write(&folder, name, text), &offers, &[]);
            assert_eq!(output.status.code(), Some(2), "{name}");
            assert!(said(&output).contains(part), "{name}: {}", said(&output));
            assert!(!folder.path().join("ranked.csv").exists(), "{name}");
        }
        let mixed = [b"id,title\nn1,\xe5\x85\x89\n".as_slice(), b"n2,\xb9\xe2\xff\n"].concat();
        let output = rank(&folder, &write(&folder, "h.csv", mixed), &offers, &[]);
        assert!(
            said(&output).contains("line 3, column title: this is neither UTF-8 nor GB18030"),
            "{}",
            said(&output)
        );
    }

    #[test]
    fn an_id_that_comes_again_is_left_out_and_told() {
        let folder = TempDir::new().unwrap();
        let needs = write(&folder, "needs.csv", "id,title\nn1,光刻胶\nn1,水稻\n");
        let output = rank(&folder, &needs, &write(&folder, "offers.tsv", OFFERS), &[]);
        assert_eq!(best(&folder, &output), expected()[..1]);
        assert!(said(&output).contains("the first is n1 in line 3"), "{}", said(&output));
    }
}

mod settings {
    use super::*;

    #[test]
    fn a_misspelt_setting_stops_the_start_and_nothing_is_written() {
        let folder = TempDir::new().unwrap();
        let file = write(&folder, "kechuang.toml", "lisen = \"127.0.0.1:1\"\n");
        let data = path(&folder, "region");
        let output = kechuang(&["serve", "--config", &file, "--data", &data]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said(&output).contains("`lisen` is no setting") && said(&output).contains("listen"),
            "{}",
            said(&output)
        );
        assert!(!Path::new(&data).exists());
    }

    #[test]
    fn a_folder_in_use_is_refused_with_a_clear_word() {
        let folder = TempDir::new().unwrap();
        let lock = std::fs::File::create(folder.path().join("kechuang.lock")).unwrap();
        lock.try_lock().unwrap();
        let data = folder.path().display().to_string();
        let output = kechuang(&["serve", "--data", &data, "--listen", "127.0.0.1:0", "--lang", "zh"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("正由另一个进程使用"), "{}", said(&output));
    }

    #[test]
    fn a_flag_before_its_command_is_not_lost_in_silence() {
        let output = kechuang(&["--data", "elsewhere", "key"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("kechuang key --data"), "{}", said(&output));
    }

    #[test]
    fn a_folder_without_a_region_has_no_key() {
        let folder = TempDir::new().unwrap();
        let output = kechuang(&["key", "--data", &folder.path().display().to_string()]);
        assert_eq!((output.status.code(), printed(&output).as_str()), (Some(1), ""));
    }
}

mod client {
    use super::*;

    /// A house that hears one request and gives one answer.
    fn house(status: &'static str, body: &'static str) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard = std::thread::spawn(move || {
            let (mut visit, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut part = [0; 4096];
            while !is_whole(&heard) {
                let read = visit.read(&mut part).unwrap();
                heard.extend_from_slice(&part[..read]);
            }
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            visit.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(heard).unwrap()
        });
        (address, heard)
    }

    fn is_whole(heard: &[u8]) -> bool {
        let text = String::from_utf8_lossy(heard);
        let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        heard.len() >= head.len() + 4 + length.map_or(0, |length| length.parse::<usize>().unwrap())
    }

    #[test]
    fn a_verb_sends_what_its_form_would_send() {
        let receipt = r#"{"case":1,"record":"organisation-1","sequence":1,"at":"2026-11-23T08:00:00.000Z","position":4,"facts":1}"#;
        let (server, heard) = house("201 Created", receipt);
        let output = kechuang(&[
            "organisation",
            "register",
            "--name",
            "示例甲",
            "--name.en",
            "Firm A",
            "--kind",
            "enterprise",
            "--region",
            "310115",
            "--server",
            &server,
            "--token",
            "kc_x",
            "--idempotency-key",
            "k1",
            "--lang",
            "en",
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert_eq!(printed(&output), "Done: organisation-1, event 1. In the log: 1 fact from place 4.\n");
        let heard = heard.join().unwrap();
        let (head, body) = heard.split_once("\r\n\r\n").unwrap();
        let head = head.to_lowercase();
        assert!(head.starts_with("post /api/v1/organisation/register http/1.1"), "{head}");
        for line in ["idempotency-key: k1", "authorization: bearer kc_x", "accept-language: en"] {
            assert!(head.contains(line), "{line} is missing in\n{head}");
        }
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&body["region"], &body["kind"]), (&"310115".into(), &"enterprise".into()));
        assert_eq!(body["name"], serde_json::json!({ "zh": "示例甲", "en": "Firm A" }));
        assert!(body.get("verb").is_none());
    }

    #[test]
    fn faults_stand_beside_their_flags_and_nothing_is_sent() {
        let output = kechuang(&[
            "organisation",
            "register",
            "--region",
            "999999",
            "--lang",
            "zh",
            "--server",
            "http://127.0.0.1:1",
        ]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            said(&output).contains("--name: 请填写。") && said(&output).contains("--region: "),
            "{}",
            said(&output)
        );
        let output = kechuang(&["organisation", "register", "--json", "--server", "http://127.0.0.1:1"]);
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &answer["code"]), (Some(2), &"faults".into()));
    }

    #[test]
    fn a_refusal_is_told_in_the_houses_words_with_exit_code_two() {
        let (server, heard) = house(
            "422 Unprocessable Content",
            r#"{"status":422,"code":"cap","message":"Too much for this year.","rule":{"id":"VC-R04","article":"Art. 6"},"faults":[]}"#,
        );
        let output = kechuang(&["need", "withdraw", "need-1", "--remark", "x", "--server", &server]);
        assert_eq!(
            (output.status.code(), said(&output).as_str()),
            (Some(2), "Too much for this year.\n  VC-R04 · Art. 6\n")
        );
        assert!(heard.join().unwrap().starts_with("POST /api/v1/need/need-1/withdraw HTTP/1.1"));
    }

    #[test]
    fn lists_are_asked_for_with_their_filters() {
        let page = r#"{"rows":[{"id":"need-1","desk":"need","card":{"title_zh":"光刻胶","title_en":"Photoresist","status":"published"}}],"total":1}"#;
        let (server, heard) = house("200 OK", page);
        let output = kechuang(&[
            "need",
            "list",
            "--status",
            "published",
            "--q",
            "光 刻",
            "--server",
            &server,
            "--lang",
            "zh",
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(
            printed(&output).contains("need-1") && printed(&output).contains("光刻胶"),
            "{}",
            printed(&output)
        );
        assert!(
            heard
                .join()
                .unwrap()
                .starts_with("GET /api/v1/need?q=%E5%85%89%20%E5%88%BB&status=published HTTP/1.1")
        );
    }

    #[test]
    fn what_is_no_house_is_told_apart_from_a_refusal() {
        let (server, _heard) = house("404 Not Found", "<html>");
        let output = kechuang(&["find", "光刻胶", "--server", &server]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("is not the house"), "{}", said(&output));
        let output = kechuang(&["inbox", "--server", "http://127.0.0.1:1"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("does not answer"), "{}", said(&output));
    }
}
