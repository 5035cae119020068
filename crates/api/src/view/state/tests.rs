//! Which facts give which word.

use model::{Number, SourceId, SourceState, StreamId, SyncId, SyncMode, SyncState, Timestamp};
use serde_json::json;
use store::SyncRow;

use super::{Facts, derive};

const NOW: Timestamp = Timestamp(1_000_000);

fn sync(state: SyncState) -> SyncRow {
    SyncRow {
        id: SyncId(1),
        source: SourceId(1),
        mode: SyncMode::Full,
        state,
        number: Number(1),
        open_slices: 1,
        failed_slices: 0,
        pages: 0,
        pages_open: 0,
        records_seen: 0,
        records_changed: 0,
        records_deleted: 0,
        failures: 0,
        unsweepable: 0,
        expected: None,
        seen_before: None,
        message: Some("invoice.pdf is missing".to_owned()),
        waiting_until: None,
        waiting_for: None,
        is_sweep_confirmed: false,
        started_at: Timestamp(0),
        finished_at: None,
        planned: Some(vec![StreamId(1)]),
    }
}

const NOTHING: Facts<'static> = Facts {
    is_paused: false,
    attention: None,
    open: None,
    last: None,
    now: NOW,
    with_messages: true,
    is_full: false,
};

fn check(facts: Facts<'_>, word: SourceState, action: Option<&str>) {
    let (state, detail) = derive(facts);
    assert_eq!(state, word);
    assert_eq!(detail.and_then(|detail| detail.action).as_deref(), action);
}

#[test]
fn a_source_that_was_never_synced_is_queued() {
    check(NOTHING, SourceState::Queued, Some("sync"));
}

#[test]
fn a_sync_that_is_not_planned_yet_is_queued_and_then_syncing() {
    let (mut waiting, planned) = (sync(SyncState::Running), sync(SyncState::Running));
    waiting.planned = None;
    check(
        Facts {
            open: Some(&waiting),
            ..NOTHING
        },
        SourceState::Queued,
        None,
    );
    check(
        Facts {
            open: Some(&planned),
            ..NOTHING
        },
        SourceState::Syncing,
        None,
    );
    let sweeping = sync(SyncState::Sweeping);
    check(
        Facts {
            open: Some(&sweeping),
            ..NOTHING
        },
        SourceState::Syncing,
        None,
    );
}

#[test]
fn a_sync_waits_only_until_its_time() {
    let mut waiting = sync(SyncState::Running);
    waiting.waiting_until = Some(NOW.plus_ms(1));
    waiting.waiting_for = Some("the limit of `api.example.com`".to_owned());
    let facts = Facts {
        open: Some(&waiting),
        ..NOTHING
    };
    check(facts, SourceState::Waiting, None);
    let detail = derive(facts).1.unwrap();
    assert_eq!(
        (detail.what.as_str(), detail.until),
        ("waiting for the limit of `api.example.com`", Some(1_000_001))
    );
    let stranger = Facts {
        with_messages: false,
        ..facts
    };
    assert_eq!(derive(stranger).1.unwrap().what, "waiting for the provider");
    check(
        Facts {
            now: NOW.plus_ms(1),
            ..facts
        },
        SourceState::Syncing,
        None,
    );
}

#[test]
fn on_a_full_disk_a_sync_waits_for_whoever_can_free_some() {
    let open = sync(SyncState::Running);
    let facts = Facts {
        open: Some(&open),
        is_full: true,
        ..NOTHING
    };
    check(facts, SourceState::Waiting, None);
    assert!(
        derive(facts)
            .1
            .unwrap()
            .what
            .contains("disk that holds the database is full")
    );
}

#[test]
fn ends_are_told_as_they_were() {
    let (well, badly, cancelled) = (
        sync(SyncState::Completed),
        sync(SyncState::Failed),
        sync(SyncState::Cancelled),
    );
    check(
        Facts {
            last: Some(&well),
            ..NOTHING
        },
        SourceState::Synced,
        None,
    );
    check(
        Facts {
            last: Some(&badly),
            ..NOTHING
        },
        SourceState::NeedsAttention,
        Some("retry"),
    );
    check(
        Facts {
            last: Some(&cancelled),
            ..NOTHING
        },
        SourceState::NeedsAttention,
        Some("sync"),
    );
    let running = sync(SyncState::Running);
    check(
        Facts {
            last: Some(&badly),
            open: Some(&running),
            ..NOTHING
        },
        SourceState::Syncing,
        None,
    );
}

#[test]
fn what_needs_a_person_comes_before_what_goes_on() {
    let attention = json!({"what": "sign in again", "whose_turn": "yours", "action": "edit"});
    let running = sync(SyncState::Running);
    let facts = Facts {
        attention: Some(&attention),
        open: Some(&running),
        ..NOTHING
    };
    check(facts, SourceState::NeedsAttention, Some("edit"));
    let confirm = sync(SyncState::NeedsConfirmation);
    check(
        Facts {
            open: Some(&confirm),
            ..facts
        },
        SourceState::NeedsAttention,
        Some("confirm_sweep"),
    );
    let sign_in = json!({"what": "the token was refused", "action": "edit", "is_sign_in": true});
    check(
        Facts {
            open: Some(&confirm),
            attention: Some(&sign_in),
            ..facts
        },
        SourceState::NeedsAttention,
        Some("edit"),
    );
    check(
        Facts {
            is_paused: true,
            ..facts
        },
        SourceState::Paused,
        Some("resume"),
    );
    check(
        Facts {
            attention: Some(&json!(7)),
            ..NOTHING
        },
        SourceState::NeedsAttention,
        None,
    );
}

#[test]
fn messages_that_may_name_files_are_kept_from_those_who_hold_nothing() {
    for state in [SyncState::Failed, SyncState::NeedsConfirmation] {
        let row = sync(state);
        let open = (state == SyncState::NeedsConfirmation).then_some(&row);
        let facts = Facts {
            open,
            last: Some(&row),
            with_messages: false,
            ..NOTHING
        };
        assert!(!derive(facts).1.unwrap().what.contains("invoice"));
        let facts = Facts {
            with_messages: true,
            ..facts
        };
        assert!(derive(facts).1.unwrap().what.contains("invoice"));
    }
}

#[test]
fn what_the_road_noted_is_for_those_who_hold_the_source() {
    let attention = json!({"what": "`invoice.pdf` can't be opened", "whose_turn": "invoice", "action": "edit"});
    let facts = Facts {
        attention: Some(&attention),
        with_messages: false,
        ..NOTHING
    };
    let detail = derive(facts).1.unwrap();
    assert_eq!(detail.what, "this source needs somebody to look at it");
    assert_eq!(detail.action.as_deref(), Some("edit"));
    assert!(!detail.whose_turn.unwrap().contains("invoice"));
    let facts = Facts {
        with_messages: true,
        ..facts
    };
    assert!(derive(facts).1.unwrap().what.contains("invoice"));
}
