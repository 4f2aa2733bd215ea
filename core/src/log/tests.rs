//! The log against published vectors, against itself, and against somebody who rewrites it.

mod audit;
mod canonical;
mod key;
mod tree;

use super::{Frontier, Head, SigningKey, TreeHash};

const ORIGIN: &str = "breakglass.example.com/log";

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, [7; 32]).unwrap()
}

fn head(frontier: &Frontier) -> Head {
    Head {
        origin: ORIGIN.to_owned(),
        size: frontier.size(),
        root: frontier.root(),
    }
}

fn hash(hex: &str) -> TreeHash {
    TreeHash::try_from(hex.to_owned()).unwrap()
}
