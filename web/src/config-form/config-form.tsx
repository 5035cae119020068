// A form for a configuration that only its JSON schema describes.
import type { JsonSchema } from "../api/types";
import { CheckField, Field, SelectField, TextAreaField, TextField } from "../ui/form";
import {
  type Config,
  fieldsOf,
  initialConfig,
  isByteCount,
  isSecret,
  type SchemaField,
  titleOf,
  typeOf,
  variantIndex,
  variantsOf,
} from "./schema";
import { SizeField } from "./size-field";

type FormProps = {
  schema: JsonSchema;
  root?: JsonSchema;
  value: Config;
  onChange: (value: Config) => void;
  /** What the server said about a field, by dotted path. */
  problem?: (path: string) => string | undefined;
  path?: string;
  /** Secrets that are kept when their field stays empty. */
  keepSecrets?: boolean;
};

export function ConfigForm({
  schema,
  root = schema,
  value,
  onChange,
  problem,
  path = "",
  keepSecrets,
}: FormProps) {
  return fieldsOf(schema, root)
    .filter((field) => field.schema.const === undefined)
    .map((field) => (
      <SchemaInput
        key={field.name}
        field={field}
        root={root}
        path={path + field.name}
        value={value[field.name]}
        onChange={(next) => onChange({ ...value, [field.name]: next })}
        problem={problem}
        keepSecrets={keepSecrets}
      />
    ));
}

type InputProps = {
  field: SchemaField;
  root: JsonSchema;
  path: string;
  value: unknown;
  onChange: (value: unknown) => void;
  problem?: (path: string) => string | undefined;
  keepSecrets?: boolean;
};

function SchemaInput(props: InputProps) {
  const { field, value, onChange, problem, path } = props;
  const { schema, required } = field;
  const label = titleOf(field.name, schema) + (required ? "" : " (optional)");
  const hint = plainText(schema.description);
  const error = problem?.(path);
  const variants = variantsOf(schema);
  if (variants.length > 0) return <Alternatives {...props} variants={variants} />;
  switch (typeOf(schema)) {
    case "object":
      return schema.properties ? (
        <Nested {...props} schema={schema} />
      ) : (
        <JsonInput {...props} label={label} />
      );
    case "boolean":
      return (
        <CheckField
          label={titleOf(field.name, schema)}
          hint={hint}
          checked={value === true}
          onChange={(checked) => onChange(checked)}
        />
      );
    case "array":
      if (typeOf(schema.items ?? {}) === "object") return <JsonInput {...props} label={label} />;
      return (
        <TextAreaField
          label={label}
          hint={hint ? `${hint} One per line.` : "One per line."}
          error={error}
          rows={3}
          mono
          required={required}
          placeholder={example(schema)}
          value={Array.isArray(value) ? value.join("\n") : ""}
          onChange={(text) => onChange(linesOf(text, schema.items ?? {}))}
        />
      );
    default:
      return <Scalar {...props} label={label} hint={hint} error={error} />;
  }
}

type ScalarProps = InputProps & { label: string; hint: string | undefined; error: string | undefined };

function Scalar(props: ScalarProps) {
  const { field, value, onChange, label, hint, error } = props;
  const { schema, required } = field;
  const type = typeOf(schema);
  const shared = { label, hint, error, required, value: textOf(value) };
  if (schema.enum) return <Choice {...props} values={schema.enum} />;
  if (type === "integer" && isByteCount(field)) return <SizeField {...props} />;
  if (type === "integer" || type === "number") {
    return (
      <TextField
        {...shared}
        type="number"
        step={type === "integer" ? 1 : "any"}
        min={schema.minimum}
        max={schema.maximum}
        onChange={(text) => onChange(text === "" ? undefined : Number(text))}
      />
    );
  }
  if (schema.multiline) return <TextAreaField {...shared} mono onChange={onChange} />;
  if (isSecret(schema)) return <Secret {...props} />;
  return (
    <TextField
      {...shared}
      type={inputType(schema.format)}
      autoComplete="off"
      minLength={schema.minLength}
      maxLength={schema.maxLength}
      pattern={usablePattern(schema.pattern)}
      placeholder={example(schema)}
      onChange={onChange}
    />
  );
}

