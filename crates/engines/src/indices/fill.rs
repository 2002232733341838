//! Fill: values are divided by their denominators, and what is missing is put in.

use super::{Columns, Fault, Fill, Question};

/// Values divided by what they are measured against. Where that is missing, so is the result.
pub fn denominated(question: &Question) -> Result<Columns, Fault> {
    let mut columns = Vec::with_capacity(question.values.len());
    for (indicator, (column, own)) in question.values.iter().zip(&question.indicators).enumerate() {
        let Some(place) = own.denominator else {
            columns.push(column.clone());
            continue;
        };
        let below = question.denominators.get(place).ok_or(Fault::Shape)?;
        if let Some(unit) = below.iter().position(|value| *value == 0.0 || value.is_infinite()) {
            return Err(Fault::Denominator { indicator, unit });
        }
        columns.push(column.iter().zip(below).map(|(value, below)| value / below).collect());
    }
    Ok(columns)
}

/// Columns without gaps, as far as there is anything to fill them with.
pub fn filled(columns: &Columns, fill: Fill, peers: &[u32]) -> Columns {
    columns.iter().map(|column| one(column, fill, peers)).collect()
}

fn one(column: &[f64], fill: Fill, peers: &[u32]) -> Vec<f64> {
    if fill == Fill::Nothing || !column.iter().any(|value| value.is_nan()) {
        return column.to_vec();
    }
    if matches!(fill, Fill::PeerMean | Fill::PeerMedian) {
        let groups = peers.iter().max().map_or(0, |last| *last as usize + 1);
        let mut by_peers: Vec<Vec<f64>> = vec![Vec::new(); groups];
        for (value, peer) in column.iter().zip(peers).filter(|(value, _)| !value.is_nan()) {
            by_peers.get_mut(*peer as usize).into_iter().for_each(|list| list.push(*value));
        }
        let middles: Vec<f64> = by_peers.iter_mut().map(|list| middle(list, fill)).collect();
        let own = |peer: &u32| middles.get(*peer as usize).copied().unwrap_or(f64::NAN);
        return column
            .iter()
            .zip(peers)
            .map(|(value, peer)| if value.is_nan() { own(peer) } else { *value })
            .collect();
    }
    let mut present: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
    let filling = middle(&mut present, fill);
    column.iter().map(|value| if value.is_nan() { filling } else { *value }).collect()
}

/// The value to put in, from those that are there; no number where there are none.
fn middle(present: &mut [f64], fill: Fill) -> f64 {
    match fill {
        Fill::Constant(value) => value,
        Fill::Nothing => f64::NAN,
        _ if present.is_empty() => f64::NAN,
        Fill::Mean | Fill::PeerMean => present.iter().sum::<f64>() / present.len() as f64,
        Fill::Median | Fill::PeerMedian => {
            present.sort_unstable_by(f64::total_cmp);
            let at = |place: usize| present.get(place).copied().unwrap_or(f64::NAN);
            let (low, high) = (at((present.len() - 1) / 2), at(present.len() / 2));
            (low + high) / 2.0
        }
    }
}
