//! Working days, as notices count them.

use jiff::{Timestamp, civil::Weekday, tz::TimeZone};
use terms::Instant;

/// The time of Washington by the rules in force since 2007; written out so that no time-zone file is read.
const WASHINGTON: &str = "EST5EDT,M3.2.0,M11.1.0";

/// The first instant after so many working days in Washington, the day of the notice not counted: an oral notice of a
/// Friday with two working days is to be confirmed before Wednesday begins. Working days are Monday to Friday;
/// federal holidays are not taken out, so the true date can be later. `None` beyond the calendar.
pub fn written_confirmation_due(issued_at: Instant, working_days: u8) -> Option<Instant> {
    let zone = TimeZone::posix(WASHINGTON).ok()?;
    let mut date = Timestamp::from_microsecond(issued_at.as_micros()).ok()?.to_zoned(zone.clone()).date();
    let mut left = working_days;
    while left > 0 {
        date = date.tomorrow().ok()?;
        if !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left = left.saturating_sub(1);
        }
    }
    let due = date.tomorrow().ok()?.to_zoned(zone).ok()?.timestamp();
    Some(Instant::from_micros(due.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_do_not_count() {
        let table = [
            // A Friday evening: Monday and Tuesday count.
            ("2026-06-12T17:21:00-04:00", "2026-06-17T04:00:00Z"),
            // Still that Friday in Washington, already Saturday in UTC.
            ("2026-06-13T02:00:00Z", "2026-06-17T04:00:00Z"),
            ("2026-06-13T12:00:00Z", "2026-06-17T04:00:00Z"),
            ("2026-06-14T12:00:00Z", "2026-06-17T04:00:00Z"),
            ("2026-06-15T12:00:00Z", "2026-06-18T04:00:00Z"),
            ("2026-06-18T12:00:00Z", "2026-06-23T04:00:00Z"),
            // In winter, and over the change of clocks.
            ("2026-01-07T12:00:00Z", "2026-01-10T05:00:00Z"),
            ("2026-10-30T12:00:00Z", "2026-11-04T05:00:00Z"),
        ];
        for (issued, due) in table {
            let at = |text| Instant::parse(text).unwrap();
            assert_eq!(written_confirmation_due(at(issued), 2), Some(at(due)), "{issued}");
        }
        assert_eq!(written_confirmation_due(Instant::MAX, 2), None);
    }
}
