//! Passwords: Argon2id with the parameters that OWASP recommends, off the runtime's threads, a few at a time.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use store::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// Memory per hash in KiB; with two passes and one lane: OWASP's password storage cheat sheet, second choice.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
/// The shortest password, in characters.
pub(crate) const LETTERS_MIN: usize = 10;
/// The longest password, in bytes.
pub(crate) const BYTES_MAX: usize = 1_024;
/// How many passwords are hashed at a time; each takes [`MEMORY_KIB`] and a core.
const AT_A_TIME: usize = 2;

static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_A_TIME)));
/// Verified against where there is no account, so that the answer takes as long.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_blocking("nobody has this password").ok());

fn argon2() -> Result<Argon2<'static>, argon2::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_blocking(password: &str) -> Result<String, String> {
    let argon2 = argon2().map_err(|error| error.to_string())?;
    let hash = argon2.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// A place for one hash. It belongs to the work and not to who waits for it: they may go away before it is done.
async fn slot() -> Result<OwnedSemaphorePermit, Problem> {
    Arc::clone(&SLOTS).acquire_owned().await.map_err(Problem::bug)
}

/// The hash to keep.
pub(crate) async fn hash(password: Secret) -> Result<String, Problem> {
    let slot = slot().await?;
    let hash = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        hash_blocking(password.expose())
    });
    hash.await.map_err(Problem::bug)?.map_err(Problem::bug)
}

/// Whether the password is the one whose hash was kept. Takes as long without a hash.
pub(crate) async fn verify(password: Secret, kept: Option<String>) -> Result<bool, Problem> {
    let slot = slot().await?;
    let verdict = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        let is_known = kept.is_some();
        let Some(kept) = kept.or_else(|| NOBODY.clone()) else {
            return false;
        };
        let Ok(kept) = PasswordHash::new(&kept) else {
            return false;
        };
        let is_right = argon2().is_ok_and(|argon2| argon2.verify_password(password.expose().as_bytes(), &kept).is_ok());
        is_right && is_known
    });
    verdict.await.map_err(Problem::bug)
}

/// Refuses passwords that are too short, too long, or given away by the account itself.
pub(crate) fn check(password: &str, email: &str, name: &str) -> Result<(), Problem> {
    let refused = |why: String| Err(Problem::field("password", why));
    if password.chars().count() < LETTERS_MIN {
        return refused(format!("is too short: at least {LETTERS_MIN} characters"));
    }
    if password.len() > BYTES_MAX {
        return refused(format!("is too long: at most {BYTES_MAX} bytes"));
    }
    let letters: std::collections::HashSet<char> = password.chars().collect();
    let lower = password.to_lowercase();
    let gives_away = [email, name, email.split('@').next().unwrap_or_default()];
    let is_given_away = gives_away
        .iter()
        .map(|word| word.trim().to_lowercase())
        .any(|word| word.chars().count() >= 4 && lower.contains(&word) && lower.len() < word.len() + 6);
    if letters.len() < 4 || is_given_away {
        return refused("is easy to guess: take a longer one, such as a few words in a row".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    //! Hashing and checking.

    use store::Secret;

    use super::{check, hash, verify};

    #[tokio::test]
    async fn only_the_right_password_is_right_and_nobody_has_one() {
        let kept = hash(Secret::new("correct horse battery")).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            verify(Secret::new("correct horse battery"), Some(kept.clone()))
                .await
                .unwrap()
        );
        assert!(!verify(Secret::new("correct horse batterx"), Some(kept)).await.unwrap());
        assert!(!verify(Secret::new("nobody has this password"), None).await.unwrap());
        assert!(!verify(Secret::new("x"), Some("not a hash".to_owned())).await.unwrap());
    }

    #[test]
    fn passwords_that_are_easy_to_guess_are_refused() {
        let check = |password: &str| check(password, "ada.fisher@example.org", "Ada Fisher").is_ok();
        assert!(check("ten letters and more"));
        assert!(check("ada.fisher has a long one"));
        for bad in [
            "",
            "short",
            "aaaaaaaaaaaaaaa",
            "ada fisher1",
            "ADA.FISHER12",
            &"ab1é".repeat(300),
        ] {
            assert!(!check(bad), "{bad}");
        }
    }
}
