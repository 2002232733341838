//! Tiles: the tree as static files, after C2SP tlog-tiles (c2sp.org/tlog-tiles).
//!
//! A tile is up to 256 neighbouring hashes of every eighth tree level: tile (L, N) holds the nodes of tree level 8 · L
//! from index 256 · N on. Beside each tile of level 0 lies the bundle of the entries under it. Full tiles never
//! change; the rightmost tile of a level is partial and has its width in its path.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::leaf::Hash;

/// How many tree levels one tile spans.
pub const HEIGHT: u32 = 8;
/// How many hashes a full tile holds.
pub const WIDTH: u64 = 1 << HEIGHT;

const LEVEL_MAX: u8 = 63;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Hashes of the tree level 8 · `level`; at level 0 the leaf hashes.
    Hashes { level: u8 },
    /// Log entries, what the leaf hashes are made from.
    Entries,
}

/// One file of the published log. `width` is 1 to 256; below that the tile is partial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    pub kind: Kind,
    pub index: u64,
    pub width: u64,
}

/// The path is not one that tlog-tiles would write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATile;

/// Why the bytes of a tile or bundle were refused, or no bundle could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misshapen {
    /// A tile or bundle holds 1 to 256 hashes or entries.
    WrongWidth,
    /// The bytes end within a hash, a length or an entry.
    CutOff,
    /// An entry has more than 65,535 bytes.
    EntryTooLong(usize),
}

/// The hashes in the bytes of a tile. As many as were asked for is for the caller to check.
pub fn hashes(bytes: &[u8]) -> Result<Vec<Hash>, Misshapen> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(Misshapen::CutOff);
    }
    is_width(hashes.len())?;
    Ok(hashes.iter().copied().map(Hash).collect())
}

/// The entries in the bytes of a bundle, of any log: each is what `leaf_hash` takes.
pub fn entries(bytes: &[u8]) -> Result<Vec<&[u8]>, Misshapen> {
    let mut rest = bytes;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk().ok_or(Misshapen::CutOff)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(Misshapen::CutOff)?;
        entries.push(entry);
        is_width(entries.len())?;
        rest = after;
    }
    is_width(entries.len())?;
    Ok(entries)
}

/// The bundle of entries: each with its length before it, as u16, big-endian.
pub fn bundle(entries: &[&[u8]]) -> Result<Vec<u8>, Misshapen> {
    is_width(entries.len())?;
    let mut bytes = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len()).map_err(|_| Misshapen::EntryTooLong(entry.len()))?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

fn is_width(count: usize) -> Result<(), Misshapen> {
    if (1..=WIDTH as usize).contains(&count) { Ok(()) } else { Err(Misshapen::WrongWidth) }
}

/// The hash tiles to write when the tree grows from `old` to `new` leaves, lowest level first, each from left to right.
///
/// A tile whose partial form was written before comes again, wider. Lazy, since a first import may name very many.
/// Same as `NewTiles` of Go's sumdb.
pub fn new_tiles(old: u64, new: u64) -> impl Iterator<Item = Tile> {
    new_tiles_of(HEIGHT, old, new)
}

/// The same for tiles that span `height` tree levels, as Go's sumdb has them: 1 to 63, else none. Their paths are not
/// those of tlog-tiles.
pub fn new_tiles_of(height: u32, old: u64, new: u64) -> impl Iterator<Item = Tile> {
    let is_height = (1..64).contains(&height);
    let levels = (0..=LEVEL_MAX).take_while(move |_| is_height).map_while(move |level| {
        let shift = height * u32::from(level);
        Some((level, old.checked_shr(shift)?, new.checked_shr(shift)?))
    });
    levels.filter(|(_, old, new)| old < new).flat_map(move |(level, old, new)| {
        // From the tile that the first new hash falls into, to the one of the last.
        (old >> height..=(new - 1) >> height).map(move |index| {
            let width = (new - (index << height)).min(1 << height);
            Tile { kind: Kind::Hashes { level }, index, width }
        })
    })
}

