//! Numbers of bytes in words for people.

use std::fmt;

const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/// A number of bytes. Shown in its largest unit, with a tenth where there is one: `512 bytes`, `64 MiB`, `1.5 GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 1 {
            return f.write_str("1 byte");
        }
        if self.0 < 1024 {
            return write!(f, "{} bytes", self.0);
        }
        // Tenths of a unit, in whole numbers.
        let mut tenths = u128::from(self.0) * 10 / 1024;
        let mut unit = 0;
        while tenths >= 10_240 && unit + 1 < UNITS.len() {
            tenths /= 1024;
            unit += 1;
        }
        let (whole, tenth) = (tenths / 10, tenths % 10);
        if tenth == 0 {
            write!(f, "{whole} {}", UNITS[unit])
        } else {
            write!(f, "{whole}.{tenth} {}", UNITS[unit])
        }
    }
}

#[cfg(test)]
mod tests {
    //! Sizes as people read them.

    use super::Size;

    #[test]
    fn a_size_is_shown_in_its_largest_unit() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (64 << 20, "64 MiB"),
            ((64 << 20) + (512 << 10), "64.5 MiB"),
            (u64::MAX, "16383.9 PiB"),
        ] {
            assert_eq!(Size(bytes).to_string(), shown);
        }
    }
}
