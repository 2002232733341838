//! Components: the first principal component of a group's columns, by Jacobi's rotations.
//!
//! Rotations need nothing but the four operations and square roots, in a fixed order, so every machine finds
//! the same weights. Units that lack a value are left out.

use super::Fault;

/// Sweeps over all pairs; some ten are enough for any matrix of this size.
const SWEEPS_MAX: usize = 60;
/// What is left beside the diagonal when the rotations end.
const REST: f64 = 1e-30;

/// The loadings of the first component of the correlations, all above 0.
///
/// # Errors
/// One of them is not: the children point in opposite directions and cannot be weighed in this way.
pub fn first(columns: &[&[f64]], group: usize) -> Result<Vec<f64>, Fault> {
    let matrix = correlations(columns).ok_or(Fault::Opposed { group, child: 0 })?;
    let (values, vectors) = eigen(matrix);
    let best = values.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    let best = best.map_or(0, |(place, _)| place);
    let vector: Vec<f64> = vectors.iter().filter_map(|row| row.get(best).copied()).collect();
    let sign = if vector.iter().sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    let loadings: Vec<f64> = vector.iter().map(|loading| loading * sign).collect();
    match loadings.iter().position(|loading| *loading <= 0.0) {
        Some(child) => Err(Fault::Opposed { group, child }),
        None => Ok(loadings),
    }
}

/// How closely each two columns move together; `None` if one never moves.
pub fn correlations(columns: &[&[f64]]) -> Option<Vec<Vec<f64>>> {
    let units = columns.iter().map(|column| column.len()).min()?;
    let value = |column: &[f64], unit: usize| column.get(unit).copied().unwrap_or(f64::NAN);
    let whole: Vec<usize> =
        (0..units).filter(|unit| columns.iter().all(|column| !value(column, *unit).is_nan())).collect();
    let count = whole.len() as f64;
    let mut centred: Vec<Vec<f64>> = Vec::with_capacity(columns.len());
    for column in columns {
        let mean = whole.iter().map(|unit| value(column, *unit)).sum::<f64>() / count;
        let away: Vec<f64> = whole.iter().map(|unit| value(column, *unit) - mean).collect();
        let length = away.iter().map(|x| x * x).sum::<f64>().sqrt();
        if length.is_nan() || length <= 0.0 {
            return None;
        }
        centred.push(away.iter().map(|x| x / length).collect());
    }
    let together = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let row = |(place, a): (usize, &Vec<f64>)| {
        let each = |(other, b): (usize, &Vec<f64>)| if place == other { 1.0 } else { together(a, b) };
        centred.iter().enumerate().map(each).collect()
    };
    Some(centred.iter().enumerate().map(row).collect())
}

/// Eigenvalues of a symmetric matrix, and its eigenvectors as columns.
fn eigen(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut v: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..SWEEPS_MAX {
        let rest: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| at(&a, i, j) * at(&a, i, j)).sum();
        if rest <= REST {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    ((0..n).map(|i| at(&a, i, i)).collect(), v)
}

fn at(matrix: &[Vec<f64>], row: usize, column: usize) -> f64 {
    matrix.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0)
}

fn put(matrix: &mut [Vec<f64>], row: usize, column: usize, value: f64) {
    matrix.get_mut(row).and_then(|row| row.get_mut(column)).into_iter().for_each(|slot| *slot = value);
}

/// Turns rows and columns p and q so that the element between them vanishes.
fn rotate(a: &mut [Vec<f64>], v: &mut [Vec<f64>], p: usize, q: usize) {
    let between = at(a, p, q);
    if between == 0.0 {
        return;
    }
    let slope = (at(a, q, q) - at(a, p, p)) / (2.0 * between);
    let sign = if slope < 0.0 { -1.0 } else { 1.0 };
    let tangent = sign / (slope.abs() + (slope * slope + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    for i in 0..a.len() {
        let (x, y) = (at(a, i, p), at(a, i, q));
        put(a, i, p, cosine * x - sine * y);
        put(a, i, q, sine * x + cosine * y);
    }
    for j in 0..a.len() {
        let (x, y) = (at(a, p, j), at(a, q, j));
        put(a, p, j, cosine * x - sine * y);
        put(a, q, j, sine * x + cosine * y);
    }
    for i in 0..v.len() {
        let (x, y) = (at(v, i, p), at(v, i, q));
        put(v, i, p, cosine * x - sine * y);
        put(v, i, q, sine * x + cosine * y);
    }
}
