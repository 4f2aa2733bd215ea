//! Could a condition ever hold? Tried out, on the values that matter.

use std::collections::BTreeMap;

use cedar_policy::pst::{BinaryOp, Expr, Literal};

use crate::fact::Known;
use crate::policy::circumstances::{Circumstances, Value};

use super::tree::{key_of, literals, parts_or_none};
use super::{Condition, Holds, Key, Kind};

/// How many combinations are tried before it is taken to be possible.
const COMBINATIONS_MAX: usize = 2000;

/// `false` only if no combination of values makes it hold.
pub(super) fn is_possible(condition: &Condition) -> bool {
    let Some(samples) = samples(condition) else {
        return true;
    };
    let mut circumstances = Circumstances::default();
    let combinations: usize = samples.values().map(Vec::len).product();
    (0..combinations).any(|mut number| {
        for (key, values) in &samples {
            circumstances.set(*key, Known::Known(values[number % values.len()]));
            number /= values.len();
        }
        condition.holds(&circumstances) == Holds::Yes
    })
}

/// For each key that is read, values on both sides of everything it is compared with. `None` if a number
/// is used otherwise than compared with literals, or if there are too many combinations.
fn samples(condition: &Condition) -> Option<BTreeMap<Key, Vec<Value>>> {
    let mut borders: BTreeMap<Key, Vec<i64>> = BTreeMap::new();
    if !find_borders(&condition.tree, &mut borders) {
        return None;
    }
    let mut samples = BTreeMap::new();
    for key in condition.reads() {
        let values = match key.kind() {
            Kind::Bool => vec![Value::Bool(false), Value::Bool(true)],
            Kind::Word(words) => words.iter().map(|word| Value::Word(word)).collect(),
            Kind::Long(least, most) => {
                let near = borders.get(key).into_iter().flatten();
                let near = near.flat_map(|&at| [at.saturating_sub(1), at, at.saturating_add(1)]);
                let mut values: Vec<_> = near
                    .chain([least, most])
                    .filter(|v| (least..=most).contains(v))
                    .collect();
                values.sort_unstable();
                values.dedup();
                values.into_iter().map(Value::Long).collect()
            }
        };
        samples.insert(*key, values);
    }
    let combinations = samples
        .values()
        .try_fold(1_usize, |product, values| product.checked_mul(values.len()))?;
    (combinations <= COMBINATIONS_MAX).then_some(samples)
}

/// Collects what each number is compared with; `false` if one is used in another way.
fn find_borders(tree: &Expr, borders: &mut BTreeMap<Key, Vec<i64>>) -> bool {
    if let Expr::BinaryOp { op, left, right } = tree {
        if matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul) {
            return false;
        }
        for (key, other) in [(key_of(left), right), (key_of(right), left)] {
            let Some(key) = key.filter(|key| matches!(key.kind(), Kind::Long(..))) else {
                continue;
            };
            let compared = literals(other);
            if compared.is_empty() {
                return false;
            }
            borders
                .entry(key)
                .or_default()
                .extend(compared.into_iter().filter_map(long));
        }
    }
    parts_or_none(tree)
        .into_iter()
        .all(|part| find_borders(part, borders))
}

const fn long(literal: &Literal) -> Option<i64> {
    if let Literal::Long(number) = literal {
        Some(*number)
    } else {
        None
    }
}
