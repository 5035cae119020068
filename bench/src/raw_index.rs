//! Tantivy with nothing of ours: the limit of everything that indexes.
//!
//! It takes the schema from an index that the product made, so that both sides keep the same fields, columns and
//! stored bytes, and the same text goes through Tantivy's own simple tokenizer.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use model::{Acl, Document};
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::{Field, Schema};
use tantivy::tokenizer::{LowerCaser, RemoveLongFilter, SimpleTokenizer, TextAnalyzer};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyDocument};

/// The name under which the product's schema asks for a tokenizer.
const TOKENIZER: &str = "fossick";

/// The folder in which an index of ours keeps what it searches now.
pub(crate) fn live_folder(index_dir: &Path) -> Result<PathBuf> {
    let current = fs::read_to_string(index_dir.join("CURRENT")).context("an index of ours has a file `CURRENT`")?;
    Ok(index_dir.join(current.trim()))
}

/// A document with everything that is stored beside its text, made before the clock runs.
pub(crate) struct Prepared<'d> {
    document: &'d Document,
    visibility: String,
    own_facets: Vec<String>,
    head: Vec<u8>,
}

impl<'d> Prepared<'d> {
    pub(crate) fn new(document: &'d Document) -> Result<Self> {
        let mut visibility = document.source.to_string();
        for set in document.acl.sets() {
            visibility.push('\u{1}');
            for principal in set {
                visibility.push_str(principal.as_str());
                visibility.push('\u{2}');
            }
        }
        let own = document.facets.iter();
        let own_facets = own.flat_map(|(name, values)| values.iter().map(move |value| format!("{name}\u{0}{value}")));
        let head = Document {
            body: String::new(),
            acl: Acl::source_only(),
            ..document.clone()
        };
        Ok(Self {
            visibility,
            own_facets: own_facets.collect(),
            head: serde_json::to_vec(&head)?,
            document,
        })
    }
}

/// Tantivy's own writer over a schema of ours.
pub(crate) struct RawIndex {
    fields: Vec<(Field, String)>,
    writer: IndexWriter,
    reader: IndexReader,
}

impl RawIndex {
    /// An empty index in `dir` with the schema of the product's index in `like`.
    pub(crate) fn create(dir: &Path, like: &Path, threads: usize, memory_bytes: usize) -> Result<Self> {
        let schema = tantivy::Index::open_in_dir(live_folder(like)?)?.schema();
        let fields = fields(&schema)?;
        fs::create_dir_all(dir)?;
        let index = tantivy::Index::create_in_dir(dir, schema)?;
        index.tokenizers().register(TOKENIZER, simple_tokenizer());
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread(memory_bytes)
            .num_merge_threads(1)
            .build();
        let writer = index.writer_with_options(options)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { fields, writer, reader })
    }

    pub(crate) fn add(&self, prepared: &Prepared<'_>) -> Result<()> {
        let document = prepared.document;
        let mut encoded = TantivyDocument::default();
        for (field, name) in &self.fields {
            let field = *field;
            match name.as_str() {
                "text_title" => encoded.add_text(field, &document.title),
                "text_body" => encoded.add_text(field, &document.body),
                "text_path" => document.path.iter().for_each(|path| encoded.add_text(field, path)),
                "text_people" | "people" => document.people.iter().for_each(|name| encoded.add_text(field, name)),
                "source" => encoded.add_text(field, document.source.to_string()),
                "kind" => encoded.add_text(field, &document.kind),
                "stream" => encoded.add_text(field, &document.stream),
                "record" => encoded.add_i64(field, document.record.0),
                "facets" => prepared
                    .own_facets
                    .iter()
                    .for_each(|facet| encoded.add_text(field, facet)),
                "visibility" => encoded.add_text(field, &prepared.visibility),
                "created_at" => document.created_at.iter().for_each(|at| encoded.add_i64(field, at.0)),
                "changed_at" => document.changed_at.iter().for_each(|at| encoded.add_i64(field, at.0)),
                // `fields` lets nothing else but `head` through.
                _ => encoded.add_bytes(field, &prepared.head),
            }
        }
        self.writer.add_document(encoded)?;
        Ok(())
    }

    /// Makes durable and visible what was added, as a commit of ours does.
    pub(crate) fn commit(&mut self) -> Result<()> {
        self.writer.commit()?;
        self.reader.reload()?;
        Ok(())
    }

    pub(crate) fn documents(&self) -> u64 {
        self.reader.searcher().num_docs()
    }
}

/// What Tantivy makes words with unless told otherwise.
pub(crate) fn simple_tokenizer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(40))
        .filter(LowerCaser)
        .build()
}

/// Every field with its name; one that is unknown here would make the comparison unfair.
fn fields(schema: &Schema) -> Result<Vec<(Field, String)>> {
    const KNOWN: [&str; 13] = [
        "text_title",
        "text_body",
        "text_path",
        "text_people",
        "people",
        "source",
        "kind",
        "stream",
        "record",
        "facets",
        "visibility",
        "created_at",
        "changed_at",
    ];
    let mut fields = Vec::new();
    for (field, entry) in schema.fields() {
        let name = entry.name();
        if name != "head" && !KNOWN.contains(&name) {
            bail!("the index keeps a field `{name}` that the benchmark does not fill: see bench/src/raw_index.rs");
        }
        fields.push((field, name.to_owned()));
    }
    Ok(fields)
}
