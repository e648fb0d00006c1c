//! Loading: bytes become a text whose lines can be counted, without the data that nobody reads.
