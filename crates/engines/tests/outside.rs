//! Quality on the open sets. Skipped with a clear word when they are not beside the repository.

mod sets;

#[test]
fn matching_is_as_good_as_it_was() {
    let Some(data) = sets::data() else {
        println!("skipped: no ../shared/data; set KECHUANG_SHARED to the folder that holds data/");
        return;
    };
    let zh = sets::needs_achievements(&data).unwrap().mean();
    assert!(zh >= 0.70, "zh-needs-achievements nDCG@10 {zh:.4}");
    let en = sets::sbir(&data).unwrap().mean();
    assert!(en >= 0.80, "en-sbir-needs-solutions MRR@10 {en:.4}");
    let known = sets::abstracts(&data).unwrap().mean();
    assert!(known >= 0.98, "zh-sci-abstracts MRR@10 {known:.4}");
}
