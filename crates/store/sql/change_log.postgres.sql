-- Positions are given after commit, by the stamper.
INSERT INTO change (record_id, token, made_at)
SELECT value::BIGINT, ((random() - 0.5) * 1.8e19)::BIGINT, $2
FROM json_array_elements_text($1::TEXT::JSON) AS ids (value)
