// A text area for YAML: line numbers, the indentation kept on Enter, and the mistakes it was told of.
import { type KeyboardEvent, useRef } from "react";
import { Field } from "../ui/form";

type EditorProps = {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  errors: { line: number; message: string }[];
  rows?: number;
};

export function YamlEditor({ label, hint, value, onChange, errors, rows = 18 }: EditorProps) {
  const gutter = useRef<HTMLPreElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const wrong = new Set(value === "" ? [] : errors.map((error) => error.line));
  const lines = value.split("\n").length;

  // Enter begins the next line where this one began. Tab keeps moving the focus, as everywhere.
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    const box = event.currentTarget;
    const before = value.slice(0, box.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const indent = /^\s*(?:- )?/.exec(line)?.[0].replace("-", " ") ?? "";
    const deeper = /:\s*$/.test(line) ? "  " : "";
    event.preventDefault();
    // Keeps the browser's undo history.
    if (!document.execCommand("insertText", false, `\n${indent}${deeper}`)) {
      box.setRangeText(`\n${indent}${deeper}`, box.selectionStart, box.selectionEnd, "end");
      onChange(box.value);
    }
  };

  const goTo = (line: number) => {
    const start =
      value
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length + (line > 1 ? 1 : 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start);
  };

  return (
    <>
      <Field label={label} hint={hint}>
        {(ids) => (
          <div className="yaml">
            <pre className="yaml-lines" ref={gutter} aria-hidden="true">
              {Array.from({ length: lines }, (_, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a line's name is its number.
                <span key={at} className={wrong.has(at + 1) ? "wrong" : undefined}>
                  {at + 1}
                  {"\n"}
                </span>
              ))}
            </pre>
            <textarea
              {...ids}
              ref={area}
              className="mono"
              rows={rows}
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
              wrap="off"
              dir="ltr"
              aria-invalid={errors.length > 0 && value !== ""}
              value={value}
              onChange={(event) => onChange(event.target.value)}
              onKeyDown={onKeyDown}
              onScroll={(event) => {
                if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
              }}
            />
          </div>
        )}
      </Field>
      {value !== "" && errors.length > 0 && (
        <ul className="yaml-errors" aria-label="Mistakes">
          {errors.map((error) => (
            <li key={`${error.line}${error.message}`}>
              <button type="button" className="link-button" onClick={() => goTo(error.line)}>
                Line {error.line}
              </button>
              : {error.message}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
