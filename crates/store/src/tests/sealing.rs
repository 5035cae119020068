//! Secrets at rest.

use crate::{Error, Sealer, Secret};

fn sealer() -> (Sealer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Sealer::open(&Sealer::path(folder.path())).unwrap(), folder)
}

fn refused(outcome: Result<Vec<u8>, Error>) -> String {
    match outcome {
        Err(Error::Setup(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_sealed_opens_in_its_place_only() {
    let (sealer, _folder) = sealer();
    let closed = sealer.seal("source/7", b"token").unwrap();
    assert_eq!(sealer.unseal("source/7", &closed).unwrap(), b"token");
    assert!(refused(sealer.unseal("source/8", &closed)).contains("`source/8`"));
    assert!(!closed.windows(5).any(|window| window == b"token"));
    assert_ne!(sealer.seal("source/7", b"token").unwrap(), closed);
    assert_eq!(sealer.unseal("x", &sealer.seal("x", b"").unwrap()).unwrap(), b"");
}

#[test]
fn damage_anywhere_is_noticed() {
    let (sealer, _folder) = sealer();
    let closed = sealer.seal("source/7", b"token").unwrap();
    for at in 0..closed.len() {
        let mut damaged = closed.clone();
        damaged[at] ^= 1;
        refused(sealer.unseal("source/7", &damaged));
        refused(sealer.unseal("source/7", &closed[..at]));
    }
}

#[test]
fn a_rotated_key_opens_the_old_and_seals_anew() {
    let (old, folder) = sealer();
    let path = Sealer::path(folder.path());
    let closed = old.seal("source/7", b"token").unwrap();
    let new = old.rotated(&path).unwrap();
    let closed_anew = new.seal("source/7", b"token").unwrap();
    for sealer in [&new, &Sealer::open(&path).unwrap()] {
        assert_eq!(sealer.unseal("source/7", &closed).unwrap(), b"token");
        assert_eq!(sealer.unseal("source/7", &closed_anew).unwrap(), b"token");
    }
    refused(old.unseal("source/7", &closed_anew));
}

#[test]
fn another_installations_key_does_not_open_it() {
    let (here, _here) = sealer();
    let (there, _there) = sealer();
    refused(there.unseal("source/7", &here.seal("source/7", b"token").unwrap()));
}

#[test]
fn a_damaged_key_file_names_the_line_and_is_left_alone() {
    let (_, folder) = sealer();
    let path = Sealer::path(folder.path());
    let good = std::fs::read_to_string(&path).unwrap();
    let hex = good.trim().split_once(' ').unwrap().1.to_owned();
    let cases = [
        (format!("{good}2 {}", &hex[1..]), "line 2"),
        (format!("{good}\nx {hex}"), "line 3"),
        (format!("1 +{}", &hex[1..]), "line 1"),
        (format!("1 é{}", &hex[2..]), "line 1"),
        ("no key at all".to_owned(), "line 1"),
        (" \n\n".to_owned(), "is empty"),
    ];
    for (text, place) in cases {
        std::fs::write(&path, &text).unwrap();
        let Err(Error::Setup(message)) = Sealer::open(&path) else {
            panic!("{text} opened");
        };
        assert!(message.contains(place) && message.contains("backup"), "{message}");
        assert!(!message.contains(&hex[2..]), "{message}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn nothing_secret_shows_in_debug_texts() {
    let (sealer, folder) = sealer();
    let key = std::fs::read_to_string(Sealer::path(folder.path())).unwrap();
    let hex = key.trim().split_once(' ').unwrap().1;
    let shown = format!("{:?} {sealer:?}", Secret::new("token"));
    assert!(!shown.contains("token") && !shown.contains(hex));
    let database = crate::Database::Postgres {
        url: "postgres://user:password@host/name".to_owned(),
    };
    assert!(!format!("{database:?}").contains("password"));
    assert_eq!(Secret::new("token").expose(), "token");
}
