//! Elementary: logarithm, exponential, sine and cosine that are the same to the last bit on every machine.
//!
//! The library of a system may round them as it likes. These use additions, multiplications and divisions
//! in a fixed order and no fused steps, and lie within two units of the last place of the true value.

/// The natural logarithm of 2, in a part that multiplies without rounding and the rest.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 2⁵², whose last bit is worth one: adding to its bits adds to the number.
const TWO_52: f64 = 4_503_599_627_370_496.0;
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
const ONE: u64 = 0x3ff0_0000_0000_0000;
const DEGREE: f64 = std::f64::consts::PI / 180.0;

/// The natural logarithm. Of 0 it is −∞, of numbers below 0 and of no number it is no number.
#[must_use]
pub fn ln(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        f64::NAN
    } else if x == 0.0 {
        f64::NEG_INFINITY
    } else if x.is_infinite() {
        x
    } else if x < f64::MIN_POSITIVE {
        // 54 places up, so that it has a whole mantissa.
        ln_of_normal(x * 18_014_398_509_481_984.0) - 54.0 * std::f64::consts::LN_2
    } else {
        ln_of_normal(x)
    }
}

/// The same for a number that is above 0, finite and not tiny; without branches, so that loops become wide.
#[inline(always)]
#[must_use]
pub fn ln_of_normal(x: f64) -> f64 {
    let bits = x.to_bits();
    let m = f64::from_bits((bits & MANTISSA) | ONE);
    let exponent = f64::from_bits((bits >> 52) | TWO_52.to_bits()) - TWO_52 - 1023.0;
    // From √½ to √2, where the series is shortest.
    let is_high = m > std::f64::consts::SQRT_2;
    let m = if is_high { m * 0.5 } else { m };
    let exponent = if is_high { exponent + 1.0 } else { exponent };
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    // artanh: s + s³/3 + s⁵/5 + …; the tail is kept apart from f so that numbers near 1 stay exact.
    let mut tail = 2.0 / 25.0;
    for odd in [23.0, 21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        tail = tail * z + 2.0 / odd;
    }
    let half = 0.5 * f * f;
    let rest = half - (s * (half + z * tail) + exponent * LN2_LOW);
    exponent * LN2_HIGH - (rest - f)
}

/// e to the power of x.
#[must_use]
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 709.782_712_893_384 {
        return f64::INFINITY;
    }
    if x < -745.2 {
        return 0.0;
    }
    let k = (x / std::f64::consts::LN_2).round();
    let r = (x - k * LN2_HIGH) - k * LN2_LOW;
    let mut sum = 1.0;
    for n in (1..=14).rev() {
        sum = 1.0 + sum * r / f64::from(n);
    }
    // In two steps, so that neither factor leaves the range.
    let half = (k / 2.0).floor();
    sum * power_of_two(half) * power_of_two(k - half)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between −1022 and 1023")]
fn power_of_two(k: f64) -> f64 {
    f64::from_bits(((k + 1023.0) as u64) << 52)
}

/// One over n·(n+1) and over n·(n−1), from n = 16 down to 2: the steps of both series.
const SERIES: [(f64, f64); 8] = [
    (1.0 / 272.0, 1.0 / 240.0),
    (1.0 / 210.0, 1.0 / 182.0),
    (1.0 / 156.0, 1.0 / 132.0),
    (1.0 / 110.0, 1.0 / 90.0),
    (1.0 / 72.0, 1.0 / 56.0),
    (1.0 / 42.0, 1.0 / 30.0),
    (1.0 / 20.0, 1.0 / 12.0),
    (1.0 / 6.0, 1.0 / 2.0),
];

/// Sine and cosine of an angle in degrees, from −360 to 360. Multiples of 90 are exact.
#[must_use]
pub fn sin_cos_of_degrees(degrees: f64) -> (f64, f64) {
    let quarters = (degrees / 90.0).round();
    // Exact: both are near each other and have few places.
    let x = (degrees - quarters * 90.0) * DEGREE;
    let z = x * x;
    let (mut sin, mut cos) = (1.0, 1.0);
    for (in_sine, in_cosine) in SERIES {
        sin = 1.0 - sin * z * in_sine;
        cos = 1.0 - cos * z * in_cosine;
    }
    let sin = sin * x;
    let quarter = quarters - 4.0 * (quarters / 4.0).floor();
    if quarter < 0.5 {
        (sin, cos)
    } else if quarter < 1.5 {
        (cos, -sin)
    } else if quarter < 2.5 {
        (-sin, -cos)
    } else {
        (-cos, sin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(ours: f64, theirs: f64) -> bool {
        ours == theirs || (ours - theirs).abs() <= 4.5e-16 * theirs.abs()
    }

    #[test]
    fn they_are_those_of_mathematics() {
        let mut x: f64 = 1e-300;
        while x < 1e300 {
            assert!(near(ln(x), x.ln()), "ln {x}: {} {}", ln(x), x.ln());
            x *= 1.000_37 * if x > 0.5 && x < 2.0 { 1.0 } else { 1.9 };
        }
        for n in -7_400..7_097 {
            let x = f64::from(n) / 10.0 + 0.001_7;
            assert!(near(exp(x), x.exp()) || exp(x) < 1e-300, "exp {x}: {} {}", exp(x), x.exp());
        }
        for n in -36_000..=36_000 {
            let degrees = f64::from(n) / 100.0;
            let ((sin, cos), (s, c)) = (sin_cos_of_degrees(degrees), degrees.to_radians().sin_cos());
            assert!((sin - s).abs() < 1e-15 && (cos - c).abs() < 1e-15, "{degrees}");
        }
    }

    #[test]
    fn the_ends_are_what_they_must_be() {
        assert_eq!((ln(1.0), ln(0.0), ln(f64::INFINITY)), (0.0, f64::NEG_INFINITY, f64::INFINITY));
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan() && exp(f64::NAN).is_nan());
        assert!(near(ln(5e-324), 5e-324_f64.ln()));
        assert_eq!((exp(0.0), exp(-1_000.0), exp(1_000.0)), (1.0, 0.0, f64::INFINITY));
        assert_eq!([90.0, 180.0, -90.0].map(sin_cos_of_degrees), [(1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)]);
    }

    /// The bits themselves, so that a machine that differs is seen.
    #[test]
    fn the_last_bit_is_fixed() {
        let mut state = 1_u64;
        let mut sum = 0_u64;
        for _ in 0..10_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = (state >> 11) as f64 / (1_u64 << 53) as f64 * 100.0 + 1e-3;
            let (sin, cos) = sin_cos_of_degrees(x);
            for value in [ln(x), exp(x), sin, cos] {
                sum = sum.rotate_left(5) ^ value.to_bits();
            }
        }
        assert_eq!(sum, 12_870_663_850_133_082_844);
    }
}
