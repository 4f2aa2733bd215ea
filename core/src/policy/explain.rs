//! Explaining a ruling.
