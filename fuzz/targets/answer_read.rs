//! Reading an answer in passing gives the same whether it comes whole or torn, keeps a bounded amount, and never fails.

use wire::{
    answer::{Answer, BodyReader, StreamReader},
    dialect::Form,
    limits,
};

/// One input: a byte that seeds the sizes of the pieces, and the answer.
pub fn run(data: &[u8]) {
    let [seed, answer @ ..] = data else { return };
    for form in Form::ALL {
        let whole = read(form, answer, 0);
        assert_eq!(whole, read(form, answer, *seed));
        let (body, stream) = whole;
        for answer in [body, stream] {
            assert!(answer.served.len() <= limits::SERVED_MODELS);
            assert!(answer.served.iter().all(|model| model.len() <= limits::MODEL_BYTES));
        }
    }
}

/// As a body, and as a stream.
fn read(form: Form, answer: &[u8], seed: u8) -> (Answer, Answer) {
    let (mut body, mut stream) = (BodyReader::new(form), StreamReader::new(form));
    let (mut rest, mut state) = (answer, u32::from(seed));
    while !rest.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = if seed == 0 { rest.len() } else { (state >> 27) as usize + 1 };
        let (piece, later) = rest.split_at(size.min(rest.len()));
        body.push(piece);
        stream.push(piece);
        rest = later;
    }
    (body.answer().clone(), stream.answer().clone())
}
