-- Up Migration

-- A spreadsheet reads a cell that begins with = + - @ (also after white space, also in their full-width forms) as a formula.
-- An apostrophe in front makes it the text that it is. Only for text: a negative number is a number.
CREATE FUNCTION flotilla.spreadsheet_text(t text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  -- most texts begin with a letter or a digit, and need no look at the rest
  RETURN CASE WHEN ascii(t) BETWEEN 48 AND 57 OR ascii(t) BETWEEN 65 AND 123 THEN t
    WHEN t ~ '^[[:space:][:cntrl:]]*[=+\-@|\u2212\uFE62\uFE63\uFF0B\uFF0D\uFF1D\uFF20]' OR t ~ '^[[:cntrl:]]' THEN '''' || t
    ELSE t END;

CREATE INDEX costs_simulated ON flotilla.costs (tenant_id) WHERE simulated;

-- BCP 47: how numbers and dates are written in reports.
ALTER TABLE flotilla.tenants ADD COLUMN locale text NOT NULL DEFAULT 'en-US' CHECK (locale ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$');

-- Down Migration

ALTER TABLE flotilla.tenants DROP COLUMN locale;
DROP INDEX flotilla.costs_simulated;
DROP FUNCTION flotilla.spreadsheet_text(text);
