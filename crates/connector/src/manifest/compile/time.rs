//! Incremental reads by a date.

use super::Compiler;
use crate::manifest::datetime::duration;
use crate::manifest::ir::{Cursor, Moment};
use crate::manifest::part::{Part, Problem};
use crate::manifest::yaml::Node;

/// The keys of a date cursor.
const CURSOR_KEYS: [&str; 18] = [
    "cursor_field",
    "datetime_format",
    "cursor_datetime_formats",
    "start_datetime",
    "end_datetime",
    "step",
    "cursor_granularity",
    "lookback_window",
    "start_time_option",
    "end_time_option",
    "partition_field_start",
    "partition_field_end",
    "is_data_feed",
    "is_client_side_incremental",
    "is_compare_strictly",
    "global_substream_cursor",
    "clamping",
    "message_repository",
];

impl Compiler {
    pub(super) fn cursor(&mut self, stream: &Part) -> Result<Option<Cursor>, Problem> {
        let Some(part) = stream.child("incremental_sync", "DatetimeBasedCursor")? else {
            return Ok(None);
        };
        if part.kind != "DatetimeBasedCursor" {
            return Err(part.refused());
        }
        self.known(&part, &CURSOR_KEYS);
        if part.field("clamping").is_some() {
            self.warn(&part, "clamping", "`clamping` is not used: windows keep their length");
        }
        let format = part
            .text("datetime_format")
            .ok_or_else(|| part.problem("datetime_format", "a date cursor needs a `datetime_format`"))?
            .to_owned();
        let mut record_formats: Vec<String> = part
            .field("cursor_datetime_formats")
            .and_then(Node::list)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::text)
            .map(str::to_owned)
            .collect();
        if !record_formats.contains(&format) {
            record_formats.push(format.clone());
        }
        let granularity = match part.text("cursor_granularity") {
            None => None,
            Some(text) => Some(duration(text).ok_or_else(|| {
                part.problem(
                    "cursor_granularity",
                    format!("`{text}` is no duration such as `P1D` or `PT1S`"),
                )
            })?),
        };
        let start = self
            .moment(&part, "start_datetime")?
            .ok_or_else(|| part.problem("", "a date cursor needs a `start_datetime`"))?;
        let named = |name: &str, default: &str| match part.template(name)? {
            Some(template) => Ok(template),
            None => part.fixed(default),
        };
        Ok(Some(Cursor {
            field: part.need_template("cursor_field")?,
            format,
            record_formats,
            start,
            end: self.moment(&part, "end_datetime")?,
            step: part.template("step")?,
            granularity,
            lookback: part.template("lookback_window")?,
            start_option: self.option(&part, "start_time_option")?,
            end_option: self.option(&part, "end_time_option")?,
            start_name: named("partition_field_start", "start_time")?,
            end_name: named("partition_field_end", "end_time")?,
            is_feed: part.bool("is_data_feed")?,
        }))
    }

    fn moment(&mut self, part: &Part, name: &str) -> Result<Option<Moment>, Problem> {
        let Some(node) = part.field(name) else { return Ok(None) };
        if node.map().is_none() {
            return Ok(Some(Moment {
                value: part.template_of(node, name)?,
                format: None,
                min: None,
                max: None,
            }));
        }
        let Some(moment) = part.child(name, "MinMaxDatetime")? else {
            return Ok(None);
        };
        if moment.kind != "MinMaxDatetime" {
            return Err(moment.refused());
        }
        self.known(
            &moment,
            &["datetime", "datetime_format", "min_datetime", "max_datetime"],
        );
        Ok(Some(Moment {
            value: moment.need_template("datetime")?,
            format: moment.text("datetime_format").map(str::to_owned),
            min: moment.template("min_datetime")?,
            max: moment.template("max_datetime")?,
        }))
    }
}