impl Tile {
    /// The tree level and the indices there of what it holds; entries count as level 0.
    ///
    /// `None` when no tree of 2^64 leaves could have it.
    pub fn span(&self) -> Option<(u8, Range<u64>)> {
        let level = match self.kind {
            Kind::Hashes { level } => level.checked_mul(HEIGHT as u8).filter(|level| *level < 64)?,
            Kind::Entries => 0,
        };
        let begin = self.index.checked_mul(WIDTH)?;
        Some((level, begin..begin.checked_add(self.width)?))
    }

    /// Whether a tree of `size` leaves fills this tile.
    pub fn is_within(&self, size: u64) -> bool {
        self.span().is_some_and(|(level, indices)| indices.end <= size >> level)
    }
}

/// Shown as its path: `tile/1/x001/x234/067`, partial `tile/0/000.p/17`, bundle `tile/entries/000`.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Hashes { level } => write!(f, "tile/{level}/")?,
            Kind::Entries => f.write_str("tile/entries/")?,
        }
        write_index(f, self.index)?;
        if self.width < WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// Groups of three digits; all but the last begin with `x`. At most seven for a u64.
fn write_index(f: &mut fmt::Formatter<'_>, index: u64) -> fmt::Result {
    let groups = index.checked_ilog(1000).unwrap_or(0);
    for group in (1..=groups).rev() {
        write!(f, "x{:03}/", index / 1000u64.pow(group) % 1000)?;
    }
    write!(f, "{:03}", index % 1000)
}

/// Reads a path that `Display` writes; any other spelling of the same tile is refused.
impl FromStr for Tile {
    type Err = NotATile;

    fn from_str(path: &str) -> Result<Tile, NotATile> {
        let (kind, rest) =
            path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(NotATile)?;
        let kind = match kind {
            "entries" => Kind::Entries,
            level => Kind::Hashes { level: level.parse().map_err(|_| NotATile)? },
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().map_err(|_| NotATile)?),
            None => (rest, WIDTH),
        };
        let index = index.replace(['x', '/'], "").parse().map_err(|_| NotATile)?;
        let tile = Tile { kind, index, width };
        let is_level = !matches!(kind, Kind::Hashes { level } if level > LEVEL_MAX);
        if is_level && width > 0 && tile.to_string() == path { Ok(tile) } else { Err(NotATile) }
    }
}

impl fmt::Display for NotATile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the path of a tile")
    }
}

impl std::error::Error for NotATile {}

impl fmt::Display for Misshapen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongWidth => write!(f, "a tile does not hold 1 to `{WIDTH}` hashes or entries"),
            Self::CutOff => f.write_str("the bytes of a tile end too early"),
            Self::EntryTooLong(bytes) => write!(f, "an entry of `{bytes}` bytes is too long for a bundle"),
        }
    }
}

impl std::error::Error for Misshapen {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Nodes;
    use crate::tree::tests::tree;

    fn hashes_at(level: u8, index: u64, width: u64) -> Tile {
        Tile { kind: Kind::Hashes { level }, index, width }
    }

    #[test]
    fn a_path_is_written_as_the_standard_says() {
        let entries = Tile { kind: Kind::Entries, index: 0, width: 256 };
        let tiles = [
            (hashes_at(0, 0, 256), "tile/0/000"),
            (hashes_at(1, 1_234_067, 256), "tile/1/x001/x234/067"),
            (hashes_at(0, 1000, 1), "tile/0/x001/000.p/1"),
            (hashes_at(63, 999, 255), "tile/63/999.p/255"),
            (hashes_at(0, u64::MAX, 256), "tile/0/x018/x446/x744/x073/x709/x551/615"),
            (entries, "tile/entries/000"),
            (Tile { index: 273, width: 112, ..entries }, "tile/entries/273.p/112"),
        ];
        for (tile, path) in tiles {
            assert_eq!(tile.to_string(), path);
            assert_eq!(path.parse(), Ok(tile));
        }
    }

    #[test]
    fn another_spelling_is_refused() {
        let paths = [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/00",
            "tile/0/0000",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p",
            "tile/0/000.p/",
            "/tile/0/000",
            "tile/0/000/",
            "tile/entry/000",
            "tile/0/../000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/é00",
        ];
        for path in paths {
            assert_eq!(path.parse::<Tile>(), Err(NotATile), "{path}");
        }
    }

