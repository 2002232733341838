//! Intake: files of papers and reviewers, of scores, bids, works and conflicts become a question.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use engines::{
    matching::SHIPPED,
    reviewers::{
        NO_UNIT, PAIRS_MAX, PAPERS_MAX, Pair, Paper, Question, REVIEWERS_MAX, REVIEWS_MAX, Reviewer,
        SCORE_MAX, expertise::Library,
    },
};
use serde_json::json;

use super::sheet::Sheet;
use crate::{
    allocating::rules::{decimal, refused},
    speech::Trouble,
};

/// Digits of a score behind the point, and one point in the engine's whole numbers.
const DIGITS: usize = 4;
pub const POINT: i64 = 10_000;
/// Rows of scores, bids, conflicts or works.
const ROWS_MAX: usize = 10_000_000;
/// Up to so many pairs in all, everyone may review everything, also what they know nothing of. Beyond, only those who
/// are near.
const ALL_PAIRS: usize = 4_000_000;

const ID: [&str; 4] = ["id", "编号", "项目编号", "申请编号"];
const REVIEWER_ID: [&str; 3] = ["id", "编号", "专家编号"];
const NAME: [&str; 5] = ["name", "title", "名称", "项目名称", "姓名"];
const UNIT: [&str; 5] = ["unit", "organisation", "单位", "申请单位", "工作单位"];
const AUTHORS: [&str; 5] = ["authors", "members", "作者", "参与人", "项目组成员"];
const DEMAND: [&str; 3] = ["demand", "reviews", "评审数"];
const SENIORS: [&str; 2] = ["seniors", "资深人数"];
const SENIOR: [&str; 3] = ["senior", "资深", "正高"];
const MOST: [&str; 4] = ["load", "most", "最多评审数", "评审上限"];
const LEAST: [&str; 3] = ["least", "最少评审数", "评审下限"];
const TEXTS: [&str; 22] = [
    "title",
    "name",
    "abstract",
    "keywords",
    "field",
    "text",
    "summary",
    "topics",
    "works",
    "标题",
    "名称",
    "项目名称",
    "摘要",
    "关键词",
    "领域",
    "学科",
    "正文",
    "内容",
    "研究方向",
    "简介",
    "代表作",
    "论文",
];
/// Texts about a reviewer: a name says nothing of the matter.
const ABOUT: [&str; 16] = [
    "abstract",
    "keywords",
    "field",
    "text",
    "summary",
    "topics",
    "works",
    "摘要",
    "关键词",
    "领域",
    "学科",
    "内容",
    "研究方向",
    "简介",
    "代表作",
    "论文",
];
const PAPER: [&str; 6] = ["paper", "proposal", "项目", "论文", "申请", "项目编号"];
const REVIEWER: [&str; 4] = ["reviewer", "expert", "专家", "专家编号"];
const SCORE: [&str; 4] = ["score", "affinity", "得分", "匹配度"];
const BID: [&str; 3] = ["bid", "意愿", "评审意愿"];

/// What a reviewer says of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bid {
    Yes,
    Maybe,
    No,
}

impl Bid {
    /// Hundredths by which a score above nothing counts.
    pub fn hundredths(self) -> i64 {
        match self {
            Self::Yes => 150,
            Self::Maybe => 125,
            Self::No => 50,
        }
    }
}

/// Why a paper and a reviewer are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// The file says so.
    Told,
    /// They are of the same unit.
    Unit,
    /// The reviewer is among the authors.
    Author,
}

/// What is usual where the files do not say.
pub struct Usual {
    pub demand: u32,
    pub load: u32,
    pub seniors: u32,
    pub unit_part: Option<u32>,
}

/// Files that may be there besides.
#[derive(Default)]
pub struct Besides<'a> {
    pub scores: Option<&'a Path>,
    pub bids: Option<&'a Path>,
    pub conflicts: Option<&'a Path>,
    pub works: Option<&'a Path>,
}

/// A question with everything that people call its parts.
pub struct Intake {
    pub question: Question,
    pub papers: Sheet,
    pub reviewers: Sheet,
    pub paper_ids: Vec<String>,
    pub reviewer_ids: Vec<String>,
    pub paper_names: Vec<String>,
    pub reviewer_names: Vec<String>,
    pub paper_texts: Vec<String>,
    /// The works of each reviewer.
    pub works: Vec<Vec<String>>,
    pub library: Option<Library>,
    pub apart: BTreeMap<(u32, u32), Apart>,
    pub bids: HashMap<(u32, u32), Bid>,
}

