//! Looking into a condition's parsed tree: what it may contain, what it reads, what it rests on.

use std::sync::Arc;

use cedar_policy::pst::{BinaryOp, Expr, Literal, UnaryOp, Var};

use crate::document::nearest;

use super::grammar::{Complaint, Side};
use super::{Key, Kind};

/// May a condition on this side read this key?
pub(super) const fn may_read(side: Side, key: Key) -> bool {
    match side {
        Side::Rule => !matches!(key, Key::DurationMinutes),
        Side::Guard => true,
    }
}

/// Takes only literals, `context.KEY` and operators on them.
pub(super) fn check(tree: &Expr, side: Side) -> Result<(), Complaint> {
    for key in reads(tree)? {
        if !may_read(side, key) {
            let name = key.as_str();
            return Err(Complaint::new(format!(
                "a rule can't read context.{name}; its max_duration says that"
            )));
        }
    }
    check_words(tree)
}

/// What it reads, sorted; or what it contains that it may not.
pub(super) fn reads(tree: &Expr) -> Result<Vec<Key>, Complaint> {
    let mut keys = Vec::new();
    collect(tree, &mut keys)?;
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

fn collect(tree: &Expr, keys: &mut Vec<Key>) -> Result<(), Complaint> {
    if let Expr::GetAttr { expr, attr } = tree
        && **expr == Expr::Var(Var::Context)
    {
        keys.push(key_named(attr)?);
        return Ok(());
    }
    for part in parts(tree)? {
        collect(part, keys)?;
    }
    Ok(())
}

fn key_named(name: &str) -> Result<Key, Complaint> {
    Key::named(name).ok_or_else(|| {
        let near = nearest(name, Key::ALL.map(Key::as_str));
        Complaint {
            message: format!("there is no context.{}", name.escape_debug()),
            suggestion: near.map(|near| format!("context.{near}")),
        }
    })
}

/// The parts of an operation that may be used; a complaint about any other.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "Cedar may add kinds of expressions; none is let in unasked"
)]
fn parts(tree: &Expr) -> Result<Vec<&Expr>, Complaint> {
    match tree {
        Expr::Literal(Literal::Bool(_) | Literal::Long(_) | Literal::String(_)) => Ok(Vec::new()),
        Expr::UnaryOp {
            op: UnaryOp::Not | UnaryOp::Neg,
            expr,
        } => Ok(vec![expr]),
        Expr::BinaryOp {
            op:
                BinaryOp::Eq
                | BinaryOp::NotEq
                | BinaryOp::Less
                | BinaryOp::LessEq
                | BinaryOp::Greater
                | BinaryOp::GreaterEq
                | BinaryOp::And
                | BinaryOp::Or
                | BinaryOp::Add
                | BinaryOp::Sub
                | BinaryOp::Mul
                | BinaryOp::Contains,
            left,
            right,
        } => Ok(vec![left, right]),
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => Ok(vec![cond, then_expr, else_expr]),
        Expr::Set(items) => Ok(items.iter().map(Arc::as_ref).collect()),
        other => Err(Complaint::new(format!(
            "may only compare context.KEY with values; this can't be used here: {other}"
        ))),
    }
}

/// A word that `context.employment` or `context.platform` can't be is a slip that would never match.
fn check_words(tree: &Expr) -> Result<(), Complaint> {
    if let Expr::BinaryOp { left, right, .. } = tree {
        for (key, other) in [(key_of(left), right), (key_of(right), left)] {
            let Some(Kind::Word(words)) = key.map(Key::kind) else {
                continue;
            };
            for literal in literals(other) {
                if let Literal::String(word) = literal
                    && !words.contains(&word.as_str())
                {
                    return Err(Complaint {
                        message: format!("compares with {word:?}, which it never is"),
                        suggestion: nearest(word, words.iter().copied()).map(str::to_owned),
                    });
                }
            }
        }
    }
    parts_or_none(tree).into_iter().try_for_each(check_words)
}

