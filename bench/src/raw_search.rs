//! Tantivy's built-in queries over a schema that suits them: the limit of searching.
//!
//! The same words in the same four fields, the same permissions (as a set of principals on each document), the same
//! facets and the same number of documents fetched. What is missing is what makes results good while one types:
//! prefix and fuzzy queries of Tantivy give every match the same score.

use std::path::Path;

use anyhow::Result;
use model::{Asker, Document};
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::{AggContextParams, AggregationCollector};
use tantivy::collector::{Count, TopDocs};
use tantivy::indexer::IndexWriterOptions;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, FuzzyTermQuery, Occur, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::{IndexWriter, Searcher, TantivyDocument, Term};

use crate::indexing::COMMIT_EVERY;
use crate::raw_index::simple_tokenizer;

/// What documents without permissions of their own carry instead of a principal.
const PUBLIC: &str = "*";
const TOKENIZER: &str = "simple";
const HITS: usize = 20;

/// How words match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct How {
    /// One wrong letter from four letters on, two from eight, as ours.
    pub(crate) allows_typos: bool,
    /// The last word may go on.
    pub(crate) is_last_prefix: bool,
}

/// An index for built-in queries.
pub(crate) struct RawSearch {
    searcher: Searcher,
    texts: [Field; 4],
    principal: Field,
    source: Field,
}

struct Fields {
    schema: Schema,
    texts: [Field; 4],
    principal: Field,
    source: Field,
    kind: Field,
    people: Field,
    head: Field,
}

impl Fields {
    fn new() -> Self {
        let mut builder = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TOKENIZER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let texts = ["title", "people", "path", "body"].map(|name| {
            let options = if name == "body" {
                text.clone().set_stored()
            } else {
                text.clone()
            };
            builder.add_text_field(&format!("text_{name}"), options)
        });
        let value = TextOptions::default().set_fast("raw");
        let principal = builder.add_text_field("principal", STRING);
        let source = builder.add_text_field("source", STRING | value.clone());
        let kind = builder.add_text_field("kind", value.clone());
        let people = builder.add_text_field("people", value);
        let head = builder.add_bytes_field("head", STORED);
        Self {
            texts,
            principal,
            source,
            kind,
            people,
            head,
            schema: builder.build(),
        }
    }

    fn encode(&self, document: &Document) -> Result<TantivyDocument> {
        let mut encoded = TantivyDocument::default();
        let [title, people, path, body] = self.texts;
        encoded.add_text(title, &document.title);
        encoded.add_text(body, &document.body);
        if let Some(text) = &document.path {
            encoded.add_text(path, text);
        }
        for name in &document.people {
            encoded.add_text(people, name);
            encoded.add_text(self.people, name);
        }
        encoded.add_text(self.source, document.source.to_string());
        encoded.add_text(self.kind, &document.kind);
        match document.acl.sets() {
            [] => encoded.add_text(self.principal, PUBLIC),
            sets => sets
                .iter()
                .flatten()
                .for_each(|one| encoded.add_text(self.principal, one.as_str())),
        }
        let head = Document {
            body: String::new(),
            ..document.clone()
        };
        encoded.add_bytes(self.head, &serde_json::to_vec(&head)?);
        Ok(encoded)
    }
}

impl RawSearch {
    /// An index of these documents in `dir`, made as ours is: same threads, memory and commits.
    pub(crate) fn build(dir: &Path, documents: &[Document], threads: usize, memory_bytes: usize) -> Result<Self> {
        let fields = Fields::new();
        std::fs::create_dir_all(dir)?;
        let index = tantivy::Index::create_in_dir(dir, fields.schema.clone())?;
        index.tokenizers().register(TOKENIZER, simple_tokenizer());
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread(memory_bytes)
            .num_merge_threads(1)
            .build();
        let mut writer: IndexWriter = index.writer_with_options(options)?;
        for (at, document) in (1_usize..).zip(documents) {
            writer.add_document(fields.encode(document)?)?;
            if at % COMMIT_EVERY == 0 || at == documents.len() {
                writer.commit()?;
            }
        }
        writer.wait_merging_threads()?;
        let searcher = index.reader()?.searcher();
        Ok(Self {
            searcher,
            texts: fields.texts,
            principal: fields.principal,
            source: fields.source,
        })
    }

    pub(crate) fn segments(&self) -> usize {
        self.searcher.segment_readers().len()
    }

    /// Counts, facets and the stored form of the best 20. Answers how many matched.
    pub(crate) fn search(&self, text: &str, how: How, asker: &Asker) -> Result<usize> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let words: Vec<&str> = text.split_whitespace().collect();
        for (at, word) in (1_usize..).zip(&words) {
            let is_prefix = how.is_last_prefix && at == words.len();
            clauses.push((Occur::Must, self.word(word, is_prefix, how.allows_typos)));
        }
        clauses.push((Occur::Must, self.permitted(asker)));
        let facets: Aggregations = serde_json::from_value(serde_json::json!({
            "source": { "terms": { "field": "source", "size": 100 } },
            "kind": { "terms": { "field": "kind", "size": 100 } },
            "people": { "terms": { "field": "people", "size": 100 } },
        }))?;
        let collectors = (
            Count,
            TopDocs::with_limit(HITS).order_by_score(),
            AggregationCollector::from_aggs(facets, AggContextParams::default()),
        );
        let (count, best, _facets) = self.searcher.search(&BooleanQuery::new(clauses), &collectors)?;
        for (_, address) in best {
            std::hint::black_box(self.searcher.doc::<TantivyDocument>(address)?);
        }
        Ok(count)
    }

    /// One word in any of the four fields, the title counting threefold.
    fn word(&self, word: &str, is_prefix: bool, allows_typos: bool) -> Box<dyn Query> {
        let distance = match (allows_typos, word.len()) {
            (false, _) | (true, ..4) => 0,
            (true, 4..8) => 1,
            (true, _) => 2,
        };
        let any = self.texts.iter().map(|field| {
            let term = Term::from_field_text(*field, word);
            let query: Box<dyn Query> = if is_prefix {
                Box::new(FuzzyTermQuery::new_prefix(term, distance, true))
            } else if distance > 0 {
                Box::new(FuzzyTermQuery::new(term, distance, true))
            } else {
                Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
            };
            let boost = if *field == self.texts[0] { 3.0 } else { 1.0 };
            let boosted: Box<dyn Query> = Box::new(BoostQuery::new(query, boost));
            (Occur::Should, boosted)
        });
        Box::new(BooleanQuery::new(any.collect()))
    }

    fn permitted(&self, asker: &Asker) -> Box<dyn Query> {
        let principals = asker
            .principals
            .iter()
            .map(|one| Term::from_field_text(self.principal, one.as_str()));
        let public = std::iter::once(Term::from_field_text(self.principal, PUBLIC));
        let sources = asker
            .sources
            .iter()
            .map(|one| Term::from_field_text(self.source, &one.to_string()));
        let both: Vec<(Occur, Box<dyn Query>)> = vec![
            (Occur::Must, Box::new(TermSetQuery::new(principals.chain(public)))),
            (Occur::Must, Box::new(TermSetQuery::new(sources))),
        ];
        Box::new(ConstScoreQuery::new(Box::new(BooleanQuery::new(both)), 0.0))
    }
}
