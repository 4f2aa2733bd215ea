//! Trees and proofs: the certificate-transparency project's reference tree, and the definition in RFC 6962.

use proptest::prelude::*;

use super::{hash, head};
use crate::log::{Frontier, Nodes, ProofError, TreeHash};

/// The eight leaves of the reference tree.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// Its root after each leaf.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

struct Tree {
    frontier: Frontier,
    nodes: Nodes,
    leaves: Vec<TreeHash>,
}

fn tree<L: AsRef<[u8]>>(leaves: impl IntoIterator<Item = L>) -> Tree {
    let mut tree = Tree {
        frontier: Frontier::new(),
        nodes: Nodes::new(),
        leaves: Vec::new(),
    };
    for leaf in leaves {
        let leaf = TreeHash::of_leaf(leaf.as_ref());
        let kept = tree.frontier.append(leaf);
        tree.nodes.insert(tree.frontier.size(), &kept);
        tree.leaves.push(leaf);
    }
    tree
}

fn reference(size: usize) -> Tree {
    tree(LEAVES[..size].iter().map(|leaf| hex::decode(leaf).unwrap()))
}

/// MTH of RFC 6962 section 2.1, word by word.
fn defined_root(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => TreeHash::EMPTY,
        [leaf] => *leaf,
        many => {
            let half = many.len().next_power_of_two() / 2;
            let (left, right) = many.split_at(half);
            TreeHash::of_nodes(defined_root(left), defined_root(right))
        }
    }
}

#[test]
fn the_empty_tree_is_the_hash_of_nothing() {
    let empty = hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(Frontier::new().root(), empty);
    assert_eq!(TreeHash::EMPTY, empty);
}

#[test]
fn the_reference_tree_has_its_published_roots() {
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(reference(size).frontier.root(), hash(root), "size {size}");
    }
}

#[test]
fn nodes_of_the_reference_tree_are_kept_where_proofs_find_them() {
    // The published audit path of the first leaf in the tree of eight is made of exactly these.
    let path = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    let mut frontier = Frontier::new();
    let kept: Vec<_> = LEAVES
        .iter()
        .map(|leaf| frontier.append(TreeHash::of_leaf(&hex::decode(leaf).unwrap())))
        .collect();
    assert_eq!([kept[1][0], kept[3][1], kept[7][2]], path.map(hash));
    assert_eq!(kept[7][3], hash(ROOTS[7]));
    assert_eq!(Nodes::for_inclusion(&[1], 8), [2, 4, 8].into());
}

#[test]
fn each_record_of_the_reference_tree_is_proven_and_no_other() {
    for size in 1..=8 {
        let tree = reference(size);
        let head = head(&tree.frontier);
        for (seq, &leaf) in (1..).zip(&tree.leaves) {
            tree.nodes.check_inclusion(seq, leaf, &head).unwrap();
            let other = TreeHash::of_leaf(b"other");
            let refused = tree.nodes.check_inclusion(seq, other, &head);
            assert_eq!(refused, Err(ProofError::NotIncluded));
        }
        for outside in [0, size as u64 + 1, u64::MAX] {
            let refused = tree.nodes.check_inclusion(outside, tree.leaves[0], &head);
            assert_eq!(refused, Err(ProofError::NotIncluded));
        }
    }
}

#[test]
fn a_proof_with_too_few_nodes_fails() {
    let tree = reference(8);
    let refused = Nodes::new().check_inclusion(1, tree.leaves[0], &head(&tree.frontier));
    assert_eq!(refused, Err(ProofError::Missing));
}

#[test]
fn a_shorter_log_is_extended_only_by_the_one_that_begins_with_it() {
    let long = reference(8);
    for size in 0..=8 {
        let short = head(&reference(size).frontier);
        long.nodes
            .check_extension(&short, &head(&long.frontier))
            .unwrap();

        let mut forged = short.clone();
        forged.root = TreeHash::of_leaf(b"another history");
        let refused = long.nodes.check_extension(&forged, &head(&long.frontier));
        assert_eq!(refused, Err(ProofError::NotExtended), "size {size}");
    }
    let refused = long
        .nodes
        .check_extension(&head(&long.frontier), &head(&reference(7).frontier));
    assert_eq!(refused, Err(ProofError::NotExtended));
}

#[test]
fn a_stored_frontier_is_read_back_or_refused() {
    let tree = reference(7);
    let bytes = tree.frontier.to_bytes();
    assert_eq!(Frontier::from_bytes(&bytes).unwrap(), tree.frontier);
    for wrong in [&bytes[..bytes.len() - 1], &bytes[..8], &bytes[..3], &[]] {
        assert!(Frontier::from_bytes(wrong).is_err());
    }
}

proptest! {
    #[test]
    fn a_frontier_comes_to_the_defined_root(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 0..200)) {
        let tree = tree(&leaves);
        prop_assert_eq!(tree.frontier.root(), defined_root(&tree.leaves));
        prop_assert_eq!(tree.frontier.size(), leaves.len() as u64);
    }

    #[test]
    fn the_named_nodes_are_enough_for_a_proof(size in 1_u64..300, at in any::<prop::sample::Index>(), old in any::<prop::sample::Index>()) {
        let whole = tree((0..size).map(u64::to_be_bytes));
        let kept = |seqs: &std::collections::BTreeSet<u64>| {
            let mut frontier = Frontier::new();
            let mut nodes = Nodes::new();
            for seq in 1..=size {
                let kept = frontier.append(whole.leaves[usize::try_from(seq).unwrap() - 1]);
                if seqs.contains(&seq) {
                    nodes.insert(seq, &kept);
                }
            }
            nodes
        };
        let length = usize::try_from(size).unwrap();
        let newest = head(&whole.frontier);

        let index = at.index(length);
        let seq = index as u64 + 1;
        let nodes = kept(&Nodes::for_inclusion(&[seq], size));
        prop_assert_eq!(nodes.check_inclusion(seq, whole.leaves[index], &newest), Ok(()));

        let older = old.index(length) as u64 + 1;
        let nodes = kept(&Nodes::for_extension(older, size));
        let older = head(&tree((0..older).map(u64::to_be_bytes)).frontier);
        prop_assert_eq!(nodes.check_extension(&older, &newest), Ok(()));
    }
}
