//! Colours and their contrast, by WCAG 2.2.

/// Red, green and blue from 0 to 255, and opacity from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Colour {
    rgb: [f64; 3],
    alpha: f64,
}

/// Reads `#rgb[a]`, `#rrggbb[aa]`, `rgb()` and `rgba()`.
pub(crate) fn parse(text: &str) -> Option<Colour> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix('#') {
        let values: Option<Vec<u32>> = digits.chars().map(|c| c.to_digit(16)).collect();
        let values = values?;
        let bytes: Vec<f64> = match values.len() {
            3 | 4 => values.iter().map(|v| f64::from(v * 17)).collect(),
            6 | 8 => values.chunks(2).map(|pair| f64::from(pair.iter().fold(0, |sum, v| sum * 16 + v))).collect(),
            _ => return None,
        };
        let (rgb, alpha) = bytes.split_at(3);
        return Some(Colour { rgb: rgb.try_into().ok()?, alpha: alpha.first().map_or(1.0, |a| a / 255.0) });
    }
    let inside = text.strip_prefix("rgba(").or_else(|| text.strip_prefix("rgb("))?.strip_suffix(')')?;
    let numbers: Option<Vec<f64>> = inside
        .split([',', ' ', '/'])
        .filter(|part| !part.is_empty())
        .enumerate()
        .map(|(place, part)| match part.strip_suffix('%') {
            Some(part) => part.parse::<f64>().ok().map(|v| if place < 3 { v * 2.55 } else { v / 100.0 }),
            None => part.parse::<f64>().ok(),
        })
        .collect();
    let numbers = numbers.filter(|n| n.len() == 3 || n.len() == 4)?;
    let in_range = |(place, v): (usize, &f64)| *v >= 0.0 && *v <= if place < 3 { 255.0 } else { 1.0 };
    if !numbers.iter().enumerate().all(in_range) {
        return None;
    }
    let (rgb, alpha) = numbers.split_at(3);
    Some(Colour { rgb: rgb.try_into().ok()?, alpha: alpha.first().copied().unwrap_or(1.0) })
}

impl Colour {
    /// This colour as it looks on another one.
    fn over(self, under: [f64; 3]) -> [f64; 3] {
        let mut seen = [0.0; 3];
        for ((seen, own), under) in seen.iter_mut().zip(self.rgb).zip(under) {
            *seen = own * self.alpha + under * (1.0 - self.alpha);
        }
        seen
    }
}

fn luminance(rgb: [f64; 3]) -> f64 {
    let linear = |v: f64| {
        let v = v / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    let [r, g, b] = rgb.map(linear);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// The contrast of text on a ground, 1 to 21. What shines through lies on white.
pub(crate) fn contrast(text: Colour, ground: Colour) -> f64 {
    let ground = ground.over([255.0; 3]);
    let (a, b) = (luminance(text.over(ground)), luminance(ground));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str, ground: &str) -> String {
        format!("{:.2}", contrast(parse(text).unwrap(), parse(ground).unwrap()))
    }

    #[test]
    fn known_ratios_come_out() {
        assert_eq!(ratio("#000", "#fff"), "21.00");
        assert_eq!(ratio("#767676", "white".replace("white", "#ffffff").as_str()), "4.54");
        assert_eq!(ratio("rgb(0, 0, 0)", "rgb(100% 100% 100%)"), "21.00");
        assert_eq!(ratio("#00000000", "#ffffff"), "1.00");
    }

    #[test]
    fn what_is_no_colour_is_none() {
        for text in ["red", "#12", "#12345g", "rgb(1,2)", "rgb(300,0,0)", "", "#", "#é12"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
