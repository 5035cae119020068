//! The pool of children: files that kill a child, and the parent that survives all of them.

use std::path::Path;

use extract::pool::{Command, ExtractPool};
use extract::{Error, Limits};

use crate::fixtures::{bottomless, docx, endless, pdf, pdf_of, shown, stream};

fn pool_with(children_max: usize, limits: Limits) -> ExtractPool {
    let command = Command {
        program: env!("CARGO_BIN_EXE_extract-child").into(),
        args: Vec::new(),
        children_max,
    };
    ExtractPool::new(command, limits)
}

fn pool() -> ExtractPool {
    pool_with(1, Limits::default())
}

/// A PDF whose page unpacks to a gigabyte.
fn swelling() -> Vec<u8> {
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 9 9] >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".to_vec(),
        stream("/Filter /FlateDecode", &zlib_of_spaces(1 << 30)),
    ];
    pdf_of(&objects, "")
}

/// So many spaces in the format of zlib. The archive writer packs them; its bytes are taken out of the archive.
fn zlib_of_spaces(length: usize) -> Vec<u8> {
    use std::io::Write;

    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer
        .start_file("x", zip::write::SimpleFileOptions::default())
        .unwrap();
    let block = vec![b' '; 1 << 20];
    for _ in 0..length / block.len() {
        writer.write_all(&block).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    let part = archive.by_index_raw(0).unwrap();
    let start = usize::try_from(part.data_start().unwrap()).unwrap();
    let end = start + usize::try_from(part.compressed_size()).unwrap();
    // The header of zlib; nobody waits for its checksum.
    [b"\x78\x9C", &bytes[start..end]].concat()
}

fn name_of(path: &Path) -> String {
    path.display().to_string()
}

fn lives(pool: &ExtractPool) {
    assert_eq!(
        pool.extract_bytes("a.txt", "", b"still here").unwrap().text,
        "still here"
    );
}

#[test]
fn a_child_reads_files_and_bytes_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ä b.docx");
    std::fs::write(&path, docx("<w:p><w:r><w:t>Hello</w:t></w:r></w:p>")).unwrap();
    let pool = pool();
    for _ in 0..3 {
        let found = pool.extract_file(&path, &name_of(&path), "").unwrap();
        assert_eq!(found.text, "Hello\n\nA footnote");
        assert_eq!(found.title.as_deref(), Some("Annual report"));
        lives(&pool);
    }
}

#[test]
fn several_callers_share_few_children() {
    let pool = pool_with(2, Limits::default());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| (0..5).for_each(|_| lives(&pool)));
        }
    });
}

#[test]
fn what_cannot_be_opened_is_unreadable_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool();
    let link = folder.path().join("link.txt");
    std::fs::write(folder.path().join("there.txt"), "there").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("there.txt", &link).unwrap();
    for path in [
        folder.path(),
        &folder.path().join("missing.txt"),
        &link,
        Path::new("/dev/zero"),
    ] {
        let error = pool.extract_file(path, &name_of(path), "text/plain").unwrap_err();
        assert_eq!(error.reason(), "unreadable file", "{error}");
        assert!(
            error.is_passing() && error.to_string().contains(&path.display().to_string()),
            "{error}"
        );
    }
    lives(&pool);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_opened_all_the_same() {
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"\xFF.txt"));
    std::fs::write(&path, "inside").unwrap();
    assert_eq!(pool().extract_file(&path, &name_of(&path), "").unwrap().text, "inside");
}

#[test]
fn a_large_text_file_is_read_in_part_and_a_large_picture_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        bytes_in_max: 20_000,
        ..Limits::default()
    };
    let pool = pool_with(1, limits);
    let path = folder.path().join("a.log");
    std::fs::write(&path, "line\n".repeat(10_000)).unwrap();
    let found = pool.extract_file(&path, &name_of(&path), "").unwrap();
    assert!(found.truncated);
    assert_eq!(found.text.len(), 19_999);
    let found = pool.extract_bytes("a.log", "", &std::fs::read(&path).unwrap()).unwrap();
    assert!(found.truncated);
    let path = folder.path().join("a.docx");
    std::fs::write(&path, [b"PK\x03\x04".to_vec(), vec![0; 30_000]].concat()).unwrap();
    assert_eq!(
        pool.extract_file(&path, &name_of(&path), "").unwrap_err().reason(),
        "too large"
    );
}

