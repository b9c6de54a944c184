//! Regular expressions in linear time (engine.md 3.1).
//!
//! Only the question whether a text matches is needed, and a library costs a third of the web module's budget. A pattern is
//! compiled to a small program (Thompson); all its threads walk the text together, each place of the program at most once a
//! character, so the steps are bounded by program times text whatever the pattern. Classes and case folding are ASCII.

mod parse;

use parse::Tree;

/// The most instructions that a pattern may need.
const PROGRAM: usize = 2_000;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    program: Vec<Instruction>,
}

#[derive(Clone, Debug, PartialEq)]
enum Instruction {
    /// A character of the set.
    Set(Set),
    /// Both ways.
    Split(usize, usize),
    Jump(usize),
    Assert(Assertion),
    Match,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Assertion {
    Start,
    End,
    Boundary,
    NoBoundary,
}

/// A set of characters: ranges, or everything else.
#[derive(Clone, Debug, PartialEq)]
struct Set {
    ranges: Vec<(char, char)>,
    negated: bool,
    /// Without regard to ASCII case.
    fold: bool,
}

impl Set {
    fn has(&self, c: char) -> bool {
        let mut has = self.has_exactly(c);
        if self.fold && c.is_ascii_alphabetic() {
            has |= self.has_exactly(char::from(c as u8 ^ 0x20));
        }
        has != self.negated
    }

    fn has_exactly(&self, c: char) -> bool {
        for (first, last) in &self.ranges {
            if *first <= c && c <= *last {
                return true;
            }
        }
        false
    }
}

impl Pattern {
    /// Compiles a pattern; with `fold` it disregards ASCII case. The error says what to write instead.
    pub(crate) fn compile(pattern: &str, fold: bool) -> Result<Self, String> {
        let tree = parse::parse(pattern, fold)?;
        let mut compiler = Compiler { program: Vec::new(), work: 0 };
        compiler.emit(&tree)?;
        compiler.push(Instruction::Match)?;
        Ok(Self { program: compiler.program })
    }

    /// Whether it matches anywhere in the text.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.run(text).0
    }

    /// Whether it matches, and how many steps it took.
    fn run(&self, text: &str) -> (bool, usize) {
        let mut threads = Threads::new(self.program.len());
        let mut next = Threads::new(self.program.len());
        let mut steps = 0;
        let mut before = None;
        let mut rest = text.chars();
        loop {
            let at = rest.clone().next();
            // A match may start at every place.
            if self.add(&mut threads, 0, before, at, &mut steps) {
                return (true, steps);
            }
            let Some(c) = rest.next() else { return (false, steps) };
            let after = rest.clone().next();
            for place in &threads.dense {
                steps += 1;
                if let Some(Instruction::Set(set)) = self.program.get(*place)
                    && set.has(c)
                    && self.add(&mut next, place + 1, Some(c), after, &mut steps)
                {
                    return (true, steps);
                }
            }
            std::mem::swap(&mut threads, &mut next);
            next.clear();
            before = Some(c);
        }
    }

    /// Adds a thread and where it leads without a character. True at a match.
    fn add(
        &self,
        to: &mut Threads,
        place: usize,
        before: Option<char>,
        after: Option<char>,
        steps: &mut usize,
    ) -> bool {
        to.todo.push(place);
        while let Some(place) = to.todo.pop() {
            *steps += 1;
            if !to.insert(place) {
                continue;
            }
            match self.program.get(place) {
                Some(Instruction::Match) => return true,
                Some(Instruction::Jump(target)) => to.todo.push(*target),
                Some(Instruction::Split(a, b)) => to.todo.extend([*b, *a]),
                Some(Instruction::Assert(assertion)) if assertion.holds(before, after) => to.todo.push(place + 1),
                _ => {}
            }
        }
        false
    }
}

impl Assertion {
    fn holds(self, before: Option<char>, after: Option<char>) -> bool {
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        match self {
            Self::Start => before.is_none(),
            Self::End => after.is_none(),
            Self::Boundary => is_word(before) != is_word(after),
            Self::NoBoundary => is_word(before) == is_word(after),
        }
    }
}

/// A set of places in the program that is emptied in one step: `sparse` says where in `dense` a place stands, if it does.
struct Threads {
    dense: Vec<usize>,
    sparse: Vec<usize>,
    todo: Vec<usize>,
}

impl Threads {
    fn new(places: usize) -> Self {
        Self { dense: Vec::with_capacity(places), sparse: vec![0; places], todo: Vec::new() }
    }

    fn clear(&mut self) {
        self.dense.clear();
    }

    /// False if it is there already.
    fn insert(&mut self, place: usize) -> bool {
        let Some(stands) = self.sparse.get_mut(place) else { return false };
        if self.dense.get(*stands) == Some(&place) {
            return false;
        }
        *stands = self.dense.len();
        self.dense.push(place);
        true
    }
}

struct Compiler {
    program: Vec<Instruction>,
    /// Nodes visited: repeated emptiness makes no instruction, but takes time.
    work: usize,
}

impl Compiler {
    fn push(&mut self, instruction: Instruction) -> Result<usize, String> {
        if self.program.len() == PROGRAM {
            return Err(too_large());
        }
        self.program.push(instruction);
        Ok(self.program.len() - 1)
    }

    fn set(&mut self, place: usize, instruction: Instruction) {
        if let Some(known) = self.program.get_mut(place) {
            *known = instruction;
        }
    }

    fn emit(&mut self, tree: &Tree) -> Result<(), String> {
        self.work += 1;
        if self.work > 10 * PROGRAM {
            return Err(too_large());
        }
        match tree {
            Tree::Set(set) => drop(self.push(Instruction::Set(set.clone()))?),
            Tree::Assert(assertion) => drop(self.push(Instruction::Assert(*assertion))?),
            Tree::Sequence(trees) => {
                for tree in trees {
                    self.emit(tree)?;
                }
            }
            Tree::Either(trees) => self.either(trees)?,
            Tree::Repeat(tree, least, most) => self.repeat(tree, *least, *most)?,
        }
        Ok(())
    }

    fn either(&mut self, trees: &[Tree]) -> Result<(), String> {
        let mut ends = Vec::new();
        let last = trees.len().saturating_sub(1);
        for (place, tree) in trees.iter().enumerate() {
            if place == last {
                self.emit(tree)?;
                break;
            }
            let split = self.push(Instruction::Match)?;
            self.emit(tree)?;
            ends.push(self.push(Instruction::Match)?);
            let next = self.program.len();
            self.set(split, Instruction::Split(split + 1, next));
        }
        let end = self.program.len();
        for place in ends {
            self.set(place, Instruction::Jump(end));
        }
        Ok(())
    }

    fn repeat(&mut self, tree: &Tree, least: u32, most: Option<u32>) -> Result<(), String> {
        for _ in 0..least {
            self.emit(tree)?;
        }
        let Some(most) = most else {
            let split = self.push(Instruction::Match)?;
            self.emit(tree)?;
            self.push(Instruction::Jump(split))?;
            let end = self.program.len();
            self.set(split, Instruction::Split(split + 1, end));
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in least..most {
            splits.push(self.push(Instruction::Match)?);
            self.emit(tree)?;
        }
        let end = self.program.len();
        for split in splits {
            self.set(split, Instruction::Split(split + 1, end));
        }
        Ok(())
    }
}

fn too_large() -> String {
    "this regular expression is too large: repeat fewer times, or split it with $or".to_owned()
}

#[cfg(test)]
mod tests;
