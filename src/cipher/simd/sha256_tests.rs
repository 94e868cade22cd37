//! Two messages at once give what each gives by itself.

use super::{machine, sha256_pair};
use crate::crypto::{Sha256, sha256};

/// The digest of one message, by the cryptographic library.
fn expected(head: &[u8], body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(head);
    hash.update(body);
    hash.finish()
}

fn bytes(seed: usize, length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((seed * 31 + at * 7 + at / 251) % 256).expect("a byte")).collect()
}

/// The digests, and that the instructions of this processor give them too where it has some.
fn check(heads: [&[u8]; 2], bodies: [&[u8]; 2]) {
    let expected = [expected(heads[0], bodies[0]), expected(heads[1], bodies[1])];
    let lengths = (heads.map(<[u8]>::len), bodies.map(<[u8]>::len));
    assert_eq!(sha256_pair(heads, bodies), expected, "{lengths:?}");
    if let Some(pair) = machine::sha256_pair(heads, bodies) {
        assert_eq!(pair, expected, "at once, {lengths:?}");
    }
}

#[test]
fn examples_of_the_standard() {
    let abc = sha256(b"abc");
    assert_eq!(abc[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(sha256_pair([b"a", b""], [b"bc", b"abc"]), [abc, abc]);
    assert_eq!(sha256_pair([b"a", b"a"], [b"bc", b"bc"]), [abc, abc]);
}

#[test]
fn every_length_and_alignment_agrees_with_one_at_a_time() {
    let (heads, bodies) = (bytes(1, 130), bytes(2, 8400));
    for head in [0, 1, 9, 55, 56, 63] {
        for body in (0..330).chain([4096, 4123, 4124, 4125]) {
            for start in [0, 1, 13] {
                check(
                    [&heads[..head], &heads[64..64 + head]],
                    [&bodies[start..][..body], &bodies[4200 + start..][..body]],
                );
            }
        }
    }
}

#[test]
fn messages_of_different_lengths_are_hashed_too() {
    let (head, body) = (bytes(3, 80), bytes(4, 300));
    for lengths in [(0, 1), (63, 64), (300, 0), (120, 119)] {
        check([&head[..9], &head[..9]], [&body[..lengths.0], &body[..lengths.1]]);
        check([&head[..8], &head[..9]], [&body[..100], &body[..100]]);
        check([&head[..70], &head[..70]], [&body[..lengths.0], &body[..lengths.1]]);
    }
}
