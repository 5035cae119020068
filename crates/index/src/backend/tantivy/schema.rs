//! What Tantivy keeps of a document: postings of four text fields, columns, and the document itself without its body.

use model::{Acl, Document, RecordId};
use tantivy::schema::{Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions};
use tantivy::{TantivyDocument, Term};

use crate::facets::{self, Fixed};
use crate::{Attribute, Refused, hit, visibility};

/// The name under which our tokenizer is registered.
pub(super) const TOKENIZER: &str = "fossick";

/// The most bytes of a body. More is refused, not cut: a hit that shows half a document would be a lie.
const BODY_BYTES_MAX: usize = 64 << 20;
/// The most bytes of everything else together.
const REST_BYTES_MAX: usize = 4 << 20;
/// The most bytes of one facet value.
const VALUE_BYTES_MAX: usize = 32 << 10;

/// Parts the name of a facet from its value in the column of own facets.
pub(super) const NAME_END: char = '\u{0}';

/// The names of the columns.
pub(super) mod column {
    pub(in crate::backend::tantivy) const RECORD: &str = "record";
    pub(in crate::backend::tantivy) const VISIBILITY: &str = "visibility";
    pub(in crate::backend::tantivy) const OWN_FACETS: &str = "facets";
    pub(in crate::backend::tantivy) const CREATED_AT: &str = "created_at";
    pub(in crate::backend::tantivy) const CHANGED_AT: &str = "changed_at";
}

/// The fields of our schema.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub schema: Schema,
    record: Field,
    texts: [Field; 4],
    fixed: [Field; 4],
    own_facets: Field,
    visibility: Field,
    created_at: Field,
    changed_at: Field,
    head: Field,
    body: Field,
}

impl Fields {
    pub(super) fn new() -> Self {
        let mut builder = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TOKENIZER)
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let value = TextOptions::default().set_fast("raw");
        let number = NumericOptions::default().set_fast();
        let texts = Attribute::ALL.map(|attribute| {
            let options = if attribute == Attribute::Body {
                text.clone().set_stored()
            } else {
                text.clone()
            };
            builder.add_text_field(&format!("text_{}", attribute.name()), options)
        });
        let fixed = Fixed::ALL.map(|fixed| builder.add_text_field(fixed.name(), value.clone()));
        let record = builder.add_i64_field(column::RECORD, number.clone().set_indexed());
        let own_facets = builder.add_text_field(column::OWN_FACETS, value.clone());
        let visibility = builder.add_text_field(column::VISIBILITY, value);
        let created_at = builder.add_i64_field(column::CREATED_AT, number.clone());
        let changed_at = builder.add_i64_field(column::CHANGED_AT, number);
        let head = builder.add_bytes_field("head", STORED);
        let [.., body] = texts;
        let schema = builder.build();
        Self {
            schema,
            record,
            texts,
            fixed,
            own_facets,
            visibility,
            created_at,
            changed_at,
            head,
            body,
        }
    }

    /// The field that holds the words of an attribute.
    pub(super) fn text(&self, attribute: Attribute) -> Field {
        self.texts[usize::from(attribute.rank())]
    }

    /// The field that finds a record.
    pub(super) fn record(&self) -> Field {
        self.record
    }

    /// The term that finds a record.
    pub(super) fn record_term(&self, record: RecordId) -> Term {
        Term::from_field_i64(self.record, record.0)
    }

    /// What Tantivy is given of a document.
    pub(super) fn encode(&self, mut document: Document) -> Result<TantivyDocument, Refused> {
        check(&document)?;
        let mut encoded = TantivyDocument::default();
        encoded.add_i64(self.record, document.record.0);
        encoded.add_text(self.visibility, visibility::encode(document.source, &document.acl));
        if let Some(at) = document.created_at {
            encoded.add_i64(self.created_at, at.0);
        }
        if let Some(at) = document.changed_at {
            encoded.add_i64(self.changed_at, at.0);
        }
        for attribute in Attribute::ALL {
            for text in hit::texts(&document, attribute) {
                encoded.add_text(self.text(attribute), text);
            }
        }
        for (fixed, field) in Fixed::ALL.into_iter().zip(self.fixed) {
            for value in fixed.values(&document) {
                encoded.add_text(field, value);
            }
        }
        for value in own_values(&document) {
            encoded.add_text(self.own_facets, value);
        }
        // Permissions are in their own column, the body in its own field.
        document.body = String::new();
        document.acl = Acl::source_only();
        let head = serde_json::to_vec(&document).map_err(|error| Refused {
            record: document.record,
            reason: "not encodable".to_owned(),
            detail: format!("the document of record `{}` can't be encoded: {error}", document.record),
        })?;
        encoded.add_bytes(self.head, &head);
        Ok(encoded)
    }

    /// The document that was encoded; `None` if the index holds something else, which only damage can cause.
    pub(super) fn decode(&self, encoded: &TantivyDocument) -> Option<Document> {
        use tantivy::schema::Value;
        let head = encoded.get_first(self.head)?.as_bytes()?;
        let mut document: Document = serde_json::from_slice(head).ok()?;
        if let Some(body) = encoded.get_first(self.body).and_then(|body| body.as_str()) {
            document.body.push_str(body);
        }
        Some(document)
    }
}

/// The document's own facets, as the column holds them, each once.
fn own_values(document: &Document) -> std::collections::BTreeSet<String> {
    let own = document.facets.iter().filter(|(name, _)| facets::is_own_name(name));
    own.flat_map(|(name, values)| values.iter().map(move |value| format!("{name}{NAME_END}{value}")))
        .collect()
}

fn check(document: &Document) -> Result<(), Refused> {
    let refuse = |reason: &str, detail: String| {
        Err(Refused {
            record: document.record,
            reason: reason.to_owned(),
            detail,
        })
    };
    if document.body.len() > BODY_BYTES_MAX {
        let detail = format!(
            "the body has {} bytes, at most {BODY_BYTES_MAX} are indexed",
            document.body.len()
        );
        return refuse("field too large", detail);
    }
    let mut rest = document.title.len() + document.path.as_ref().map_or(0, String::len);
    rest += document.url.as_ref().map_or(0, String::len);
    rest += document
        .acl
        .sets()
        .iter()
        .flatten()
        .map(|principal| principal.as_str().len())
        .sum::<usize>();
    let own = document
        .facets
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| (name.as_str(), value)));
    let people = document.people.iter().map(|value| ("people", value));
    let fixed = [("kind", &document.kind), ("stream", &document.stream)];
    for (name, value) in own.chain(people).chain(fixed) {
        rest += name.len() + value.len();
        if name.len() + value.len() > VALUE_BYTES_MAX {
            let detail = format!(
                "a value of `{}` has {} bytes, at most {VALUE_BYTES_MAX} are indexed",
                crate::matching::cut(name, 100),
                value.len()
            );
            return refuse("value too large", detail);
        }
        if name.contains(NAME_END) {
            return refuse("bad facet name", "a facet's name holds a zero character".to_owned());
        }
    }
    if rest > REST_BYTES_MAX {
        let detail = format!(
            "title, path, people, facets and permissions have {rest} bytes together, at most {REST_BYTES_MAX} are indexed"
        );
        return refuse("document too large", detail);
    }
    Ok(())
}
