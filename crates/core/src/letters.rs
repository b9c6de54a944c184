//! Upper and lower case of the scripts that have them in everyday use: Latin, Greek, Cyrillic, Armenian. The tables of
//! the standard library know all of Unicode and take more of the web module than all filters together; letters of any other script stay as they are.

pub(crate) fn upper(text: &str, to: &mut String) {
    for c in text.chars() {
        match c {
            'ß' => to.push_str("SS"),
            'ŉ' => to.push_str("ʼN"),
            'և' => to.push_str("ԵՒ"),
            'ΐ' => to.push_str("Ι\u{308}\u{301}"),
            'ΰ' => to.push_str("Υ\u{308}\u{301}"),
            _ => to.push(upper_letter(c)),
        }
    }
}

/// As it is compared without regard to case.
pub(crate) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    lower(text, &mut folded);
    folded
}

pub(crate) fn lower(text: &str, to: &mut String) {
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            // At the end of a word it has a form of its own.
            'Σ' if is_letter(before) && !letters.peek().is_some_and(|next| is_letter(*next)) => to.push('ς'),
            'İ' => to.push_str("i\u{307}"),
            _ => to.push(lower_letter(c)),
        }
        before = c;
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || upper_letter(c) != c || lower_letter(c) != c
}

fn shifted(c: char, by: i32) -> char {
    (c as u32).checked_add_signed(by).and_then(char::from_u32).unwrap_or(c)
}

/// In these blocks upper and lower case stand in turns; the first letter is the upper one if it is even.
fn in_turns(c: char) -> Option<bool> {
    match c {
        '\u{100}'..='\u{12f}'
        | '\u{132}'..='\u{137}'
        | '\u{14a}'..='\u{177}'
        | '\u{1de}'..='\u{1ef}'
        | '\u{1f8}'..='\u{21f}'
        | '\u{222}'..='\u{233}'
        | '\u{3d8}'..='\u{3ef}'
        | '\u{460}'..='\u{481}'
        | '\u{48a}'..='\u{4bf}'
        | '\u{4d0}'..='\u{52f}'
        | '\u{1e00}'..='\u{1e95}'
        | '\u{1ea0}'..='\u{1eff}' => Some(true),
        '\u{139}'..='\u{148}' | '\u{179}'..='\u{17e}' | '\u{1cd}'..='\u{1dc}' | '\u{4c1}'..='\u{4ce}' => Some(false),
        _ => None,
    }
}

fn upper_letter(c: char) -> char {
    if let Some(even) = in_turns(c) {
        let is_upper = (c as u32).is_multiple_of(2) == even;
        return if is_upper { c } else { shifted(c, -1) };
    }
    match c {
        'a'..='z' | 'à'..='ö' | 'ø'..='þ' | 'α'..='ρ' | 'σ'..='ϋ' | 'а'..='я' => shifted(c, -32),
        'ѐ'..='џ' => shifted(c, -80),
        'ա'..='ֆ' => shifted(c, -48),
        'ÿ' => 'Ÿ',
        'µ' => 'Μ',
        'ı' => 'I',
        'ſ' => 'S',
        'ς' => 'Σ',
        'ά' => 'Ά',
        'έ'..='ί' => shifted(c, -37),
        'ό' => 'Ό',
        'ύ' | 'ώ' => shifted(c, -63),
        'ӏ' => 'Ӏ',
        _ => c,
    }
}

fn lower_letter(c: char) -> char {
    if let Some(even) = in_turns(c) {
        let is_upper = (c as u32).is_multiple_of(2) == even;
        return if is_upper { shifted(c, 1) } else { c };
    }
    match c {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ρ' | 'Σ'..='Ϋ' | 'А'..='Я' => shifted(c, 32),
        'Ѐ'..='Џ' => shifted(c, 80),
        'Ա'..='Ֆ' => shifted(c, 48),
        'Ÿ' => 'ÿ',
        'ẞ' => 'ß',
        'Ά' => 'ά',
        'Έ'..='Ί' => shifted(c, 37),
        'Ό' => 'ό',
        'Ύ' | 'Ώ' => shifted(c, 63),
        'Ӏ' => 'ӏ',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_change_case_as_in_the_standard_library() {
        // Extended Latin beyond Vietnamese and old Greek letters are left alone.
        let known = ('\0'..='\u{17f}')
            .chain('\u{386}'..='\u{3ce}')
            .chain('\u{400}'..='\u{587}')
            .chain('\u{1e00}'..='\u{1e95}')
            .chain('\u{1ea0}'..='\u{1eff}');
        for c in known.filter(|c| *c != '\u{180}') {
            let (mut ours, text) = (String::new(), c.to_string());
            upper(&text, &mut ours);
            assert_eq!(ours, text.to_uppercase(), "{c} {:x}", c as u32);
            ours.clear();
            lower(&text, &mut ours);
            assert_eq!(ours, text.to_lowercase(), "{c} {:x}", c as u32);
        }
    }

    #[test]
    fn a_sigma_at_the_end_of_a_word_is_a_final_one() {
        let mut text = String::new();
        lower("ΟΔΥΣΣΕΥΣ ΚΑΙ Σ.", &mut text);
        assert_eq!(text, "οδυσσευς και σ.");
    }
}