#[test]
fn a_file_that_never_ends_is_timed_out() {
    let limits = Limits {
        time_ms_max: 2_000,
        ..Limits::default()
    };
    let pool = pool_with(1, limits);
    for _ in 0..2 {
        let error = pool.extract_bytes("endless.pdf", "", &endless()).unwrap_err();
        assert_eq!(error.reason(), "timed out", "{error}");
        assert!(error.to_string().contains("`endless.pdf`"));
        lives(&pool);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_swallows_memory_is_out_of_memory() {
    let limits = Limits {
        memory_bytes_max: 200 << 20,
        ..Limits::default()
    };
    let pool = pool_with(1, limits);
    let error = pool.extract_bytes("swelling.pdf", "", &swelling()).unwrap_err();
    assert_eq!(error.reason(), "out of memory", "{error}");
    lives(&pool);
}

#[test]
fn a_file_that_kills_its_reader_is_a_crash_and_costs_nobody_else() {
    let pool = pool_with(2, Limits::default());
    std::thread::scope(|scope| {
        scope.spawn(|| (0..20).for_each(|_| lives(&pool)));
        for _ in 0..3 {
            let error = pool.extract_bytes("bottomless.pdf", "", &bottomless()).unwrap_err();
            assert_eq!(error.reason(), "reader crashed", "{error}");
            assert!(error.to_string().contains("`bottomless.pdf`"));
        }
    });
    lives(&pool);
}

#[test]
fn a_reader_that_panics_keeps_its_child() {
    let pool = pool();
    let error = pool
        .extract_bytes("a.pdf", "", &pdf(&["BT /Nowhere 12 Tf (x) Tj ET"]))
        .unwrap_err();
    assert_eq!(error.reason(), "reader crashed", "{error}");
    assert_eq!(
        pool.extract_bytes("a.pdf", "", &pdf(&[&shown(&["good"])]))
            .unwrap()
            .text,
        "good"
    );
}

#[test]
fn a_program_that_is_no_child_makes_extraction_unavailable() {
    for program in ["/nowhere/at/all", "/bin/true", "/bin/echo"] {
        let command = Command {
            program: program.into(),
            args: Vec::new(),
            children_max: 1,
        };
        let pool = ExtractPool::new(command, Limits::default());
        for _ in 0..2 {
            let error = pool.extract_bytes("a.txt", "", b"x").unwrap_err();
            assert!(matches!(error, Error::Unavailable { .. }), "{error}");
            assert!(error.is_passing() && error.to_string().contains(program), "{error}");
        }
    }
}

#[test]
fn a_stopped_pool_ends_its_children_and_refuses() {
    let pool = pool();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| pool.extract_bytes("endless.pdf", "", &endless()));
        // Stopped before, while or after the child starts: it ends in every case.
        pool.stop();
        assert_eq!(waiting.join().unwrap().unwrap_err().reason(), "extraction unavailable");
    });
    assert_eq!(
        pool.extract_bytes("a.txt", "", b"x").unwrap_err().reason(),
        "extraction unavailable"
    );
}

#[test]
fn a_child_ends_when_its_input_closes() {
    let mut input = std::io::Cursor::new(Vec::new());
    let mut output = Vec::new();
    assert_eq!(extract::child::run(&mut input, &mut output), 0);
    let mut nonsense = std::io::Cursor::new(b"\xFF\xFF\xFF\xFFnonsense".to_vec());
    assert_eq!(extract::child::run(&mut nonsense, &mut output), 1);
}
