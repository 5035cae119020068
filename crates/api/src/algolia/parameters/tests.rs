//! Which parameters become what.

use index::{Attribute, QueryType, TypoTolerance};
use serde_json::{Value as Json, json};

use super::{Asked, Retrieve, check_size, read};
use crate::algolia::names::SourceNames;
use crate::algolia::wire::{Params, Refused};

fn asked(value: Json) -> Result<Asked, Refused> {
    let Json::Object(params) = value else {
        return read(Params::new(), &SourceNames::default());
    };
    read(params, &SourceNames::default())
}

#[test]
fn without_parameters_the_defaults_of_the_dialect_hold() {
    let asked = asked(json!({})).unwrap();
    assert_eq!(asked.request.hits_per_page, 20);
    assert_eq!(
        asked.request.highlight.unwrap().attributes,
        [Attribute::Title, Attribute::People, Attribute::Path]
    );
    assert_eq!(asked.request.snippet, None);
    assert_eq!(asked.retrieve, Retrieve::All);
    assert!(!asked.request.with_body);
}

#[test]
fn what_the_search_page_sends_is_understood() {
    let asked = asked(json!({
        "indexName": "fossick", "query": "inv", "hitsPerPage": 30, "page": 2, "facets": ["source", "kind", "people"],
        "maxValuesPerFacet": 100, "attributesToHighlight": ["title", "people", "path"],
        "attributesToSnippet": ["body:24"], "snippetEllipsisText": "…", "highlightPreTag": "__ais-highlight__",
        "highlightPostTag": "__/ais-highlight__", "numericFilters": ["changed_at>=5"], "facetFilters": [["kind:pdf"]],
        "clickAnalytics": true, "unknown": {"a": [1]},
    }))
    .unwrap();
    assert_eq!(
        (asked.request.offset, asked.request.hits_per_page, asked.page),
        (60, 30, 2)
    );
    assert_eq!(asked.request.facets.len(), 3);
    assert_eq!(asked.request.filters.len(), 2);
    assert_eq!(asked.request.snippet.as_ref().unwrap().words, 24);
    assert_eq!(asked.request.snippet.unwrap().tags.pre, "__ais-highlight__");
}

#[test]
fn a_page_that_is_too_deep_is_empty() {
    let deep = asked(json!({"page": 100_000, "hitsPerPage": 1_000})).unwrap();
    assert_eq!((deep.request.hits_per_page, deep.page, deep.size), (0, 100_000, 1_000));
    let huge = asked(json!({"page": u64::MAX, "hitsPerPage": 1_000})).unwrap();
    assert_eq!(huge.request.hits_per_page, 0);
    let window = asked(json!({"offset": 15, "length": 10})).unwrap();
    assert_eq!(
        (window.request.offset, window.request.hits_per_page, window.page),
        (15, 10, 1)
    );
    assert_eq!(asked(json!({"offset": 15, "length": 0})).unwrap().page, 0);
}

#[test]
fn a_facet_is_searched_for_values_only() {
    let asked = asked(json!({"type": "facet", "facet": "people", "facetQuery": "ad", "maxFacetHits": 500})).unwrap();
    let facet = asked.facet.unwrap();
    assert_eq!((facet.name.as_str(), facet.hits_max), ("people", 100));
    assert_eq!(asked.request.facets[0].query.as_deref(), Some("ad"));
    assert_eq!(asked.request.hits_per_page, 0);
}

#[test]
fn words_of_closed_sets_are_read_and_others_refused() {
    let typos = |value: Json| asked(json!({"typoTolerance": value})).map(|asked| asked.request.typo_tolerance);
    assert_eq!(typos(json!(false)), Ok(TypoTolerance::Off));
    assert_eq!(typos(json!("false")), Ok(TypoTolerance::Off));
    assert_eq!(typos(json!("min")), Ok(TypoTolerance::Min));
    assert_eq!(typos(json!("strict")), Ok(TypoTolerance::Strict));
    let all = asked(json!({"queryType": "prefixNone", "restrictSearchableAttributes": "title"})).unwrap();
    assert_eq!(all.request.query_type, QueryType::PrefixNone);
    assert_eq!(all.request.attributes, [Attribute::Title]);
    for bad in [
        json!({"typoTolerance": "maybe"}),
        json!({"queryType": "suffix"}),
        json!({"restrictSearchableAttributes": ["price"]}),
        json!({"hitsPerPage": 1_001}),
        json!({"hitsPerPage": -1}),
        json!({"facets": [1]}),
        json!({"attributesToSnippet": ["body:many"]}),
        json!({"type": "facet"}),
        json!({"query": ["a"]}),
        json!({"filters": ["kind:pdf"]}),
        json!({"type": "facet", "facet": "kind", "facetQuery": {}}),
    ] {
        assert_eq!(asked(bad.clone()).expect_err("bad").status, 400, "{bad}");
    }
    assert_eq!(asked(json!({"indexName": "products"})).expect_err("other").status, 404);
}