/// Reads everything.
///
/// # Errors
/// The first thing that cannot be read, with its file, row and column.
pub fn read(papers: &Path, reviewers: &Path, besides: &Besides, usual: &Usual) -> Result<Intake, Trouble> {
    let papers = Sheet::read(papers, PAPERS_MAX)?;
    let reviewers = Sheet::read(reviewers, REVIEWERS_MAX)?;
    let (own, other) = (papers.needed(&ID)?, reviewers.needed(&REVIEWER_ID)?);
    let ids = (papers.ids(own)?, reviewers.ids(other)?);
    let cells = |sheet: &Sheet, column: Option<usize>| {
        let cell = |row| column.map_or(String::new(), |column| sheet.cell(row, column).to_owned());
        sheet.rows().map(cell).collect::<Vec<String>>()
    };
    let texts = papers.columns(&TEXTS);
    let mut intake = Intake {
        question: Question { unit_part: usual.unit_part, ..Question::default() },
        paper_ids: cells(&papers, Some(own)),
        reviewer_ids: cells(&reviewers, Some(other)),
        paper_names: cells(&papers, papers.column(&NAME)),
        reviewer_names: cells(&reviewers, reviewers.column(&NAME)),
        paper_texts: papers.rows().map(|row| papers.text(row, &texts)).collect(),
        works: Vec::new(),
        library: None,
        apart: BTreeMap::new(),
        bids: HashMap::new(),
        papers,
        reviewers,
    };
    intake.people(usual)?;
    intake.keep_apart(besides.conflicts, &ids)?;
    if let Some(path) = besides.bids {
        intake.read_bids(path, &ids)?;
    }
    let mut pairs = match besides.scores {
        Some(path) => intake.scores(path, &ids)?,
        None => intake.nearness(besides.works, &ids)?,
    };
    for (paper, pair) in &mut pairs {
        if let Some(bid) = intake.bids.get(&(*paper, pair.reviewer))
            && pair.score > 0
        {
            let weighed = i64::from(pair.score) * bid.hundredths() / 100;
            pair.score = i32::try_from(weighed).unwrap_or(SCORE_MAX).min(SCORE_MAX);
        }
    }
    intake.question.put_pairs(pairs);
    intake.question.conflicts = intake.apart.keys().copied().collect();
    Ok(intake)
}

type Ids = (HashMap<String, u32>, HashMap<String, u32>);

impl Intake {
    fn people(&mut self, usual: &Usual) -> Result<(), Trouble> {
        let (demand, seniors) = (self.papers.column(&DEMAND), self.papers.column(&SENIORS));
        for row in self.papers.rows() {
            let demand = self.papers.count(row, demand, usual.demand, REVIEWS_MAX)?;
            let seniors = self.papers.count(row, seniors, usual.seniors.min(demand), demand)?;
            self.question.papers.push(Paper { demand, seniors });
        }
        let sheet = &self.reviewers;
        let (least, most) = (sheet.column(&LEAST), sheet.column(&MOST));
        let (unit, senior) = (sheet.column(&UNIT), sheet.column(&SENIOR));
        let mut units: HashMap<&str, u32> = HashMap::new();
        for row in sheet.rows() {
            let most = sheet.count(row, most, usual.load, REVIEWS_MAX)?;
            let least = sheet.count(row, least, 0, most)?;
            let name = unit.map_or("", |column| sheet.cell(row, column));
            let next = units.len() as u32;
            let unit = if name.is_empty() { NO_UNIT } else { *units.entry(name).or_insert(next) };
            let is_senior = sheet.is(row, senior)?;
            self.question.reviewers.push(Reviewer { least, most, unit, is_senior });
        }
        Ok(())
    }

    /// Who may not review what: said so, of the same unit, or an author.
    fn keep_apart(&mut self, path: Option<&Path>, ids: &Ids) -> Result<(), Trouble> {
        let (own, other) = (self.papers.column(&UNIT), self.reviewers.column(&UNIT));
        let mut by_unit: HashMap<&str, Vec<u32>> = HashMap::new();
        let mut by_name: HashMap<&str, Vec<u32>> = HashMap::new();
        for row in self.reviewers.rows() {
            let unit = other.map_or("", |column| self.reviewers.cell(row, column));
            let name = self.reviewer_names.get(row).map_or("", String::as_str);
            let id = self.reviewer_ids.get(row).map_or("", String::as_str);
            for key in [name, id].into_iter().filter(|key| !key.is_empty()) {
                by_name.entry(key).or_default().push(row as u32);
            }
            if !unit.is_empty() {
                by_unit.entry(unit).or_default().push(row as u32);
            }
        }
        let authors = self.papers.column(&AUTHORS);
        for row in self.papers.rows() {
            let paper = row as u32;
            for unit in self.papers.list(row, own) {
                let same = by_unit.get(unit).into_iter().flatten();
                self.apart.extend(same.map(|reviewer| ((paper, *reviewer), Apart::Unit)));
            }
            for author in self.papers.list(row, authors) {
                let same = by_name.get(author).into_iter().flatten();
                self.apart.extend(same.map(|reviewer| ((paper, *reviewer), Apart::Author)));
            }
        }
        let Some(path) = path else { return Ok(()) };
        let sheet = Sheet::read(path, ROWS_MAX)?;
        let (paper, reviewer) = (sheet.needed(&PAPER)?, sheet.needed(&REVIEWER)?);
        for row in sheet.rows() {
            let pair = (sheet.known(&ids.0, row, paper)?, sheet.known(&ids.1, row, reviewer)?);
            self.apart.insert(pair, Apart::Told);
        }
        Ok(())
    }