    #[test]
    fn seventy_thousand_leaves_lie_as_in_the_standard() {
        let tiles: Vec<Tile> = new_tiles(0, 70_000).collect();
        let full =
            |level| tiles.iter().filter(|t| t.kind == Kind::Hashes { level } && t.width == WIDTH).count();
        assert_eq!((full(0), full(1), full(2)), (273, 1, 0));
        let partial: Vec<Tile> = tiles.into_iter().filter(|tile| tile.width < WIDTH).collect();
        assert_eq!(partial, [hashes_at(0, 273, 112), hashes_at(1, 1, 17), hashes_at(2, 0, 1)]);
        assert_eq!(new_tiles(0, 256).collect::<Vec<_>>(), [hashes_at(0, 0, 256), hashes_at(1, 0, 1)]);
    }

    #[test]
    fn growing_writes_each_tile_that_was_not_there_before() {
        for (old, new) in [(0, 1), (1, 255), (255, 256), (256, 65_535), (65_535, 65_537), (65_537, 70_000)] {
            let added: Vec<Tile> = new_tiles(old, new).collect();
            for tile in new_tiles(0, new) {
                assert!(tile.is_within(new));
                assert_eq!(added.contains(&tile), !tile.is_within(old), "{tile} from {old} to {new}");
            }
            assert!(added.iter().all(|tile| tile.is_within(new)));
        }
    }

    #[test]
    fn the_largest_numbers_do_no_harm() {
        assert_eq!(new_tiles(u64::MAX, 0).count(), 0);
        assert_eq!(new_tiles_of(0, 0, 9).count() + new_tiles_of(64, 0, 9).count(), 0);
        assert_eq!(new_tiles_of(63, 0, u64::MAX).count(), 3);
        assert_eq!(new_tiles(0, u64::MAX).next(), Some(hashes_at(0, 0, 256)));
        assert_eq!(new_tiles(u64::MAX - 1, u64::MAX).collect::<Vec<_>>(), [hashes_at(0, u64::MAX >> 8, 255)]);
        assert!(!hashes_at(8, 0, 1).is_within(u64::MAX));
        assert!(!hashes_at(0, u64::MAX, 256).is_within(u64::MAX));
    }

    #[test]
    fn the_bytes_of_a_tile_are_its_hashes() {
        let memory = tree(256 * 2 + 5);
        let (level, indices) = hashes_at(1, 0, 2).span().unwrap();
        let nodes: Vec<Hash> = indices.map(|index| memory.node(level, index).unwrap()).collect();
        assert_eq!(hashes(&[nodes[0].0, nodes[1].0].concat()), Ok(nodes));
        assert_eq!(hashes(&[]), Err(Misshapen::WrongWidth));
        assert_eq!(hashes(&[0; 31]), Err(Misshapen::CutOff));
        assert_eq!(hashes(&[0; 32 * 256]).map(|all| all.len()), Ok(256));
        assert_eq!(hashes(&[0; 32 * 257]), Err(Misshapen::WrongWidth));
    }

    #[test]
    fn a_bundle_gives_back_its_entries() {
        let long = [7; 65_535];
        for wanted in [vec![[7; 32].as_slice()], vec![b"", b"a", &long, b""], vec![b"x".as_slice(); 256]] {
            assert_eq!(entries(&bundle(&wanted).unwrap()), Ok(wanted));
        }
        assert_eq!(bundle(&[&[7; 32]]).unwrap(), [[0, 32].as_slice(), &[7; 32]].concat());
        assert_eq!(bundle(&[&[0; 65_536]]), Err(Misshapen::EntryTooLong(65_536)));
        assert_eq!(bundle(&[]), Err(Misshapen::WrongWidth));
        assert_eq!(bundle(&[b"".as_slice(); 257]), Err(Misshapen::WrongWidth));
        for (bytes, why) in [
            (vec![], Misshapen::WrongWidth),
            (vec![0], Misshapen::CutOff),
            (vec![0, 1], Misshapen::CutOff),
            (vec![0, 1, 2, 0], Misshapen::CutOff),
            (vec![0; 2 * 257], Misshapen::WrongWidth),
        ] {
            assert_eq!(entries(&bytes), Err(why));
        }
    }
}
