//! Regions: GB/T 2260 codes of provinces, prefectures and counties.

use std::{collections::HashMap, fmt, str::FromStr, sync::LazyLock};

use super::{Unreadable, half_width, string_kind};

/// The whole country: what an office without a narrower region covers.
pub const REGION_ALL: Region = Region(0);

/// A six-digit code of GB/T 2260: `310000` Shanghai, `310115` Pudong. `000000` is the whole country.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u32);

/// One row of the table of regions.
pub struct RegionRow {
    pub region: Region,
    pub zh: &'static str,
    pub en: &'static str,
}

static TABLE: &str = include_str!("../../data/regions.tsv");

static ROWS: LazyLock<Vec<RegionRow>> = LazyLock::new(|| {
    let read = |line: &'static str| {
        let mut cells = line.split('\t');
        let region = Region(cells.next()?.parse().ok()?);
        Some(RegionRow { region, zh: cells.next()?, en: cells.next()? })
    };
    TABLE.lines().filter_map(read).collect()
});

static BY_CODE: LazyLock<HashMap<Region, &'static RegionRow>> =
    LazyLock::new(|| ROWS.iter().map(|row| (row.region, row)).collect());

/// Every region, in the order of the codes.
#[must_use]
pub fn regions() -> &'static [RegionRow] {
    &ROWS
}

impl Region {
    /// For constants; the code is not looked up.
    #[must_use]
    pub const fn code(code: u32) -> Self {
        Self(code)
    }

    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    #[must_use]
    pub fn province(self) -> Self {
        Self(self.0 / 10_000 * 10_000)
    }

    /// Whether `other` lies in this region or is it.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        let width = match self.0 {
            0 => return true,
            code if code.is_multiple_of(10_000) => 10_000,
            code if code.is_multiple_of(100) => 100,
            _ => 1,
        };
        self.0 / width == other.0 / width
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        if self == REGION_ALL { "全国" } else { BY_CODE.get(&self).map_or("", |row| row.zh) }
    }

    #[must_use]
    pub fn en(self) -> &'static str {
        if self == REGION_ALL { "whole country" } else { BY_CODE.get(&self).map_or("", |row| row.en) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}
impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl RegionRow {
    /// Whether it is called this with its province: `江苏省苏州市`, `Suzhou, Jiangsu`.
    fn is_said_within(&self, name: &str) -> bool {
        let province = self.region.province();
        let in_zh = || name.strip_suffix(self.zh).is_some_and(|rest| rest == province.zh());
        let in_en = || {
            let (own, rest) = name.split_once(',')?;
            let is_own = own.trim().eq_ignore_ascii_case(self.en);
            Some(is_own && rest.trim().eq_ignore_ascii_case(province.en()))
        };
        province != self.region && (in_zh() || in_en() == Some(true))
    }
}

/// Reads a code of six, four or two digits, or a name in Chinese or English that only one region has, by itself or
/// with its province.
impl FromStr for Region {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const NO: Unreadable = Unreadable("not-a-region");
        let plain = half_width(text);
        if plain.is_empty() {
            return Err(NO);
        }
        if plain.bytes().all(|b| b.is_ascii_digit()) {
            let padded = match plain.len() {
                2 | 4 | 6 => format!("{plain:0<6}"),
                _ => return Err(NO),
            };
            let region = Self(padded.parse().map_err(|_| NO)?);
            let known = region == REGION_ALL || BY_CODE.contains_key(&region);
            return if known { Ok(region) } else { Err(NO) };
        }
        let named = |row: &&RegionRow| {
            row.zh == plain
                || row.zh.strip_suffix(['省', '市']) == Some(&plain)
                || row.en.eq_ignore_ascii_case(&plain)
                || row.is_said_within(&plain)
        };
        let mut found = ROWS.iter().filter(named);
        match (found.next(), found.next()) {
            (Some(row), None) => Ok(row.region),
            (Some(_), Some(_)) => Err(Unreadable("several-regions")),
            _ if plain == "全国" || plain.eq_ignore_ascii_case("china") => Ok(REGION_ALL),
            _ => Err(NO),
        }
    }
}

string_kind!(Region, "region");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_covers_what_lies_in_it() {
        let shanghai: Region = "上海".parse().unwrap();
        let pudong: Region = "310115".parse().unwrap();
        let suzhou: Region = "苏州市".parse().unwrap();
        assert!(shanghai.covers(pudong) && !pudong.covers(shanghai) && !shanghai.covers(suzhou));
        assert!(REGION_ALL.covers(suzhou) && "32".parse::<Region>().unwrap().covers(suzhou));
        assert_eq!("Anhui".parse::<Region>().map(Region::zh), Ok("安徽省"));
        assert!("999999".parse::<Region>().is_err() && "鼓楼区".parse::<Region>().is_err());
    }
}
