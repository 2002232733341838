//! Names: what invented organisations and persons are called, their codes, and where they stand. Nothing
//! here can be taken for someone real.

use grammar::{form::Dice, kinds::Uscc};

use super::texts::{PLACES, rows};

/// The one seed of the demo region.
const SEED: u64 = 0x4b65_6368_7561_6e67;

/// Chance for the `n`th thing of a kind: the same at every scale.
pub fn dice(kind: &str, n: usize) -> Dice {
    let mixed =
        kind.bytes().fold(SEED, |mixed, byte| (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    Dice::new(mixed.wrapping_add((n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// `〇〇一`: a running number as names carry it, at least three digits.
pub fn number_zh(n: usize) -> String {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digit = |c: char| c.to_digit(10).and_then(|d| DIGITS.get(d as usize).copied()).unwrap_or('〇');
    format!("{n:03}").chars().map(digit).collect()
}

/// A place of the four provinces: a county or city with its code, point and population.
#[derive(Clone, Copy)]
pub struct Spot {
    pub region: u32,
    pub latitude: f64,
    pub longitude: f64,
    population: u64,
}

impl Spot {
    pub fn province(&self) -> u32 {
        self.region / 10_000 * 10_000
    }

    /// As a command carries it.
    pub fn place(&self) -> String {
        format!("{},{}", self.latitude, self.longitude)
    }
}

/// Cities beyond the four provinces, where invented solvers and experts of the rest of the country sit.
const FAR: [(u32, f64, f64); 12] = [
    (110_108, 39.96, 116.30),
    (440_305, 22.53, 113.93),
    (610_113, 34.22, 108.94),
    (420_111, 30.50, 114.34),
    (510_107, 30.64, 104.04),
    (370_202, 36.07, 120.39),
    (230_103, 45.76, 126.67),
    (210_211, 38.95, 121.53),
    (430_104, 28.23, 112.93),
    (120_104, 39.14, 117.15),
    (500_112, 29.72, 106.63),
    (350_203, 24.45, 118.08),
];

/// The `n`th place beyond the four provinces.
pub fn far(n: usize) -> Option<Spot> {
    let &(region, latitude, longitude) = FAR.get(n % FAR.len())?;
    Some(Spot { region, latitude, longitude, population: 0 })
}

/// Every place from which invented organisations are drawn.
pub struct Places(Vec<Spot>);

impl Places {
    /// # Errors
    /// What is wrong with the table.
    pub fn read() -> Result<Self, String> {
        let read = |[region, name, latitude, longitude, population]: [&str; 5]| {
            let wrong = || format!("places.tsv: {name}");
            Ok(Spot {
                region: region.parse().map_err(|_| wrong())?,
                latitude: latitude.parse().map_err(|_| wrong())?,
                longitude: longitude.parse().map_err(|_| wrong())?,
                population: population.parse().map_err(|_| wrong())?,
            })
        };
        rows(PLACES)?.into_iter().map(read).collect::<Result<_, String>>().map(Self)
    }

    /// A place of a province, the more likely the more people live there; of any province for 0.
    ///
    /// # Errors
    /// When the province has no place.
    pub fn draw(&self, province: u32, dice: &mut Dice) -> Result<Spot, String> {
        let fits = |spot: &&Spot| province == 0 || spot.province() == province;
        let all: u64 = self.0.iter().filter(fits).map(|spot| spot.population).sum();
        let mut left = dice.roll() % all.max(1);
        for spot in self.0.iter().filter(fits) {
            if left < spot.population {
                return Ok(*spot);
            }
            left -= spot.population;
        }
        Err(format!("places.tsv: nothing in {province}"))
    }
}

/// A code with right check digits that no firm can have: it begins with `Y1` and holds `DEM`.
///
/// # Errors
/// When the number has more than five digits.
pub fn code(region: u32, n: usize) -> Result<String, String> {
    let body = format!("Y1{region:06}DEM{n:05}");
    let ends = "0123456789X".chars();
    let mut complete = ends.filter_map(|check| Uscc::complete(&format!("{body}{check}")));
    complete.next().map(|code| code.to_string()).ok_or_else(|| format!("no code for organisation {n}"))
}
