//! Inverse: a square matrix turned round by elimination with the largest pivot of each column.

use crate::allocation::places::Places;

/// The inverse of a matrix of `size` rows, row by row; `None` if it has none to speak of.
pub fn invert(mut matrix: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    let mut inverse = vec![0.0; size * size];
    for row in 0..size {
        inverse.put(row * size + row, 1.0);
    }
    for column in 0..size {
        let pivot = (column..size).max_by(|a, b| {
            matrix.at(a * size + column).abs().total_cmp(&matrix.at(b * size + column).abs())
        })?;
        let scale = matrix.at(pivot * size + column);
        if scale.abs() < 1e-11 {
            return None;
        }
        for list in [&mut matrix, &mut inverse] {
            swap_rows(list, size, pivot, column);
            let row: Vec<f64> =
                list.get(column * size..(column + 1) * size)?.iter().map(|v| v / scale).collect();
            list.get_mut(column * size..(column + 1) * size)?.copy_from_slice(&row);
        }
        let line = matrix.get(column * size..(column + 1) * size)?.to_vec();
        let turned = inverse.get(column * size..(column + 1) * size)?.to_vec();
        for row in (0..size).filter(|row| *row != column) {
            let factor = matrix.at(row * size + column);
            if factor == 0.0 {
                continue;
            }
            let own = matrix.get_mut(row * size..(row + 1) * size)?;
            own.iter_mut().zip(&line).for_each(|(own, part)| *own -= factor * part);
            let own = inverse.get_mut(row * size..(row + 1) * size)?;
            own.iter_mut().zip(&turned).for_each(|(own, part)| *own -= factor * part);
        }
    }
    Some(inverse)
}

fn swap_rows(list: &mut [f64], size: usize, one: usize, other: usize) {
    for k in 0..size {
        let (a, b) = (list.at(one * size + k), list.at(other * size + k));
        list.put(one * size + k, b);
        list.put(other * size + k, a);
    }
}
