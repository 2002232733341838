//! Weigh: how much each child of a group counts. Weights of a group sum to one.

use super::{Budget, Fault, Question, Weights, components, question::Child};

/// The weights of a group's children, in their order. `columns` are the children's own.
pub fn of_group(
    question: &Question,
    group: usize,
    children: &[Child],
    columns: &[&[f64]],
) -> Result<Vec<f64>, Fault> {
    let raw = match &question.method.weights {
        Weights::Given => children.iter().map(|child| given(question, *child)).collect(),
        Weights::Equal => vec![1.0; children.len()],
        Weights::Budget(budget) => shares(question, budget, children),
        Weights::Components => components::first(columns, group)?,
    };
    to_one(&raw).ok_or(Fault::Weight { group })
}

fn given(question: &Question, child: Child) -> f64 {
    let weight = match child {
        Child::Indicator(place) => question.indicators.get(place).map(|own| own.weight),
        Child::Group(place) => question.groups.get(place).map(|own| own.weight),
    };
    weight.unwrap_or(0.0)
}

/// Every expert's points come to one in each group; the weights are the means over the experts who gave any.
fn shares(question: &Question, budget: &Budget, children: &[Child]) -> Vec<f64> {
    let mut sums = vec![0.0; children.len()];
    for expert in &budget.points {
        let point = |child: &Child| {
            let place = match child {
                Child::Indicator(place) => *place,
                Child::Group(place) => question.indicators.len() + place,
            };
            expert.get(place).copied().unwrap_or(0.0)
        };
        let points: Vec<f64> = children.iter().map(point).collect();
        if let Some(points) = to_one(&points) {
            sums.iter_mut().zip(points).for_each(|(sum, point)| *sum += point);
        }
    }
    sums
}

/// Divided by their sum; nothing if that is nothing.
pub fn to_one(raw: &[f64]) -> Option<Vec<f64>> {
    let sum: f64 = raw.iter().sum();
    (sum.is_finite() && sum > 0.0).then(|| raw.iter().map(|weight| weight / sum).collect())
}
