//! Makes the folder of the built pages, empty if they are not built yet: this crate builds without Node, and takes the
//! pages up as soon as they are there.

fn main() -> std::io::Result<()> {
    let pages = "../../web/dist";
    std::fs::create_dir_all(pages)?;
    println!("cargo::rerun-if-changed={pages}");
    Ok(())
}