/// `context.KEY` itself.
pub(super) fn key_of(tree: &Expr) -> Option<Key> {
    if let Expr::GetAttr { expr, attr } = tree
        && **expr == Expr::Var(Var::Context)
    {
        return Key::named(attr);
    }
    None
}

/// A literal, or all items of a set of literals.
pub(super) fn literals(tree: &Expr) -> Vec<&Literal> {
    if let Expr::Set(items) = tree {
        return items.iter().flat_map(|item| literals(item)).collect();
    }
    if let Expr::Literal(literal) = tree {
        vec![literal]
    } else {
        Vec::new()
    }
}

/// The parts of a tree that was checked.
pub(super) fn parts_or_none(tree: &Expr) -> Vec<&Expr> {
    if key_of(tree).is_some() {
        Vec::new()
    } else {
        parts(tree).unwrap_or_default()
    }
}

/// The parts that are joined by `&&` on top; the tree itself if there are none.
pub(super) fn conjuncts(tree: &Arc<Expr>) -> Vec<&Arc<Expr>> {
    if let Expr::BinaryOp {
        op: BinaryOp::And,
        left,
        right,
    } = &**tree
    {
        let mut both = conjuncts(left);
        both.extend(conjuncts(right));
        return both;
    }
    vec![tree]
}

/// Is it `context.KEY` or `!context.KEY`, so that the value says it all?
pub(super) fn is_plain(tree: &Expr) -> bool {
    if let Expr::UnaryOp {
        op: UnaryOp::Not,
        expr,
    } = tree
    {
        return key_of(expr).is_some();
    }
    key_of(tree).is_some()
}

/// The ways in which a condition can become true, each by what it rests on: claims, evidence, both or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Support([bool; 4]);

const CLAIMS: usize = 1;
const EVIDENCE: usize = 2;

impl Support {
    const NEVER: Self = Self([false; 4]);

    /// Is there a way that rests on claims and on nothing that supports them?
    pub(super) const fn has_claims_alone(self) -> bool {
        self.0[CLAIMS]
    }

    fn by(kind: usize) -> Self {
        let mut ways = Self::NEVER;
        ways.0[kind] = true;
        ways
    }

    fn either(self, other: Self) -> Self {
        Self(std::array::from_fn(|kind| self.0[kind] || other.0[kind]))
    }

    fn both(self, other: Self) -> Self {
        let mut ways = Self::NEVER;
        for left in 0..4 {
            for right in 0..4 {
                ways.0[left | right] |= self.0[left] && other.0[right];
            }
        }
        ways
    }
}

/// What a condition is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    True,
    False,
}

impl Wanted {
    const fn opposite(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
        }
    }
}

/// The ways in which the tree can become what is wanted.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever isn't logic is judged by what it reads"
)]
pub(super) fn support(tree: &Expr, wanted: Wanted) -> Support {
    match tree {
        Expr::Literal(Literal::Bool(value)) if *value == (wanted == Wanted::True) => Support::by(0),
        Expr::Literal(Literal::Bool(_)) => Support::NEVER,
        Expr::UnaryOp {
            op: UnaryOp::Not,
            expr,
        } => support(expr, wanted.opposite()),
        Expr::BinaryOp {
            op: op @ (BinaryOp::And | BinaryOp::Or),
            left,
            right,
        } => {
            let (left, right) = (support(left, wanted), support(right, wanted));
            if (*op == BinaryOp::And) == (wanted == Wanted::True) {
                left.both(right)
            } else {
                left.either(right)
            }
        }
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => {
            let then = support(cond, Wanted::True).both(support(then_expr, wanted));
            then.either(support(cond, Wanted::False).both(support(else_expr, wanted)))
        }
        atom => {
            let keys = reads(atom).unwrap_or_default();
            let claims = usize::from(keys.iter().any(|key| key.is_claim())) * CLAIMS;
            let evidence = usize::from(keys.iter().any(|key| key.is_evidence())) * EVIDENCE;
            Support::by(claims | evidence)
        }
    }
}
