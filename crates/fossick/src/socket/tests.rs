//! Sockets in short and long folders, left behind and in use.

use super::*;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_folder_without_a_server_has_nobody_to_connect_to() {
    let dir = tempfile::tempdir().unwrap();
    assert!(connect(dir.path()).await.unwrap().is_none());
    assert!(connect(&dir.path().join("missing")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_bound_socket_is_private_and_gone_after_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let (listener, file) = bind(dir.path()).await.unwrap();
    assert_eq!(mode(file.path()), 0o600);
    assert_eq!(file.path(), path_for(dir.path()));
    let (client, server) = tokio::join!(connect(dir.path()), listener.accept());
    assert!(client.unwrap().is_some());
    server.unwrap();
    assert_eq!(address(dir.path()), None);
    file.keep_address("127.0.0.1:3677".parse().unwrap()).unwrap();
    assert_eq!(address(dir.path()).unwrap().port(), 3677);
    drop((listener, file));
    assert_eq!(address(dir.path()), None);
    assert!(connect(dir.path()).await.unwrap().is_none());
    assert!(!path_for(dir.path()).exists());
}

#[tokio::test]
async fn a_socket_that_a_killed_process_left_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (listener, file) = bind(dir.path()).await.unwrap();
    drop(listener);
    // As after a `kill -9`: the file stays, nobody listens.
    std::mem::forget(file);
    assert!(path_for(dir.path()).exists());
    assert!(connect(dir.path()).await.unwrap().is_none());
    bind(dir.path()).await.unwrap();
}

#[tokio::test]
async fn a_second_server_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _first = bind(dir.path()).await.unwrap();
    let error = bind(dir.path()).await.unwrap_err().to_string();
    assert!(error.contains("another process answers"), "{error}");
}

#[tokio::test]
async fn in_a_folder_with_a_long_path_the_socket_is_elsewhere_and_private() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("d".repeat(120));
    std::fs::create_dir(&data).unwrap();
    let (listener, file) = bind(&data).await.unwrap();
    let folder = file.path().parent().unwrap().to_owned();
    assert_eq!((mode(&folder), mode(file.path())), (0o700, 0o600));
    assert!(connect(&data).await.unwrap().is_some());
    drop((listener, file));
    assert!(!folder.exists() && !data.join(RECORD).exists());
    // A killed process leaves folder and record; the next one takes them away.
    let (listener, file) = bind(&data).await.unwrap();
    let left = file.path().to_owned();
    drop(listener);
    std::mem::forget(file);
    assert!(connect(&data).await.unwrap().is_none());
    let (_listener, file) = bind(&data).await.unwrap();
    assert!(file.path() != left && !left.exists());
}

#[tokio::test]
async fn a_record_that_names_something_else_removes_nothing_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let precious = dir.path().join("precious/socket");
    std::fs::create_dir_all(precious.parent().unwrap()).unwrap();
    std::fs::create_dir(&data).unwrap();
    std::fs::write(&precious, "x").unwrap();
    std::fs::write(data.join(RECORD), precious.as_os_str().as_bytes()).unwrap();
    let _bound = bind(&data).await.unwrap();
    assert!(precious.exists());
}
