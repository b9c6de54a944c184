//! Decimal numbers to the nearest f64, ties to even (engine.md 1.6), without tables: a first guess, then exact
//! comparison with the halves beside it (Clinger 1990, algorithm R). The standard library does the same faster with a
//! table of 10 KB, which a page would have to load.

/// Digits beyond these only tell "a little more".
const DIGITS: usize = 800;

/// The f64 nearest to a number in JSON's form; infinite if it is too large.
pub(crate) fn to_f64(text: &str) -> f64 {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let magnitude = nearest(&Decimal::read(text));
    if negative { -magnitude } else { magnitude }
}

/// `digits` as a whole number, times ten to the `exponent`.
struct Decimal {
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    fn read(text: &str) -> Self {
        let mut decimal = Self { digits: Vec::new(), exponent: 0 };
        let mut bytes = text.bytes();
        let (mut fraction, mut more) = (false, false);
        for byte in bytes.by_ref() {
            match byte {
                b'.' => fraction = true,
                b'0'..=b'9' => {
                    decimal.exponent -= i64::from(fraction);
                    if decimal.digits.len() < DIGITS {
                        if byte != b'0' || !decimal.digits.is_empty() {
                            decimal.digits.push(byte - b'0');
                        }
                    } else {
                        decimal.exponent += 1;
                        more |= byte != b'0';
                    }
                }
                _ => break,
            }
        }
        // What is left is the exponent's own text, without its `e`.
        let (mut negative, mut written) = (false, 0i64);
        for byte in bytes {
            match byte {
                b'-' => negative = true,
                b'0'..=b'9' => written = (written * 10 + i64::from(byte - b'0')).min(1_000_000),
                _ => {}
            }
        }
        decimal.exponent += if negative { -written } else { written };
        if more {
            decimal.digits.push(1);
            decimal.exponent -= 1;
        }
        while decimal.digits.last() == Some(&0) {
            decimal.digits.pop();
            decimal.exponent += 1;
        }
        decimal
    }
}

fn nearest(decimal: &Decimal) -> f64 {
    let size = decimal.digits.len() as i64 + decimal.exponent;
    if decimal.digits.is_empty() || size < -330 {
        return 0.0;
    }
    if size > 310 {
        return f64::INFINITY;
    }
    let mut mantissa = 0u64;
    for digit in decimal.digits.iter().take(19) {
        mantissa = mantissa * 10 + u64::from(*digit);
    }
    let cut = decimal.digits.len().saturating_sub(19) as i64;
    let scale = decimal.exponent + cut;
    // Both are exact, and one operation on exact numbers is rounded correctly.
    let exact = cut == 0 && mantissa < 1 << 53 && scale.abs() <= 22;
    let guess = scaled(mantissa as f64, scale);
    if exact { guess } else { corrected(decimal, guess.clamp(f64::from_bits(1), f64::MAX)) }
}

/// `number` times ten to the `scale`; exact up to 22 if the number is.
fn scaled(number: f64, scale: i64) -> f64 {
    let power = |mut exponent: u64| {
        let (mut power, mut square) = (1.0, 10.0);
        while exponent > 0 {
            if exponent & 1 == 1 {
                power *= square;
            }
            square *= square;
            exponent >>= 1;
        }
        power
    };
    match scale {
        0.. => number * power(scale.unsigned_abs()),
        // In two steps, so that the power itself does not overflow.
        -300..0 => number / power(scale.unsigned_abs()),
        _ => number / power(300) / power(scale.unsigned_abs() - 300),
    }
}

/// Steps from a guess to the nearest, by exact comparison.
fn corrected(decimal: &Decimal, mut guess: f64) -> f64 {
    loop {
        let bits = guess.to_bits();
        let (fraction, raised) = (bits & ((1 << 52) - 1), (bits >> 52) as i64);
        let (m, k) = if raised == 0 { (fraction, -1_074) } else { (fraction | 1 << 52, raised - 1_075) };
        // Above: is it past the half to the next? Below: is it past the half to the one before, which is nearer where
        // the guess is a power of two?
        let above = compare(decimal, 2 * m + 1, k - 1);
        let lowest = fraction == 0 && raised > 1;
        let below = if lowest {
            compare(decimal, 4 * m - 1, k - 2)
        } else {
            compare(decimal, (2 * m).saturating_sub(1), k - 1)
        };
        let odd = m & 1 == 1;
        if above.is_gt() || (above.is_eq() && odd) {
            guess = f64::from_bits(bits + 1);
            if guess.is_infinite() {
                return guess;
            }
        } else if m > 0 && (below.is_lt() || (below.is_eq() && odd)) {
            guess = f64::from_bits(bits - 1);
        } else {
            return guess;
        }
    }
}

