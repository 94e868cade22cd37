//! Moments and terms. A moment counts 100 ns steps since 1601-01-01 UTC, as `FILETIME` does.

use std::time::{SystemTime, UNIX_EPOCH};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

const TICKS_PER_SECOND: u64 = 10_000_000;
/// 1601-01-01 to 1970-01-01.
const UNIX_EPOCH_TICKS: u64 = 11_644_473_600 * TICKS_PER_SECOND;
/// 9999-12-31T23:59, the last minute that a license can name.
const LAST_TICKS: u64 = 2_650_467_743_400_000_000;

/// A moment in UTC.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Ticks of one minute.
    pub const MINUTE: u64 = 60 * TICKS_PER_SECOND;
    /// Ticks of one day.
    pub const DAY: u64 = 86_400 * TICKS_PER_SECOND;
    /// The last moment that a license can name.
    pub const LAST: Self = Self(LAST_TICKS);

    /// The moment of a `FILETIME` value.
    #[must_use]
    pub const fn from_filetime(ticks: u64) -> Self {
        Self(ticks)
    }

    /// The moment as a `FILETIME` value.
    #[must_use]
    pub const fn filetime(self) -> u64 {
        self.0
    }

    /// The moment of a count of seconds since 1970; moments before 1601 become 1601.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Self {
        let ticks = i128::from(seconds) * i128::from(TICKS_PER_SECOND) + i128::from(UNIX_EPOCH_TICKS);
        Self(u64::try_from(ticks.max(0)).unwrap_or(u64::MAX))
    }

    /// Seconds since 1970, rounded down.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        let ticks = i128::from(self.0) - i128::from(UNIX_EPOCH_TICKS);
        i64::try_from(ticks.div_euclid(i128::from(TICKS_PER_SECOND))).unwrap_or(i64::MAX)
    }

    /// The beginning of the minute that holds the moment: licenses know no seconds.
    #[must_use]
    pub const fn minute(self) -> Self {
        Self(self.0 - self.0 % Self::MINUTE)
    }

    /// The moment some ticks later, or `None` past what 64 bits hold.
    #[must_use]
    pub fn checked_add(self, ticks: u64) -> Option<Self> {
        self.0.checked_add(ticks).map(Self)
    }

    /// The moment some days later, at most [`Timestamp::LAST`].
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self(self.0.saturating_add(u64::from(days).saturating_mul(Self::DAY)).min(LAST_TICKS))
    }

    /// The moment some days earlier, at least 1601.
    #[must_use]
    pub fn minus_days(self, days: u32) -> Self {
        Self(self.0.saturating_sub(u64::from(days).saturating_mul(Self::DAY)))
    }

    /// Reads the form of licenses, `YYYY-MM-DDThh:mm`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 16 || bytes[4] != b'-' || bytes[7] != b'-' || bytes[10] != b'T' || bytes[13] != b':' {
            return None;
        }
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().try_fold(0i32, |n, b| b.is_ascii_digit().then(|| n * 10 + i32::from(b - b'0')))
        };
        let small = |from: usize| u8::try_from(number(from, from + 2)?).ok();
        let date = Date::from_calendar_date(number(0, 4)?, Month::try_from(small(5)?).ok()?, small(8)?).ok()?;
        let time = Time::from_hms(small(11)?, small(14)?, 0).ok()?;
        let moment = PrimitiveDateTime::new(date, time).assume_utc();
        (date.year() >= 1601).then(|| Self::from_unix_seconds(moment.unix_timestamp()))
    }

    /// The form of licenses; seconds are dropped and moments past 9999 become its last minute.
    #[must_use]
    pub fn text(self) -> String {
        let (year, month, day, hour, minute, _) = self.civil();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
    }

    /// Year, month, day, hour, minute and second in UTC; moments past 9999 become its last minute.
    #[must_use]
    pub fn civil(self) -> (i32, u8, u8, u8, u8, u8) {
        let at = OffsetDateTime::from_unix_timestamp(Self(self.0.min(LAST_TICKS)).unix_seconds())
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        (at.year(), at.month().into(), at.day(), at.hour(), at.minute(), at.second())
    }
}

