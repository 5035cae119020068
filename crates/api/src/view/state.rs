//! What a source's state is called: one pure function from facts to the closed set of words.

use model::{SourceState, SyncState, Timestamp};
use serde::Serialize;
use serde_json::Value as Json;
use store::SyncRow;
use utoipa::ToSchema;

/// What the word follows from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// Whether a person paused the source.
    pub(crate) is_paused: bool,
    /// What a person has to do, as the road noted it: `{what, whose_turn, action}`.
    pub(crate) attention: Option<&'a Json>,
    /// The sync that has not ended.
    pub(crate) open: Option<&'a SyncRow>,
    /// The newest sync that has.
    pub(crate) last: Option<&'a SyncRow>,
    /// The time.
    pub(crate) now: Timestamp,
    /// Whether the reader may read messages, which can name files.
    pub(crate) with_messages: bool,
    /// Whether nothing can be written, because the disk is full.
    pub(crate) is_full: bool,
}

/// What is behind a state, and what can be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct StateDetail {
    /// What happened, in a sentence.
    pub(crate) what: String,
    /// Whose turn it is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) whose_turn: Option<String>,
    /// The one thing to do: `sync`, `retry`, `edit`, `confirm_sweep`, `resume`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<String>,
    /// Until when nothing happens, in UTC milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<i64>,
}

const YOURS: &str = "your turn";
const PROVIDERS: &str = "the provider's turn; it goes on by itself";
const OURS: &str = "nobody's turn; it goes on by itself";

impl StateDetail {
    fn new(what: impl Into<String>, whose_turn: &str, action: Option<&str>) -> Self {
        Self {
            what: what.into(),
            whose_turn: Some(whose_turn.to_owned()),
            action: action.map(str::to_owned),
            until: None,
        }
    }
}

/// The word, and what is behind it. What a person decided comes first, then what needs one, then what goes on.
pub(crate) fn derive(facts: Facts<'_>) -> (SourceState, Option<StateDetail>) {
    if facts.is_paused {
        let detail = StateDetail::new("somebody paused this source", YOURS, Some("resume"));
        return (SourceState::Paused, Some(detail));
    }
    if facts.is_full && facts.open.is_some() {
        let what = "waiting for space: the disk that holds the database is full; free some, then it goes on by itself";
        return (SourceState::Waiting, Some(StateDetail::new(what, YOURS, None)));
    }
    if let Some(attention) = facts.attention.filter(|attention| asks_to_sign_in(attention)) {
        return (SourceState::NeedsAttention, Some(noted(attention, facts.with_messages)));
    }
    if let Some(open) = facts.open.filter(|open| open.state == SyncState::NeedsConfirmation) {
        let what = message(open, facts.with_messages)
            .unwrap_or("the last full sync no longer saw most of a stream; nothing was deleted yet");
        let detail = StateDetail::new(what, YOURS, Some("confirm_sweep"));
        return (SourceState::NeedsAttention, Some(detail));
    }
    if let Some(attention) = facts.attention {
        return (SourceState::NeedsAttention, Some(noted(attention, facts.with_messages)));
    }
    match (facts.open, facts.last) {
        (Some(open), _) => going_on(open, facts),
        (None, None) => {
            let detail = StateDetail::new("nothing was synced yet", YOURS, Some("sync"));
            (SourceState::Queued, Some(detail))
        }
        (None, Some(last)) => ended(last, facts.with_messages),
    }
}

/// Whether what a person has to do is to sign in: before they did, nothing else gets anywhere.
fn asks_to_sign_in(attention: &Json) -> bool {
    attention.get("is_sign_in") == Some(&Json::Bool(true))
}

fn going_on(open: &SyncRow, facts: Facts<'_>) -> (SourceState, Option<StateDetail>) {
    if let Some(until) = open.waiting_until.filter(|until| *until > facts.now) {
        let what_for = open.waiting_for.as_deref().filter(|_| facts.with_messages);
        let what = format!("waiting for {}", what_for.unwrap_or("the provider"));
        let mut detail = StateDetail::new(what, PROVIDERS, None);
        detail.until = Some(until.0);
        return (SourceState::Waiting, Some(detail));
    }
    if open.planned.is_none() && open.pages == 0 {
        let detail = StateDetail::new("a sync waits for its turn", OURS, None);
        return (SourceState::Queued, Some(detail));
    }
    (SourceState::Syncing, None)
}

fn ended(last: &SyncRow, with_messages: bool) -> (SourceState, Option<StateDetail>) {
    match last.state {
        SyncState::Failed => {
            let what = message(last, with_messages).unwrap_or("the last sync failed; what it brought stays");
            (
                SourceState::NeedsAttention,
                Some(StateDetail::new(what, YOURS, Some("retry"))),
            )
        }
        SyncState::Cancelled => (
            SourceState::NeedsAttention,
            Some(StateDetail::new("the last sync was cancelled", YOURS, Some("sync"))),
        ),
        _ => (SourceState::Synced, None),
    }
}

fn message(sync: &SyncRow, with_messages: bool) -> Option<&str> {
    sync.message.as_deref().filter(|_| with_messages)
}

/// What the road noted. A note that can't be read still says that somebody is needed, and so does one whose words are
/// not for this reader.
fn noted(attention: &Json, with_messages: bool) -> StateDetail {
    let text = |name: &str| attention.get(name).and_then(Json::as_str).map(str::to_owned);
    let what = text("what").filter(|_| with_messages);
    StateDetail {
        what: what.unwrap_or_else(|| "this source needs somebody to look at it".to_owned()),
        whose_turn: Some(match text("whose_turn").as_deref() {
            None | Some("you") => YOURS.to_owned(),
            Some("provider") => PROVIDERS.to_owned(),
            Some("fossick") => OURS.to_owned(),
            Some(other) if with_messages => other.to_owned(),
            Some(_) => YOURS.to_owned(),
        }),
        action: text("action"),
        until: attention.get("until").and_then(Json::as_i64),
    }
}

#[cfg(test)]
mod tests;
