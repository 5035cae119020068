//! The one store-wide counter that decides who wins.
//!
//! PostgreSQL: a sequence. SQLite: the owner's, in memory, with a stored high-water mark; a start skips to the mark, so
//! a number is never given twice, not even after a crash.

use std::sync::atomic::{AtomicI64, Ordering};

use model::Number;

use crate::signals::Effect;
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    NEXT = "number_next", postgres;
    RESERVE = "number_reserve";
    RESERVED = "number_reserved";
}

/// How many numbers are reserved at a time.
const BLOCK: i64 = 10_000;

/// The counter's part in memory; unused on PostgreSQL.
#[derive(Debug)]
pub(crate) struct Numbers {
    next: AtomicI64,
    pub(crate) reserved: AtomicI64,
}

impl Numbers {
    /// A counter that goes on at the stored mark.
    pub(crate) fn starting_at(mark: i64) -> Self {
        Self {
            next: AtomicI64::new(mark),
            reserved: AtomicI64::new(mark),
        }
    }

    /// The next number, if it needs no write; `None` when the reserved block is used up.
    pub(crate) fn take_reserved(&self) -> Option<Number> {
        let taken = self.next.fetch_update(Ordering::AcqRel, Ordering::Acquire, |next| {
            (next < self.reserved.load(Ordering::Acquire)).then_some(next + 1)
        });
        taken.ok().map(Number)
    }
}

impl Tx<'_> {
    /// Draws the next number. It is spent even if this transaction is rolled back.
    pub fn next_number(&mut self) -> Result<Number, Error> {
        if self.is_postgres() {
            return self.query_one(&NEXT, &[])?.get(0);
        }
        let number = self.numbers.next.fetch_add(1, Ordering::AcqRel);
        if number >= self.numbers.reserved.load(Ordering::Acquire) {
            let mark = number + BLOCK;
            self.execute(&RESERVE, params![mark.to_string()])?;
            self.effects.push(Effect::Reserved(mark));
        }
        Ok(Number(number))
    }

    /// The stored high-water mark, from 1.
    pub(crate) fn numbers_reserved(&mut self) -> Result<i64, Error> {
        Ok(self
            .query_opt(&RESERVED, &[])?
            .map(|row| row.parse(0))
            .transpose()?
            .unwrap_or(1))
    }
}