impl From<SystemTime> for Timestamp {
    fn from(at: SystemTime) -> Self {
        let ticks = match at.duration_since(UNIX_EPOCH) {
            Ok(after) => UNIX_EPOCH_TICKS.saturating_add(u64::try_from(after.as_nanos() / 100).unwrap_or(u64::MAX)),
            Err(before) => {
                UNIX_EPOCH_TICKS.saturating_sub(u64::try_from(before.duration().as_nanos() / 100).unwrap_or(u64::MAX))
            }
        };
        Self(ticks)
    }
}

/// A term: from a moment, included, until a moment, excluded. A missing end is open.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Hash)]
pub struct Validity {
    /// The first moment, or open.
    pub from: Option<Timestamp>,
    /// The first moment after the term, or open.
    pub until: Option<Timestamp>,
}

impl Validity {
    /// Always.
    pub const ALWAYS: Self = Self { from: None, until: None };

    /// True when both ends are open.
    #[must_use]
    pub fn is_always(&self) -> bool {
        *self == Self::ALWAYS
    }

    /// True when the moment comes before the term.
    #[must_use]
    pub fn begins_after(&self, moment: Timestamp) -> bool {
        self.from.is_some_and(|from| moment < from)
    }

    /// True when the moment comes after the term.
    #[must_use]
    pub fn ended_at(&self, moment: Timestamp) -> bool {
        self.until.is_some_and(|until| moment >= until)
    }

    /// True when the moment lies in the term.
    #[must_use]
    pub fn contains(&self, moment: Timestamp) -> bool {
        !self.begins_after(moment) && !self.ended_at(moment)
    }

    /// The time that both terms share; it may be empty.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            until: match (self.until, other.until) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }
}

/// Where the authority and the client take the present moment from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for text in ["1601-01-01T00:00", "2024-03-05T09:30", "2024-02-29T23:59", "9999-12-31T23:59"] {
            assert_eq!(Timestamp::parse(text).unwrap().text(), text);
        }
        assert_eq!(Timestamp::parse("9999-12-31T23:59"), Some(Timestamp::LAST));
    }

    #[test]
    fn unix_epoch_is_where_filetime_puts_it() {
        assert_eq!(Timestamp::parse("1970-01-01T00:00").unwrap().filetime(), 116_444_736_000_000_000);
        assert_eq!(Timestamp::parse("1970-01-01T00:00").unwrap().unix_seconds(), 0);
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2024-03-05",
            "2024-03-05T09:30Z",
            "2024-02-30T00:00",
            "2024-13-01T00:00",
            "2024-03-05T24:00",
            "2024-03-05T09:60",
            "+024-03-05T09:30",
            "1600-12-31T23:59",
            "2024-03-05 09:30",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn any_count_of_days_has_a_moment() {
        let now = Timestamp::parse("2024-03-05T09:30").unwrap();
        assert_eq!(now.plus_days(u32::MAX), Timestamp::LAST, "a license may name any count");
        assert_eq!(now.minus_days(u32::MAX), Timestamp::default());
    }

    #[test]
    fn terms_are_half_open() {
        let at = |text| Timestamp::parse(text).unwrap();
        let term = Validity { from: Some(at("2024-01-01T00:00")), until: Some(at("2024-02-01T00:00")) };
        assert!(term.contains(at("2024-01-01T00:00")));
        assert!(term.contains(at("2024-01-31T23:59")));
        assert!(!term.contains(at("2024-02-01T00:00")));
        assert!(!term.contains(at("2023-12-31T23:59")));
        assert!(Validity::ALWAYS.contains(at("1601-01-01T00:00")));
        let later = Validity { from: Some(at("2024-01-15T00:00")), until: None };
        assert_eq!(term.and(later), Validity { from: later.from, until: term.until });
    }
}
