//! People, links, sessions and keys on both databases.

use model::{LinkKind, Role, Scope, Timestamp, UserId, UserState};

use crate::{Error, Member, NewApiKey, NewLink, NewSession, NewUser, Token, Tx};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn check(body: impl Fn(&mut Tx<'_>) -> Result<(), Error> + Copy + Send + 'static) {
    crate::tests::both(|bench| bench.write(body));
}

fn somebody(tx: &mut Tx<'_>, email: &str) -> Result<UserId, Error> {
    let organization = tx.ensure_organization(NOW)?;
    let new = NewUser {
        organization,
        email: email.to_owned(),
        name: String::new(),
        role: Role::Member,
        state: UserState::Active,
    };
    tx.insert_user(&new, NOW)
}

#[test]
fn an_address_belongs_to_one_account_whatever_its_case() {
    check(|tx| {
        let id = somebody(tx, "Some.One@Example.org ")?;
        assert!(matches!(somebody(tx, "some.one@example.ORG"), Err(Error::Conflict(_))));
        assert_eq!(tx.find_user_by_email(" SOME.one@example.org")?.unwrap().id, id);
        assert_eq!(tx.user(id)?.email, "Some.One@Example.org");
        Ok(())
    });
}

#[test]
fn whoever_is_seen_is_noted_to_the_minute() {
    check(|tx| {
        let id = somebody(tx, "ada@example.org")?;
        for (after_ms, noted_ms) in [(0, 0), (59_000, 0), (60_001, 60_001)] {
            tx.see_user(id, NOW.plus_ms(after_ms))?;
            assert_eq!(tx.user(id)?.last_seen_at, Some(NOW.plus_ms(noted_ms)));
        }
        let token = Token::fresh("fsk_");
        let new = NewApiKey {
            user: id,
            name: "k".to_owned(),
            scopes: vec![Scope::Read],
            token_hash: token.hash(),
            expires_at: None,
            parent: None,
        };
        let key = tx.insert_api_key(&new, NOW)?;
        tx.see_api_key(key, NOW)?;
        let (row, _) = tx.find_api_key(&token.hash(), NOW)?.unwrap();
        assert_eq!(row.last_used_at, Some(NOW));
        Ok(())
    });
}

#[test]
fn a_group_can_not_contain_itself_however_deep() {
    check(|tx| {
        let organization = tx.ensure_organization(NOW)?;
        let outer = tx.insert_group(organization, "outer", NOW)?;
        let middle = tx.insert_group(organization, "middle", NOW)?;
        let inner = tx.insert_group(organization, "inner", NOW)?;
        tx.add_member(outer, Member::Group(middle))?;
        tx.add_member(middle, Member::Group(inner))?;
        for group in [inner, middle, outer] {
            assert!(matches!(
                tx.add_member(inner, Member::Group(outer)),
                Err(Error::Conflict(_))
            ));
            assert!(matches!(
                tx.add_member(group, Member::Group(group)),
                Err(Error::Conflict(_))
            ));
        }
        Ok(())
    });
}

#[test]
fn a_member_of_a_nested_group_holds_what_is_shared_with_the_outer_one() {
    check(|tx| {
        let organization = tx.ensure_organization(NOW)?;
        let (outer, inner) = (
            tx.insert_group(organization, "outer", NOW)?,
            tx.insert_group(organization, "inner", NOW)?,
        );
        let user = somebody(tx, "a@example.org")?;
        tx.add_member(outer, Member::Group(inner))?;
        tx.add_member(inner, Member::User(user))?;
        let asker = tx.asker_for_user(user)?;
        assert!(asker.principals.contains(&model::Principal::group(outer)));
        tx.delete_group(inner)?;
        let asker = tx.asker_for_user(user)?;
        assert!(!asker.principals.contains(&model::Principal::group(outer)));
        assert!(tx.list_members(outer)?.is_empty());
        Ok(())
    });
}

#[test]
fn group_names_are_unique() {
    check(|tx| {
        let organization = tx.ensure_organization(NOW)?;
        let one = tx.insert_group(organization, "one", NOW)?;
        let two = tx.insert_group(organization, "two", NOW)?;
        assert!(matches!(
            tx.insert_group(organization, "one", NOW),
            Err(Error::Conflict(_))
        ));
        assert!(matches!(tx.rename_group(two, "one"), Err(Error::Conflict(_))));
        tx.rename_group(one, "one")?;
        tx.rename_group(one, "three")?;
        assert_eq!(tx.group(one)?.name, "three");
        Ok(())
    });
}

#[test]
fn a_link_works_once_and_not_after_its_end() {
    check(|tx| {
        let user = somebody(tx, "a@example.org")?;
        let token = Token::fresh("");
        let new = NewLink {
            token_hash: token.hash(),
            kind: LinkKind::Reset,
            user: Some(user),
            expires_at: NOW.plus_ms(1_000),
        };
        tx.insert_link(&new, NOW)?;
        assert_eq!(tx.find_link(&Token::hash_of("another"), NOW)?, None);
        assert_eq!(tx.find_link(&token.hash(), NOW.plus_ms(1_000))?, None);
        let link = tx.find_link(&token.hash(), NOW.plus_ms(999))?.unwrap();
        assert!(tx.use_link(&link, NOW.plus_ms(1_000)).is_err());
        tx.use_link(&link, NOW)?;
        assert!(tx.use_link(&link, NOW).is_err());
        assert_eq!(tx.find_link(&token.hash(), NOW)?, None);
        Ok(())
    });
}

#[test]
fn a_newer_link_ends_the_older_one() {
    check(|tx| {
        let link = |token: &Token| NewLink {
            token_hash: token.hash(),
            kind: LinkKind::Setup,
            user: None,
            expires_at: NOW.plus_ms(1_000),
        };
        let (old, new) = (Token::fresh(""), Token::fresh(""));
        tx.insert_link(&link(&old), NOW)?;
        tx.insert_link(&link(&new), NOW)?;
        assert_eq!(tx.find_link(&old.hash(), NOW)?, None);
        assert!(tx.find_link(&new.hash(), NOW)?.is_some());
        Ok(())
    });
}

#[test]
fn a_session_ends_with_its_time_its_user_and_its_sign_out() {
    check(|tx| {
        let user = somebody(tx, "a@example.org")?;
        let new = |token: &Token| NewSession {
            user,
            token_hash: token.hash(),
            csrf: "c".to_owned(),
            expires_at: NOW.plus_ms(1_000),
        };
        let (one, two) = (Token::fresh(""), Token::fresh(""));
        let id = tx.insert_session(&new(&one), NOW)?;
        tx.insert_session(&new(&two), NOW)?;
        assert_eq!(tx.find_session(&one.hash(), NOW)?.unwrap().user.id, user);
        assert_eq!(tx.find_session(&one.hash(), NOW.plus_ms(1_000))?, None);
        assert_eq!(tx.find_user_of_session(id, NOW)?, Some(user));
        tx.drop_session(id)?;
        assert_eq!(tx.find_session(&one.hash(), NOW)?, None);
        let mut row = tx.user(user)?;
        row.state = UserState::Disabled;
        tx.update_user(&row)?;
        assert_eq!(tx.find_session(&two.hash(), NOW)?, None);
        Ok(())
    });
}

#[test]
fn a_key_ends_with_its_time_and_its_user() {
    check(|tx| {
        let user = somebody(tx, "a@example.org")?;
        let token = Token::fresh("fsk_");
        let new = NewApiKey {
            user,
            name: "import".to_owned(),
            scopes: vec![Scope::Search, Scope::Read],
            token_hash: token.hash(),
            expires_at: Some(NOW.plus_ms(1_000)),
            parent: None,
        };
        let id = tx.insert_api_key(&new, NOW)?;
        let (row, owner) = tx.find_api_key(&token.hash(), NOW)?.unwrap();
        assert_eq!(
            (row.id, row.scopes, owner.id),
            (id, vec![Scope::Search, Scope::Read], user)
        );
        assert_eq!(tx.find_api_key(&token.hash(), NOW.plus_ms(1_000))?, None);
        assert_eq!(tx.list_api_keys(Some(UserId(99)), model::KeyId(0), 10)?, Vec::new());
        tx.delete_user(user)?;
        assert_eq!(tx.find_api_key(&token.hash(), NOW)?, None);
        assert!(matches!(tx.api_key(id), Err(Error::NotFound { .. })));
        Ok(())
    });
}

#[test]
fn attempts_are_counted_and_forgiven_one_by_one() {
    check(|tx| {
        for (after_ms, count) in [(0, 1), (0, 2), (0, 3), (999, 4), (2_999, 3), (2_000, 4), (60_000, 1)] {
            let at = NOW.plus_ms(after_ms);
            tx.count_attempt("account/a", 1_000, at)?;
            assert_eq!(tx.find_throttle("account/a")?, Some((count, at)), "{after_ms}");
        }
        tx.clear_throttle("account/a")?;
        assert_eq!(tx.find_throttle("account/a")?, None);
        Ok(())
    });
}

#[test]
fn the_first_signing_key_stays() {
    check(|tx| {
        assert_eq!(tx.ensure_search_key("fossick", b"one", NOW)?, b"one");
        assert_eq!(tx.ensure_search_key("fossick", b"two", NOW)?, b"one");
        Ok(())
    });
}

#[test]
fn tokens_are_long_different_and_silent() {
    let (one, two) = (Token::fresh("fsk_"), Token::fresh("fsk_"));
    assert_ne!(one, two);
    assert_eq!(one.expose().len(), "fsk_".len() + 52);
    assert_eq!(format!("{one:?}"), "");
    assert_eq!(one.hash(), Token::hash_of(one.expose()));
}
