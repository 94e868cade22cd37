//! SHA-256 (FIPS 180-4, 6.2) of two messages at once: each instruction waits for the one before it in its message, and the
//! other message fills the time.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32, _mm_loadu_si128, _mm_set_epi8, _mm_set_epi32,
    _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
    _mm_shuffle_epi32,
};

/// Bytes that are compressed at a time.
const BLOCK: usize = 64;
/// Bytes behind a message at least: one that marks its end, and its length in bits.
const ENDING: usize = 9;

/// FIPS 180-4, 5.3.3.
const START: [u32; 8] =
    [0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19];

/// FIPS 180-4, 4.2.2, in the order of use.
const ROUNDS: [[u32; 4]; 16] = [
    [0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5],
    [0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5],
    [0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3],
    [0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174],
    [0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC],
    [0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA],
    [0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7],
    [0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967],
    [0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13],
    [0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85],
    [0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3],
    [0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070],
    [0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5],
    [0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3],
    [0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208],
    [0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2],
];

/// The digests of two messages, each in two parts. None where the processor lacks the instructions, and for messages that
/// differ in the length of a part or whose first part fills a block.
pub(in super::super) fn sha256_pair(heads: [&[u8]; 2], bodies: [&[u8]; 2]) -> Option<[[u8; 32]; 2]> {
    let [one, other] = [0, 1].map(|message| (heads[message].len(), bodies[message].len()));
    let has_instructions =
        is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1") && is_x86_feature_detected!("ssse3");
    // SAFETY: the processor has the instructions.
    (has_instructions && one == other && one.0 < BLOCK).then(|| unsafe { pair(heads, bodies) })
}

/// The digests of two messages of the same length, each in two parts of which the first is shorter than a block.
///
/// # Safety
/// The processor has the instructions.
#[target_feature(enable = "sha,sse4.1,ssse3")]
unsafe fn pair(heads: [&[u8]; 2], bodies: [&[u8]; 2]) -> [[u8; 32]; 2] {
    let lead = heads[0].len();
    let total = lead + bodies[0].len();
    let mut states = [State::start(), State::start()];
    let mut edges = [[0; BLOCK]; 2];
    for at in (0..total + ENDING).step_by(BLOCK) {
        // Inside of the bodies nothing is copied.
        let inside = at
            .checked_sub(lead)
            .filter(|_| at + BLOCK <= total)
            .and_then(|at| Some([bodies[0].get(at..)?.first_chunk()?, bodies[1].get(at..)?.first_chunk()?]));
        if let Some(blocks) = inside {
            compress(&mut states, blocks);
            continue;
        }
        for (edge, (head, body)) in edges.iter_mut().zip(heads.into_iter().zip(bodies)) {
            fill(edge, at, head, body);
        }
        compress(&mut states, [&edges[0], &edges[1]]);
    }
    let [one, other] = states;
    [one.digest(), other.digest()]
}

/// A block that holds an end of a message.
fn fill(block: &mut [u8; BLOCK], at: usize, head: &[u8], body: &[u8]) {
    let total = head.len() + body.len();
    *block = [0; BLOCK];
    let rest = body.iter().skip(at.saturating_sub(head.len()));
    for (byte, from) in block.iter_mut().zip(head.iter().skip(at).chain(rest)) {
        *byte = *from;
    }
    if let Some(mark) = total.checked_sub(at).and_then(|end| block.get_mut(end)) {
        *mark = 0x80;
    }
    if at + BLOCK >= total + ENDING {
        let bits = total as u64 * 8;
        block[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
    }
}

/// The eight words of a digest in the order that the instructions want.
#[derive(Copy, Clone)]
struct State {
    abef: __m128i,
    cdgh: __m128i,
}

impl State {
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn start() -> Self {
        let [a, b, c, d, e, f, g, h] = START.map(u32::cast_signed);
        Self { abef: _mm_set_epi32(a, b, e, f), cdgh: _mm_set_epi32(c, d, g, h) }
    }

    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn digest(self) -> [u8; 32] {
        let Self { abef, cdgh } = self;
        let words = [
            _mm_extract_epi32::<3>(abef),
            _mm_extract_epi32::<2>(abef),
            _mm_extract_epi32::<3>(cdgh),
            _mm_extract_epi32::<2>(cdgh),
            _mm_extract_epi32::<1>(abef),
            _mm_extract_epi32::<0>(abef),
            _mm_extract_epi32::<1>(cdgh),
            _mm_extract_epi32::<0>(cdgh),
        ];
        let mut digest = [0; 32];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn compress(states: &mut [State; 2], blocks: [&[u8; BLOCK]; 2]) {
    let big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    let mut words = [[_mm_setzero_si128(); 4]; 2];
    for (words, block) in words.iter_mut().zip(blocks) {
        for (words, bytes) in words.iter_mut().zip(block.as_chunks::<16>().0) {
            // SAFETY: 16 bytes.
            *words = _mm_shuffle_epi8(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }, big_endian);
        }
    }
    let mut now = *states;
    for (quarter, rounds) in ROUNDS.as_chunks::<4>().0.iter().enumerate() {
        for (group, constants) in rounds.iter().enumerate() {
            // SAFETY: 16 bytes.
            let constants = unsafe { _mm_loadu_si128(constants.as_ptr().cast()) };
            for (state, words) in now.iter_mut().zip(&mut words) {
                let sum = _mm_add_epi32(words[group], constants);
                state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, sum);
                state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_shuffle_epi32::<0x0E>(sum));
                // The last quarter needs no more words.
                if quarter < 3 {
                    let [first, second, third, fourth] = [0, 1, 2, 3].map(|after| words[(group + after) % 4]);
                    let earlier =
                        _mm_add_epi32(_mm_sha256msg1_epu32(first, second), _mm_alignr_epi8::<4>(fourth, third));
                    words[group] = _mm_sha256msg2_epu32(earlier, fourth);
                }
            }
        }
    }
    for (state, now) in states.iter_mut().zip(now) {
        state.abef = _mm_add_epi32(state.abef, now.abef);
        state.cdgh = _mm_add_epi32(state.cdgh, now.cdgh);
    }
}
