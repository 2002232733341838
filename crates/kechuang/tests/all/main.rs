//! The slow tests of the house.