function Secret({ field, value, onChange, label, hint, error, keepSecrets }: ScalarProps) {
  return (
    <TextField
      label={label}
      hint={keepSecrets ? `${hint ?? ""} Left empty, the present one is kept.`.trim() : hint}
      error={error}
      type="password"
      autoComplete="new-password"
      required={field.required && !keepSecrets}
      value={textOf(value)}
      onChange={onChange}
    />
  );
}

function Choice({ field, value, onChange, label, hint, error, values }: ScalarProps & { values: unknown[] }) {
  const options = values.map((each) => ({ value: String(each), label: String(each) }));
  const chosen = textOf(value);
  return (
    <SelectField
      label={label}
      hint={hint}
      error={error}
      required={field.required}
      value={chosen}
      onChange={(text) => onChange(values.find((each) => String(each) === text))}
      options={chosen === "" || !field.required ? [{ value: "", label: "–" }, ...options] : options}
    />
  );
}

const textOf = (value: unknown): string => (value === undefined || value === null ? "" : String(value));

function Nested({
  field,
  root,
  path,
  value,
  onChange,
  problem,
  keepSecrets,
  schema,
}: InputProps & { schema: JsonSchema }) {
  return (
    <fieldset className="nested">
      <legend>{titleOf(field.name, field.schema)}</legend>
      {schema.description && <p className="hint">{plainText(schema.description)}</p>}
      <ConfigForm
        schema={schema}
        root={root}
        path={`${path}.`}
        value={(value as Config | undefined) ?? {}}
        onChange={onChange}
        problem={problem}
        keepSecrets={keepSecrets}
      />
    </fieldset>
  );
}

function Alternatives(props: InputProps & { variants: JsonSchema[] }) {
  const { field, root, path, value, onChange, problem, variants, keepSecrets } = props;
  const at = variantIndex(variants, value);
  const chosen = variants[at] ?? {};
  return (
    <fieldset className="nested">
      <legend>{titleOf(field.name, field.schema)}</legend>
      <SelectField
        label="Kind"
        hint={plainText(field.schema.description)}
        value={String(at)}
        onChange={(next) => onChange(initialConfig(variants[Number(next)] ?? {}, root))}
        options={variants.map((variant, number) => ({
          value: String(number),
          label: variant.title ?? `Alternative ${number + 1}`,
        }))}
      />
      <ConfigForm
        schema={chosen}
        root={root}
        path={`${path}.`}
        value={(value as Config | undefined) ?? {}}
        onChange={onChange}
        problem={problem}
        keepSecrets={keepSecrets}
      />
    </fieldset>
  );
}

/** For shapes that no field fits: the value as JSON, taken over whenever it can be read. */
function JsonInput({ field, path, value, onChange, problem, label }: InputProps & { label: string }) {
  return (
    <Field label={label} hint={plainText(field.schema.description) ?? "As JSON."} error={problem?.(path)}>
      {(ids) => (
        <textarea
          {...ids}
          className="mono"
          rows={4}
          spellCheck={false}
          defaultValue={value === undefined ? "" : JSON.stringify(value, null, 2)}
          onChange={(event) => {
            try {
              onChange(event.target.value.trim() === "" ? undefined : JSON.parse(event.target.value));
              event.target.setCustomValidity("");
            } catch (error) {
              event.target.setCustomValidity(
                `This is not JSON: ${error instanceof Error ? error.message : error}`,
              );
            }
          }}
        />
      )}
    </Field>
  );
}

function linesOf(text: string, items: JsonSchema): unknown[] {
  if (text === "") return [];
  const lines = text.split("\n");
  const type = typeOf(items);
  if (type !== "integer" && type !== "number") return lines;
  return lines.map((line) => (line.trim() !== "" && !Number.isNaN(Number(line)) ? Number(line) : line));
}

function example(schema: JsonSchema): string | undefined {
  const first = schema.examples?.[0] ?? schema.items?.examples?.[0];
  return first === undefined ? undefined : String(first);
}

function inputType(format: string | undefined): string {
  if (format === "email") return "email";
  return format === "uri" || format === "url" ? "url" : "text";
}

/** A pattern is written in another dialect; one that this browser can't read is left to the server. */
function usablePattern(pattern: string | undefined): string | undefined {
  if (!pattern) return undefined;
  try {
    new RegExp(pattern, "v");
    return pattern;
  } catch {
    return undefined;
  }
}

/** Descriptions come with markup here and there; it is shown as plain text. */
function plainText(description: string | undefined): string | undefined {
  return description?.replace(/<[^>]+>/g, "").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
}