    fn read_bids(&mut self, path: &Path, ids: &Ids) -> Result<(), Trouble> {
        let sheet = Sheet::read(path, ROWS_MAX)?;
        let (paper, reviewer, bid) = (sheet.needed(&PAPER)?, sheet.needed(&REVIEWER)?, sheet.needed(&BID)?);
        for row in sheet.rows() {
            let pair = (sheet.known(&ids.0, row, paper)?, sheet.known(&ids.1, row, reviewer)?);
            let own = match sheet.cell(row, bid).to_lowercase().as_str() {
                "yes" | "y" | "1" | "high" | "愿意" | "是" => Bid::Yes,
                "maybe" | "0.5" | "neutral" | "可以" => Bid::Maybe,
                "no" | "n" | "0" | "low" | "不愿意" | "否" => Bid::No,
                "" => continue,
                _ => return Err(sheet.wrong(row, bid)),
            };
            self.bids.insert(pair, own);
        }
        Ok(())
    }

    fn scores(&self, path: &Path, ids: &Ids) -> Result<Vec<(u32, Pair)>, Trouble> {
        let sheet = Sheet::read(path, ROWS_MAX)?;
        let (paper, reviewer, score) =
            (sheet.needed(&PAPER)?, sheet.needed(&REVIEWER)?, sheet.needed(&SCORE)?);
        let mut pairs = Vec::with_capacity(sheet.rows().len());
        let mut lines: HashMap<(u32, u32), u64> = HashMap::new();
        for row in sheet.rows() {
            let own = (sheet.known(&ids.0, row, paper)?, sheet.known(&ids.1, row, reviewer)?);
            if let Some(first) = lines.insert(own, sheet.line(row)) {
                return Err(sheet.twice(row, reviewer, first));
            }
            let points =
                decimal(sheet.cell(row, score), DIGITS).and_then(|points| i32::try_from(points).ok());
            // Bids may count a score one and a half times.
            let points = points.filter(|points| points.unsigned_abs() <= SCORE_MAX.unsigned_abs() / 2);
            let points = points.ok_or_else(|| sheet.wrong(row, score))?;
            pairs.push((own.0, Pair { reviewer: own.1, score: points }));
        }
        Ok(pairs)
    }

    /// Scores from texts: what papers say and what reviewers have written.
    fn nearness(&mut self, works: Option<&Path>, ids: &Ids) -> Result<Vec<(u32, Pair)>, Trouble> {
        self.papers.needed(&TEXTS)?;
        let about = self.reviewers.columns(&ABOUT);
        self.works = vec![Vec::new(); self.reviewers.rows().len()];
        if works.is_none() {
            self.reviewers.needed(&ABOUT)?;
        }
        for (row, works) in self.works.iter_mut().enumerate() {
            let text = self.reviewers.text(row, &about);
            works.extend(Some(text).filter(|text| !text.is_empty()));
        }
        if let Some(path) = works {
            let sheet = Sheet::read(path, ROWS_MAX)?;
            let reviewer = sheet.needed(&REVIEWER)?;
            sheet.needed(&TEXTS)?;
            let texts = sheet.columns(&TEXTS);
            for row in sheet.rows() {
                let own = sheet.known(&ids.1, row, reviewer)?;
                let text = sheet.text(row, &texts);
                self.works.get_mut(own as usize).into_iter().for_each(|works| works.push(text.clone()));
            }
        }
        let all: Vec<(u32, String)> = (0..)
            .zip(&self.works)
            .flat_map(|(who, works)| works.iter().map(move |work| (who, work.clone())))
            .collect();
        let library = Library::of(&self.paper_texts, &all, self.works.len(), &SHIPPED);
        let (papers, reviewers) = (self.paper_texts.len(), self.works.len());
        let mut pairs: Vec<(u32, Pair)> = Vec::new();
        for paper in 0..papers as u32 {
            if papers * reviewers <= ALL_PAIRS {
                pairs.extend((0..reviewers as u32).map(|reviewer| (paper, Pair { reviewer, score: 0 })));
            }
            let near = library.scores(paper as usize);
            pairs.extend(near.into_iter().map(|(reviewer, score)| (paper, Pair { reviewer, score })));
            if pairs.len() > PAIRS_MAX {
                return Err(refused("assign-too-many", json!({ "max": PAIRS_MAX })));
            }
        }
        self.library = Some(library);
        Ok(pairs)
    }
}