#[test]
fn the_body_is_returned_only_when_it_is_named() {
    assert!(!asked(json!({"attributesToRetrieve": ["*"]})).unwrap().request.with_body);
    assert!(
        asked(json!({"attributesToRetrieve": ["title", "body"]}))
            .unwrap()
            .request
            .with_body
    );
    let hidden = asked(json!({"attributesToRetrieve": ["*", "-people"]}))
        .unwrap()
        .retrieve;
    assert!(hidden.shows("title") && !hidden.shows("people"));
    assert_eq!(
        asked(json!({"attributesToRetrieve": []})).unwrap().retrieve,
        Retrieve::Only(Vec::new())
    );
}

#[test]
fn facets_are_counted_once_and_marks_are_short() {
    let names: Vec<&str> = ["kind", "people"].repeat(100);
    assert_eq!(asked(json!({"facets": names})).unwrap().request.facets.len(), 2);
    let many: Vec<String> = (0..51).map(|nth| format!("f{nth}")).collect();
    let long = "x".repeat(257);
    for bad in [
        json!({"facets": many}),
        json!({"highlightPreTag": long}),
        json!({"highlightPostTag": long}),
        json!({"attributesToSnippet": ["body"], "snippetEllipsisText": long}),
    ] {
        assert_eq!(asked(bad).expect_err("too much").status, 400);
    }
}

#[test]
fn a_call_is_no_larger_than_can_be_held() {
    let size = |searches: Vec<Json>| {
        let all: Vec<Asked> = searches.into_iter().map(|one| asked(one).unwrap()).collect();
        check_size(&all).map_err(|refused| refused.status)
    };
    let bodies = |count: usize| json!({"hitsPerPage": count, "attributesToRetrieve": ["body"]});
    assert_eq!(size(vec![bodies(20)]), Ok(()));
    assert_eq!(size(vec![bodies(21)]), Err(400));
    assert_eq!(size(vec![bodies(11), bodies(10)]), Err(400));
    let marked = |tag: &str| json!({"attributesToHighlight": ["body"], "highlightPreTag": tag});
    assert_eq!(size(vec![marked("<b>")]), Ok(()));
    assert_eq!(size(vec![marked(&"x".repeat(65))]), Err(400));
    assert_eq!(size(vec![json!({"hitsPerPage": 1_000}); 5]), Ok(()));
    assert_eq!(size(vec![json!({"hitsPerPage": 1_000}); 6]), Err(400));
    assert_eq!(
        size(vec![json!({"facets": ["*"], "maxValuesPerFacet": 1_000}); 2]),
        Ok(())
    );
    assert_eq!(
        size(vec![json!({"facets": ["*"], "maxValuesPerFacet": 1_000}); 3]),
        Err(400)
    );
}

#[test]
fn what_would_choose_other_documents_is_refused_and_the_rest_ignored() {
    for bad in [
        json!({"tagFilters": ["a"]}),
        json!({"aroundLatLng": "1,2"}),
        json!({"aroundLatLngViaIP": true}),
        json!({"insideBoundingBox": [[1, 2, 3, 4]]}),
        json!({"optionalWords": "the"}),
        json!({"optionalFilters": ["kind:pdf"]}),
        json!({"distinct": 1}),
        json!({"advancedSyntax": true}),
        json!({"removeStopWords": ["en"]}),
        json!({"ignorePlurals": true}),
        json!({"disableTypoToleranceOnWords": ["a"]}),
        json!({"removeWordsIfNoResults": "lastWords"}),
        json!({"minWordSizefor1Typo": 0}),
        json!({"allowTyposOnNumericTokens": false}),
        json!({"relevancyStrictness": [1]}),
    ] {
        let refused = asked(bad.clone()).expect_err("not followed");
        let name = bad.as_object().unwrap().keys().next().unwrap();
        assert!(refused.status == 400 && refused.message.contains(name), "{refused:?}");
    }
    let empty = json!({"tagFilters": "", "distinct": false, "optionalFilters": [], "aroundLatLngViaIP": "false",
        "ruleContexts": ["a"], "analytics": true, "advancedSyntax": false, "removeWordsIfNoResults": "none",
        "minWordSizefor1Typo": 4, "allowTyposOnNumericTokens": true, "relevancyStrictness": null});
    assert!(asked(empty).is_ok());
}