/// The decimal against `m` times two to the `k`, exactly.
fn compare(decimal: &Decimal, m: u64, k: i64) -> std::cmp::Ordering {
    let mut left = Big(Vec::new());
    for digit in &decimal.digits {
        left.multiply_add(10, u32::from(*digit));
    }
    let mut right = Big(vec![m as u32, (m >> 32) as u32]);
    // Ten to the e is five to the e times two to the e; the twos meet those of `k`.
    let fives = if decimal.exponent > 0 { &mut left } else { &mut right };
    for _ in 0..decimal.exponent.unsigned_abs() {
        fives.multiply_add(5, 0);
    }
    let twos = decimal.exponent - k;
    if twos > 0 {
        left.shift(twos.unsigned_abs())
    } else {
        right.shift(twos.unsigned_abs())
    }
    left.compare(&right)
}

/// A whole number of any size, its lowest 32 bits first.
struct Big(Vec<u32>);

impl Big {
    fn multiply_add(&mut self, factor: u32, add: u32) {
        let mut carry = u64::from(add);
        for part in &mut self.0 {
            carry += u64::from(*part) * u64::from(factor);
            *part = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn shift(&mut self, by: u64) {
        self.multiply_add(1 << (by % 32), 0);
        let zeros = vec![0; (by / 32) as usize];
        self.0.splice(0..0, zeros);
    }

    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let part = |big: &Self, place| big.0.get(place).copied().unwrap_or(0);
        for place in (0..self.0.len().max(other.0.len())).rev() {
            let ordering = part(self, place).cmp(&part(other, place));
            if ordering.is_ne() {
                return ordering;
            }
        }
        std::cmp::Ordering::Equal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(text: &str) {
        let expected: f64 = text.parse().unwrap();
        assert_eq!(to_f64(text).to_bits(), expected.to_bits(), "{text}");
    }

    #[test]
    fn the_hard_cases_are_those_of_the_standard_library() {
        for text in [
            "0",
            "0.0",
            "-0.0",
            "1",
            "0.1",
            "0.2",
            "0.30000000000000004",
            "1e22",
            "1e23",
            "9007199254740993",
            "9007199254740992.5",
            "9007199254740993.0000000000000000000000001",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "4.9406564584124654e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e-400",
            // Just below a power of two, where the number before it is nearer; and where it is not.
            "0.99999999999999991118",
            "0.99999999999999999",
            "2.225073858507201234870538964958e-308",
            "2.225073858507201086650845212584e-308",
            "1e400",
            "123456789012345678901234567890",
            "0.000001",
            "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880",
            "8.5e-1",
            "6.0221407600000000000000000000000001e23",
            "1e0000000000000000000001",
            "1e-99999999999999999999",
        ] {
            same(text);
            if !text.starts_with('-') {
                same(&format!("-{text}"));
            }
        }
        // Exactly half way between two neighbours, with and without a little more.
        let half = format!("1.{}", "00000000000000011102230246251565404236316680908203125");
        same(&half);
        same(&format!("{half}{}", "0".repeat(900)));
        same(&format!("{half}{}1", "0".repeat(900)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

        #[test]
        fn any_decimal_is_rounded_as_the_standard_library_does(whole in "[1-9][0-9]{0,25}|0", fraction in "[0-9]{1,25}", exponent in -345..330i32) {
            same(&format!("{whole}.{fraction}"));
            same(&format!("{whole}.{fraction}e{exponent}"));
            same(&format!("{whole}E{exponent}"));
        }

        #[test]
        fn what_is_printed_is_read_back(bits in any::<u64>()) {
            let float = f64::from_bits(bits);
            if float.is_finite() {
                prop_assert_eq!(to_f64(&format!("{float:e}")).to_bits(), bits);
                prop_assert_eq!(to_f64(&format!("{float}")).to_bits(), bits);
            }
        }
    }
}
