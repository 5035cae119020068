//! The few types of values that our statements take and give, the same for both databases.

use model::{
    DestinationId, FailureId, GroupId, KeyId, Number, OrganizationId, PageId, Position, RecordId, Revision, ScheduleId,
    SessionId, SliceId, SourceId, StreamId, SyncId, TaskId, Timestamp, UserId,
};
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::Error;

/// One value of a row or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Parameters of a statement, each turned into a [`Value`].
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Value::from($value)),*] };
}
pub(crate) use params;

/// The text as it can be stored: PostgreSQL keeps no NUL in text, and both databases are to keep the same.
pub(crate) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// One row of an answer.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The value of the column at `at`, from 0.
    pub(crate) fn get<T: FromValue>(&self, at: usize) -> Result<T, Error> {
        self.0.get(at).and_then(T::from_value).ok_or_else(|| {
            Error::Bug(format!(
                "column {at} holds {:?}, which is not what was asked for",
                self.0.get(at)
            ))
        })
    }

    /// The text of the column at `at`, parsed.
    pub(crate) fn parse<T: std::str::FromStr>(&self, at: usize) -> Result<T, Error>
    where
        T::Err: std::fmt::Display,
    {
        self.get::<String>(at)?
            .parse()
            .map_err(|error| Error::Bug(format!("column {at}: {error}")))
    }

    /// The JSON text of the column at `at`, decoded.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, at: usize) -> Result<T, Error> {
        serde_json::from_str(&self.get::<String>(at)?).map_err(|error| Error::Bug(format!("column {at}: {error}")))
    }

    /// Like [`Row::json`], for a column that may be null.
    pub(crate) fn json_opt<T: serde::de::DeserializeOwned>(&self, at: usize) -> Result<Option<T>, Error> {
        if matches!(self.0.get(at), Some(Value::Null)) {
            Ok(None)
        } else {
            self.json(at).map(Some)
        }
    }
}

/// What a column can be read as.
pub(crate) trait FromValue: Sized {
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Int(number) = value {
            Some(*number)
        } else {
            None
        }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(|number| number != 0)
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value {
            Some(text.clone())
        } else {
            None
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value {
            Some(bytes.clone())
        } else {
            None
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        if *value == Value::Null {
            Some(None)
        } else {
            T::from_value(value).map(Some)
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(clean(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(if text.contains('\0') { clean(&text) } else { text })
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(clean(text))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        Self::Text(json.to_string())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! newtypes {
    ($($name:ident)+) => {$(
        impl From<$name> for Value {
            fn from(id: $name) -> Self { Self::Int(id.0) }
        }
        impl FromValue for $name {
            fn from_value(value: &Value) -> Option<Self> { i64::from_value(value).map($name) }
        }
    )+};
}
newtypes!(DestinationId FailureId GroupId KeyId Number OrganizationId PageId Position RecordId Revision ScheduleId
    SessionId SliceId SourceId StreamId SyncId TaskId Timestamp UserId);

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::INT8 | Type::INT4 | Type::TEXT | Type::VARCHAR | Type::BYTEA | Type::UNKNOWN
        )
    }

    to_sql_checked!();
}
