// Form fields: a label, a control, a hint, and the server's word about this very field.
import {
  type FormEvent,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  useId,
  useState,
} from "react";
import { type ApiError, asApiError } from "../api/client";
import { ErrorNotice } from "./basics";
import { Sentence, Words } from "./words";

type FieldProps = {
  label: string;
  /** A text may quote values with backticks. */
  hint?: ReactNode;
  error?: string;
  children: (ids: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean | undefined;
  }) => ReactNode;
};

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {typeof hint === "string" ? <Words text={hint} /> : hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          <Sentence text={error} />
        </p>
      )}
    </div>
  );
}

type TextFieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> & {
  label: string;
  hint?: ReactNode;
  error?: string;
  value: string;
  onChange: (value: string) => void;
};

export function TextField({ label, hint, error, value, onChange, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <input type="text" {...rest} {...ids} value={value} onChange={(e) => onChange(e.target.value)} />
      )}
    </Field>
  );
}

type TextAreaProps = {
  label: string;
  hint?: ReactNode;
  error?: string;
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  mono?: boolean;
  required?: boolean;
  placeholder?: string;
};

export function TextAreaField({
  label,
  hint,
  error,
  value,
  onChange,
  rows = 4,
  mono,
  ...rest
}: TextAreaProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <textarea
          {...rest}
          {...ids}
          rows={rows}
          className={mono ? "mono" : undefined}
          spellCheck={!mono}
          value={value}
          onChange={(e) => onChange(e.target.value)}
        />
      )}
    </Field>
  );
}

type SelectProps = Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange" | "value"> & {
  label: string;
  hint?: ReactNode;
  error?: string;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
};

export function SelectField({ label, hint, error, value, onChange, options, ...rest }: SelectProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <select {...rest} {...ids} value={value} onChange={(e) => onChange(e.target.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type CheckProps = {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
};

export function CheckField({ label, hint, checked, onChange }: CheckProps) {
  return (
    <label className="check">
      <input type="checkbox" checked={checked} onChange={(e) => onChange(e.target.checked)} />
      <span>
        {label}
        {hint && <span className="hint">{typeof hint === "string" ? <Words text={hint} /> : hint}</span>}
      </span>
    </label>
  );
}

type RadioProps<T extends string> = {
  legend: string;
  name: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: string; hint?: string }[];
};

export function RadioField<T extends string>({ legend, name, value, onChange, options }: RadioProps<T>) {
  return (
    <fieldset className="radios">
      <legend>{legend}</legend>
      {options.map((option) => (
        <label className="check" key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>
            {option.label}
            {option.hint && <span className="hint">{option.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Runs a write: keeps whether it is under way and what the server refused. */
export function useAction(): {
  busy: boolean;
  error: ApiError | null;
  /** The refusal, unless it names fields, which then show it themselves. */
  general: ApiError | null;
  run: <T>(work: () => Promise<T>) => Promise<T | undefined>;
  clear: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  return {
    busy,
    error,
    general: error && error.fields.length === 0 ? error : null,
    clear: () => setError(null),
    run: async (work) => {
      setBusy(true);
      setError(null);
      try {
        return await work();
      } catch (failure) {
        setError(asApiError(failure));
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}

type FormProps = { onSubmit: () => void; error?: ApiError | null; children: ReactNode; className?: string };

/** A form that submits without leaving the page and shows a refusal above its buttons. */
export function Form({ onSubmit, error, children, className }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className={className ?? "form"} onSubmit={submit}>
      {error && <ErrorNotice error={error} />}
      {children}
    </form>
  );
}
